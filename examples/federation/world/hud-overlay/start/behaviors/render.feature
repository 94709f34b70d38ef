@behavior:hud.overlay.never-covers-text @status:draft
Feature: Drawing over a scene

  Scenario: The overlay leaves text readable
    Given a scene with a line of text at its lower edge
    When an agent reports its status
    Then the overlay moves to the upper edge
