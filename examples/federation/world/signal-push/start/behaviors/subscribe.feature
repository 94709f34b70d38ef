@behavior:signal.push.quiet-hours-kept @status:ready
Feature: Sending notices

  Scenario: Nothing is sent in quiet hours
    Given a subscription that is quiet from 18:00 to 08:00
    When a signal is filed at 23:00
    Then its notice is sent at 08:00

  Scenario: One change is told once
    Given two subscriptions of one person that both match
    When a signal is filed
    Then the person gets one notice
