@behavior:voice.interface.asks-first @status:ready
Feature: Speaking a command

  Scenario: Nothing happens before the speaker agrees
    Given a speaker who says "Silence the build channel"
    When the sentence was understood
    Then the command is read back
    And it is not run before the speaker says "yes"

  Scenario: An unclear sentence is asked again
    Given a sentence that could mean two commands
    When it was heard
    Then both are offered
