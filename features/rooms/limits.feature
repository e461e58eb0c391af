@rooms @P1 @seed-baseline
Feature: Limits of rooms
  A room that never ends, or that takes anybody, costs the one who pays for the server.

  Scenario: An empty room closes by itself
    Given the LiveKit config has "room.empty_timeout" set to "1"
    And a LiveKit server is running in a container with service name "livekit"
    When room "tower" is created using service "livekit"
    Then room "tower" should close in service "livekit"

  @RequiresFeature:departure-timeout
  Scenario: A room closes after the last one left
    Given the LiveKit config has "room.departure_timeout" set to "1"
    And a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    When participant "Ada" leaves
    Then room "tower" should close in service "livekit"

  Scenario: A room with somebody in it stays open
    Given the LiveKit config has "room.empty_timeout" set to "1"
    And a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    And room "cellar" is created using service "livekit"
    When room "cellar" should close in service "livekit"
    Then room "tower" should exist in service "livekit"
    And participant "Ada" should be connected

  Scenario: One participant too many is refused
    Given the LiveKit config has "room.max_participants" set to "1"
    And a LiveKit server is running in a container with service name "livekit"
    When participant "Ada" joins room "tower" using service "livekit"
    # Why it was refused stands in the log of the server only.
    Then participant "Ben" cannot join room "tower" using service "livekit" because "500"
    And room "tower" should have 1 active participants in service "livekit"

  Scenario: A room that nobody made is refused where rooms are not made by joining
    Given the LiveKit config has "room.auto_create" set to "false"
    And a LiveKit server is running in a container with service name "livekit"
    Then participant "Ada" cannot join room "tower" using service "livekit" because "404 requested room does not exist"
    When room "tower" is created using service "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    Then room "tower" should have 1 active participants in service "livekit"
