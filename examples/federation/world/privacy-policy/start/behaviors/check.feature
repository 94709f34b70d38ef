@behavior:privacy.policy.refusal-explained @status:ready
Feature: Judging a flow

  Scenario: A refusal names its sentence
    Given the policy says "Voice recordings stay on the device"
    When a flow sends a recording to a server
    Then it is refused
    And the refusal quotes that sentence

  Scenario: What the policy does not mention is unclear
    Given the policy says nothing about floor plans
    When a flow sends a floor plan to a server
    Then the judgement is "unclear"
    And a person is asked
