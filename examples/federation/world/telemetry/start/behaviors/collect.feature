@behavior:telemetry.trace.nothing-lost @status:ready
Feature: Collecting spans

  Scenario: A span sent during an outage arrives later
    Given the collector is unreachable for ten minutes
    When it comes back
    Then every span of those ten minutes arrives once
