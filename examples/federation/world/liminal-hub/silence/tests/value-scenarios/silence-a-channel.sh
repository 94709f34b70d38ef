# Value scenario liminal.hub.route.silence-a-channel
set -eu
hub silence builds --until tomorrow
hub send builds "The build is ready"
hub delivery --last | grep -q 'builds.*held'
