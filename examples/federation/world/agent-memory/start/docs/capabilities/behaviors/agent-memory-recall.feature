@behavior:AGENT.MEMORY.RECALL @status:ready
Feature: Recalling facts

  Scenario: A fact comes with its source
    Given a note that says "The review is on Thursday"
    When an agent asks when the review is
    Then it learns "Thursday"
    And it is shown the note

  Scenario: What was forgotten stays forgotten
    Given a fact that its owner deleted
    When an agent asks for it
    Then nothing is found
