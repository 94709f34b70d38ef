# Value scenario mcp.registry.manage.pin-a-server
set -eu
mcp-registry pin search 2.1.0
mcp-registry list | grep -q 'search *2.1.0 *pinned'
mcp-registry unpin search
