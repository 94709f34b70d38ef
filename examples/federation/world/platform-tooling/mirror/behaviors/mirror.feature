@behavior:platform.mirror.tampering-refused @status:ready
Feature: A catalog that travels

  Scenario: A changed file is noticed before it is opened
    Given a bundle in which one byte was changed
    When the other site imports it
    Then the import is refused
    And the site keeps the catalog it had
