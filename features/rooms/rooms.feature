@rooms @P1 @seed-baseline
Feature: Rooms
  Rooms are made and ended through the API of the server.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario: A room that was created is there
    When room "tower" is created using service "livekit"
    Then room "tower" should exist in service "livekit"
    And room "tower" should have 0 active participants in service "livekit"

  Scenario: A room that was deleted is gone
    Given room "tower" is created using service "livekit"
    When the system deletes room "tower" using service "livekit"
    And the system fetches all rooms from service "livekit"
    Then the room count should be 0
