@participants @P1 @seed-baseline
Feature: Leaving and being removed
  Who leaves or is put out must be gone for everybody, and must know why.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ada" publishes audio
    And participant "Ben" joins room "tower" using service "livekit"
    And participant "Ben" publishes audio
    And participant "Ada" should see participant "Ben"

  Scenario: Who leaves is gone for the others
    When participant "Ben" leaves
    Then participant "Ada" should see participant "Ben" leave
    And participant "Ben" should not exist in room "tower" using service "livekit"

  Scenario: Who is removed knows it, and may come again
    When the system removes participant "Ben" from room "tower" using service "livekit"
    Then participant "Ben" should be disconnected because "participant removed"
    And participant "Ben" should not exist in room "tower" using service "livekit"
    When participant "Ben" joins room "tower" using service "livekit"
    Then room "tower" should have 2 active participants in service "livekit"

  Scenario: Who comes in on a second device puts the first one out
    When participant "Ben's phone" joins room "tower" using service "livekit" as "Ben"
    Then participant "Ben" should be disconnected because "duplicate identity"
    And participant "Ben's phone" should be connected
    And room "tower" should have 2 active participants in service "livekit"

  Scenario: When the room is deleted, all are out
    When the system deletes room "tower" using service "livekit"
    Then participant "Ada" should be disconnected because "room deleted"
    And participant "Ben" should be disconnected because "room deleted"
