@publisher @P1 @seed-baseline
Feature: Publishers from the command line
  `lk` joins a room as a participant of its own and publishes files.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario: A publisher of video and audio
    When "Ada" starts a CLI publisher to room "tower" using service "livekit"
    Then the CLI publisher "Ada" should be connected to room "tower"
    And participant "Ada" should have 2 published tracks in room "tower" using service "livekit"
    And participant "Ada" should be publishing video in room "tower" using service "livekit"
    And participant "Ada" should have audio track unmuted in room "tower" using service "livekit"

  Scenario: A publisher of video alone
    When "Ada" starts a CLI video-only publisher to room "tower" using service "livekit"
    Then participant "Ada" should have 1 published tracks in room "tower" using service "livekit"
    And participant "Ada" video track should have source "camera" in room "tower" using service "livekit"
    And the CLI publisher should have exactly 1 video layer in room "tower" using service "livekit"

  Scenario: A publisher of audio alone
    When "Ada" starts a CLI audio-only publisher to room "tower" using service "livekit"
    Then participant "Ada" should have published audio track in room "tower" using service "livekit"
    And participant "Ada" should not be publishing video in room "tower" using service "livekit"

  Scenario: Each of two publishers has the other's video
    When "Ada" starts a CLI publisher with "video" to room "tower" using service "livekit"
    And "Bob" starts a CLI publisher with "video, audio" to room "tower" using service "livekit"
    Then participant "Ada" should have 1 remote video tracks available in room "tower" using service "livekit"
    And participant "Bob" should have 1 remote video tracks available in room "tower" using service "livekit"

  # On 1.5.3 the participants of lk 2.15.0 publish and never become active.
  @MinServerVersion:v1.7.2
  Scenario: Publishers are active participants
    When "Ada" starts a CLI audio-only publisher to room "tower" using service "livekit"
    And "Bob" starts a CLI audio-only publisher to room "tower" using service "livekit"
    Then room "tower" should have 2 active participants in service "livekit"

  Scenario: A publisher that is removed is gone
    Given "Ada" starts a CLI audio-only publisher to room "tower" using service "livekit"
    When the system removes participant "Ada" from room "tower" using service "livekit"
    Then participant "Ada" should not exist in room "tower" using service "livekit"
