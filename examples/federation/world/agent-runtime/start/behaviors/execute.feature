Feature: Running a plan

  @behavior:agent.runtime.step-traced @status:ready
  Scenario: Every step leaves a span
    Given a plan with three steps
    When it has run
    Then its trace holds three spans in the order of the steps

  @behavior:agent.runtime.budget-stops-plan @status:ready
  Scenario: A plan stops where its budget ends
    Given a plan with four steps and a budget for two
    When it runs
    Then two steps were done
    And the result says which step was next
