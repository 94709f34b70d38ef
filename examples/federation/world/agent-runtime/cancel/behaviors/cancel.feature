@behavior:agent.runtime.cancel-is-final @status:draft
Feature: Stopping a plan

  Scenario: A cancelled plan calls no further tool
    Given a plan that waits for a slow tool
    When its owner cancels it
    Then the tool's answer is dropped
    And no further tool is called
