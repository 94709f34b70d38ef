# Value scenario signal.push.subscribe.hear-of-a-break
set -eu
signal subscribe mcp.orchestration.serve --type breaking-change
signal file --dry-run mcp.orchestration.serve 3.0.0
signal notices --last | grep -q 'mcp.orchestration.serve'
