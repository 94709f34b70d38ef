@behavior:platform.release.changes-named @status:ready
Feature: What a release has to have

  Scenario: A removed output without a major step is refused
    Given a release that removes an output
    When it is tagged as a minor release
    Then the policy refuses it
    And names the output
