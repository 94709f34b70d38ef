@behavior:example.thing.make.first
Feature: Making

  Scenario: It is made
    Given nothing
    When it is made
    Then it is there
