Feature: Routing messages

  @behavior:liminal.hub.message-delivered-once @status:ready
  Scenario: A message arrives once
    Given a person with two open devices
    When an agent sends a message
    Then it is shown on both
    And read on one means read on both
