Feature: Build a catalog from registered repositories
  A team names its repositories and gets pages and data that say what they offer, and what does not fit.
  Each scenario is the first line of a test in test_build.py.

  @behavior:chora.catalog.build.publish @status:ready
  Scenario: A registered capability gets a page and a JSON twin
    Given a repository with a manifest and a registry that names it
    When the catalog is built
    Then the capability has a page and a JSON twin with its owner and contact

  @behavior:chora.catalog.build.publish @status:ready
  Scenario: A dependent that no longer fits is shown as breaking
    Given a capability that depends on version 1 of another
    When the other one releases version 2 and the catalog is built
    Then the dependent is breaking, with the range that does not admit it

  @behavior:chora.catalog.build.keep-last-good @status:ready
  Scenario: A source that stops answering keeps its last good state
    Given a catalog that was built while every source answered
    When one source is gone and the catalog is built again
    Then its capabilities are still there and the source is marked

  @behavior:chora.catalog.build.keep-last-good @status:ready
  Scenario: A first build in which nothing answers publishes nothing
    Given a registry whose only source does not exist
    When the catalog is built for the first time
    Then the exit code is 3 and there is no site
