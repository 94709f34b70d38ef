Feature: Serving tools over MCP

  @behavior:mcp.serve.tools-listed @status:ready
  Scenario: An agent sees the tools it may use
    Given a server that offers "search" and "delete"
    And an agent that may use "search" only
    When the agent lists its tools
    Then it sees "search"
    And it does not see "delete"

  @behavior:mcp.serve.tools-listed @status:ready
  Scenario: A retired server is no longer listed
    Given a server that was retired an hour ago
    When an agent lists its tools
    Then none of that server's tools are among them

  @behavior:mcp.serve.session-refreshed @status:ready
  Scenario: A session outlives a restart
    Given an open session
    When the service restarts
    Then the agent continues without asking again
