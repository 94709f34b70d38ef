# Value scenario liminal.hub.route.reach-a-person
set -eu
hub send mei "The build is ready"
hub delivery --last | grep -q 'mei.*shown'
