@behavior:liminal.inbox.reason-given @status:ready
Feature: Sorting an inbox

  Scenario: Every message has a reason
    Given an inbox with twelve messages
    When it is sorted
    Then each message lies on one of four piles
    And each one says why

  Scenario: A doubtful message waits for a person
    Given a message that could be dropped or delegated
    When the inbox is sorted
    Then the message waits
