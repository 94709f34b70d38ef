@behavior:platform.overview.fits-one-page @status:ready
Feature: The overview of a repository

  Scenario: A large repository still fits one page
    Given a repository with forty capabilities
    When its overview is written
    Then the page holds the ten most used
    And it says where the other thirty are
