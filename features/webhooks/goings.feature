@webhooks @P1 @seed-baseline
Feature: Webhooks about those who come and go by themselves
  An application that counts who is in a call must hear of everybody, however they leave.

  Background:
    Given a mock HTTP server is running in a container with service name "hooks"
    And a LiveKit server is running in a container with service name "livekit" using config profile "webhook"

  Scenario: Who comes, publishes, takes it back and leaves is told of at each step
    When participant "Ada" joins room "tower" using service "livekit"
    Then "hooks" should have received a "participant_joined" event for participant "Ada" in room "tower"
    When participant "Ada" publishes audio
    Then "hooks" should have received a "track_published" event for "microphone" track from "Ada" in room "tower"
    When participant "Ada" unpublishes audio
    Then "hooks" should have received a "track_unpublished" event for "microphone" track from "Ada" in room "tower"
    When participant "Ada" leaves
    Then "hooks" should have received a "participant_left" event for participant "Ada" in room "tower"
    And "hooks" should have received 1 "participant_joined" events for room "tower"
    And "hooks" should have received 1 "participant_left" events for room "tower"

  Scenario: Who comes back into the same session is told of once
    Given participant "Ada" joins room "tower" using service "livekit"
    And participant "Ada" publishes audio
    When the signal connection of participant "Ada" breaks
    Then participant "Ada" should have resumed its session
    When participant "Ada" leaves
    Then "hooks" should have received a "participant_left" event for participant "Ada" in room "tower"
    And "hooks" should have received 1 "participant_joined" events for room "tower"

  # The changelog names it at 1.9.1; 1.5.3, 1.7.2 and 1.8.4 tell nobody of such a participant.
  @MinServerVersion:v1.9.1
  Scenario: Who leaves before any media connects never joined
    When participant "Ada" gives up joining room "tower" using service "livekit"
    Then "hooks" should have received a "participant_connection_aborted" event for participant "Ada" in room "tower"
    And "hooks" should not have received a "participant_joined" event for participant "Ada" in room "tower"
