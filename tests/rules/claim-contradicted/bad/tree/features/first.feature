@behavior:example.thing.make.first @status:draft
Feature: Making

  Scenario: It is made
    Given nothing
    When it is made
    Then it is there
