Feature: Staying within a budget

  @behavior:mcp.serve.budget-kept @status:ready
  Scenario: A call beyond the budget is refused
    Given an agent with a budget of ten calls
    When it calls a tool for the eleventh time
    Then the call is refused
    And the answer says when the budget is renewed

  @behavior:mcp.serve.overload-refused @status:draft
  Scenario: A crowded server says so early
    Given a server at its limit
    When another agent asks for a session
    Then it is told to come back, and when
