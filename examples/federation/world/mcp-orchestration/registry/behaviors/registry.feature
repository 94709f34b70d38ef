@behavior:mcp.registry.server-pinned @status:ready
Feature: Keeping the list of servers

  Scenario: A pinned server stays where it is
    Given the server "search" is pinned at 2.1.0
    When "search" publishes 2.2.0
    Then agents still reach 2.1.0

  Scenario: A pin names who set it
    When an operator pins "search" at 2.1.0
    Then the registry shows the operator and the time
