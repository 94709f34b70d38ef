@behavior:mcp.session.closed-when-idle @status:ready
Feature: What a session promises

  Scenario: An idle session is closed and says so
    Given a session that nobody used for thirty minutes
    When the agent calls a tool
    Then it is told that the session has ended
    And no tool was called
