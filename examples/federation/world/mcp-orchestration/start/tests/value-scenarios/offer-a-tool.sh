# Value scenario mcp.orchestration.serve.offer-a-tool
set -eu
mcp-serve add search "$SEARCH_SERVER"
mcp-serve allow search team-agents
mcp-serve tools --as team-agents | grep -q '^search'
