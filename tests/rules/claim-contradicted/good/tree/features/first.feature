@behavior:example.thing.make.first @status:active
Feature: Making

  Scenario: It is made
    Given nothing
    When it is made
    Then it is there
