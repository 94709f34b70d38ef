Feature: Take a catalog offline
  Somebody carries a signed catalog to a machine without a network, and can tell what they hold.
  Each scenario is the first line of a test in test_mirror.py.

  @behavior:chora.mirror.distribute.carry @status:ready
  Scenario: The tutorial works as it is written
    Given the catalog of the first tutorial
    When its steps are followed one by one
    Then the catalog stands far away, with the generation before, and each refusal is the one that is shown

  @behavior:chora.mirror.distribute.carry @status:ready
  Scenario: The copy is the catalog, page for page
    Given a signed catalog that was imported
    When its files are compared with those that were published
    Then each of them is there with the same bytes, and every link of its pages leads to one of them

  @behavior:chora.mirror.distribute.refuse @status:ready
  Scenario: A bundle that was changed on the way is not placed
    Given an imported catalog and a newer bundle with one byte changed
    When it is imported
    Then it is refused with the reason, and what stood stands
