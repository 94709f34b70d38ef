@behavior:telemetry.stream.metrics-joined @status:ready
Feature: One stream for spans and metrics

  Scenario: A slow span shows the load of its time
    Given a span that took nine seconds
    When an operator opens it
    Then the load of the same nine seconds is beside it
