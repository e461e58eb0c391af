@participants @P1 @seed-1.1.7
Feature: Publishing and muting
  People trust that nobody hears them while they are muted.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"

  Scenario: What one publishes, the others receive
    When participant "Ada" publishes audio
    And participant "Ada" publishes video
    Then participant "Ben" should receive audio from "Ada"
    And participant "Ben" should receive video from "Ada"
    And participant "Ada" should have 2 published tracks in room "tower" using service "livekit"

  Scenario: Muting is seen by the others, and so is the end of it
    Given participant "Ada" publishes audio
    And participant "Ben" should receive audio from "Ada"
    When participant "Ada" mutes audio
    Then participant "Ben" should see "Ada" with audio muted
    When participant "Ada" unmutes audio
    Then participant "Ben" should see "Ada" with audio unmuted
    And participant "Ben" should receive audio from "Ada"

  Scenario: Who mutes themselves knows it, and so does the server
    Given participant "Ada" publishes audio
    And participant "Ben" should receive audio from "Ada"
    When "Ada" mutes their audio
    Then "Ada" should have audio muted locally
    And participant "Ada" should have audio track muted in room "tower" using service "livekit"
    And participant "Ben" should see "Ada" with audio muted
    When "Ada" unmutes their audio
    Then "Ada" should have audio unmuted locally
    And participant "Ada" should have audio track unmuted in room "tower" using service "livekit"
    And participant "Ben" should receive audio from "Ada"

  Scenario: The API mutes somebody, who is told
    Given participant "Ada" publishes audio
    And participant "Ben" should receive audio from "Ada"
    When the audio of participant "Ada" is muted in room "tower" using service "livekit"
    Then participant "Ben" should see "Ada" with audio muted
    And participant "Ada" should see "Ada" with audio muted

  Scenario: A screen share comes and goes
    Given participant "Ada" publishes screen share
    And participant "Ben" should receive screen share from "Ada"
    When participant "Ada" unpublishes screen share
    Then participant "Ben" should see no screen share of "Ada"
