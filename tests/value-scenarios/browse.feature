Feature: Browse a catalog without a server
  Somebody who has only the folder finds what exists, who owns it, and how old the answer is.
  Each scenario is the first line of a test in test_browse.py.

  @behavior:chora.catalog.browse.find @status:ready
  Scenario: The first page leads to each capability, and each capability to its owner
    Given a built catalog
    When its first page is read
    Then it links every capability, and the page of each links its owner

  @behavior:chora.catalog.browse.from-disk @status:ready
  Scenario: No page asks anything of another host
    Given a built catalog with its documents
    When every page is read
    Then scripts, styles and images are files of the folder, and no page admits anything else

  @behavior:chora.catalog.browse.from-disk @status:ready
  Scenario: Every link between pages names a file that is there
    Given a built catalog with its documents
    When every link of every page is followed
    Then it leads to a file of the folder

  @behavior:chora.catalog.browse.from-disk @status:ready
  Scenario: No page claims to be fresh
    Given a built catalog
    When the pages are read without running their script
    Then none says how old it is, and the run record holds the instant
