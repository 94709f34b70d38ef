Feature: Govern a change
  Somebody says what they are going to change, in five lines, and nobody can make it something else afterwards.
  Each scenario is the first line of a test in test_govern.py.

  @behavior:chora.signal.govern.file @status:ready
  Scenario: The tutorial works as it is written
    Given the catalog of the first tutorial
    When its steps are followed one by one
    Then the signal has a page with everything derived and marked so, and the edit is refused

  @behavior:chora.signal.govern.file @status:ready
  Scenario: The web editor ends in the same file
    Given a catalog that names its forge
    When the link on a capability's page is followed, filled in and merged
    Then the gate lets it in and the next build shows the signal
