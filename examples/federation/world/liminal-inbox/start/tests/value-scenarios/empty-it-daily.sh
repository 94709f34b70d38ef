# Value scenario liminal.inbox.triage.empty-it-daily
set -eu
inbox triage --json | grep -q '"reason"'
