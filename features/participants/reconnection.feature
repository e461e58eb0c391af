@participants @P1 @seed-baseline
Feature: Coming back after a broken connection
  Networks break all the time; a call should go on as if nothing had happened.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ada" publishes audio
    And participant "Ben" joins room "tower" using service "livekit"
    And participant "Ben" should receive audio from "Ada"

  Scenario: Who publishes comes back, and is heard again
    When the signal connection of participant "Ada" breaks
    Then participant "Ada" should have resumed its session
    And participant "Ben" should receive audio from "Ada"
    And participant "Ben" should not have seen participant "Ada" leave

  Scenario: Who listens comes back, and hears again
    When the signal connection of participant "Ben" breaks
    Then participant "Ben" should have resumed its session
    And participant "Ben" should receive audio from "Ada"

  Scenario: Metadata that changed meanwhile is seen
    When the signal connection of participant "Ben" breaks
    And room metadata for "tower" is set to "open until six" using service "livekit"
    Then participant "Ben" should have resumed its session
    And "Ben" should see room metadata "open until six"

  Scenario: Who vanishes for a moment goes on afterwards
    When participant "Ada" vanishes
    And participant "Ada" comes back
    Then participant "Ben" should receive audio from "Ada"
    And participant "Ben" should not have seen participant "Ada" leave
