@webhooks @P1 @seed-baseline
Feature: Webhooks about participants and tracks
  Who comes and goes, and what they publish, is told as it happens.

  Background:
    Given a mock HTTP server is running in a container with service name "hooks"
    And a LiveKit server is running in a container with service name "livekit" using config profile "webhook"

  Scenario: A room that begins with its first participant is told
    When "Ada" starts a CLI audio-only publisher to room "tower" using service "livekit"
    Then "hooks" should have received 1 "room_started" events for room "tower"
    And "hooks" should not have received a "participant_left" event for participant "Ada" in room "tower"

  Scenario: Published tracks are told with what they are
    When "Ada" starts a CLI publisher to room "tower" using service "livekit"
    Then "hooks" should have received a "track_published" event for track type "audio" in room "tower"
    And "hooks" should have received a "track_published" event for track type "video" in room "tower"
    And "hooks" should have received a "track_published" event for track source "camera" in room "tower"
    And "hooks" should have received a "track_published" event for "microphone" track from "Ada" in room "tower"
    And "hooks" should have received 2 "track_published" events for room "tower"

  Scenario: Tracks that end with their participant are told
    Given "Ada" starts a CLI publisher to room "tower" using service "livekit"
    When the system removes participant "Ada" from room "tower" using service "livekit"
    Then "hooks" should have received a "track_unpublished" event for "video" track from "Ada" in room "tower"
    And "hooks" should have received 2 "track_unpublished" events for room "tower"

  # Servers tell of participants once they are active, which on 1.5.3 those of lk 2.15.0 never become.
  @MinServerVersion:v1.7.2
  Scenario: A participant who joins is told
    When "Ada" starts a CLI audio-only publisher to room "tower" using service "livekit"
    Then "hooks" should have received a "participant_joined" event for participant "Ada" in room "tower"
    And "hooks" should have received a "participant_joined" event for participant "Ada" in room "tower" with empty metadata

  @MinServerVersion:v1.7.2
  Scenario: A participant who is removed is told, with the metadata of then
    Given "Ada" starts a CLI audio-only publisher to room "tower" using service "livekit"
    And "hooks" should have received a "participant_joined" event for participant "Ada" in room "tower"
    And participant "Ada" metadata is updated to "on stage" in room "tower" using service "livekit"
    When the system removes participant "Ada" from room "tower" using service "livekit"
    Then "hooks" should have received a "participant_left" event for participant "Ada" in room "tower"
    And "hooks" should have received a "participant_left" event for participant "Ada" in room "tower" with metadata "on stage"

  @MinServerVersion:v1.7.2
  Scenario: The end of a room ends its participants
    Given "Ada" starts a CLI audio-only publisher to room "tower" using service "livekit"
    And "hooks" should have received a "participant_joined" event for participant "Ada" in room "tower"
    When the system deletes room "tower" using service "livekit"
    Then "hooks" should have received a "participant_left" event for participant "Ada" in room "tower"
    And "hooks" should have received a "room_finished" event for room "tower"
