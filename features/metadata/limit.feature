@metadata @P2 @seed-1.1.5
Feature: The limit of metadata
  Metadata goes to everybody in the room again and again, so a server takes only so much of it.

  Background:
    # The setting changed its place; each version takes the one that it knows.
    Given the LiveKit config has "room.max_metadata_size" set to "1000"
    And the LiveKit config has "limit.max_metadata_size" set to "1000"
    And a LiveKit server is running in a container with service name "livekit"

  Scenario: Room metadata is taken up to the limit and refused above it
    Given room "tower" is created using service "livekit"
    When room metadata for "tower" is set to a string of 1000 bytes using service "livekit"
    Then room metadata for "tower" of 1001 bytes is refused by service "livekit"
    And room "tower" should have metadata of length 1000 bytes in service "livekit"

  Scenario: Participant metadata above the limit is refused
    Given participant "Ada" joins room "tower" using service "livekit"
    When participant "Ada" metadata is updated to "short" in room "tower" using service "livekit"
    Then metadata of 1001 bytes for participant "Ada" in room "tower" is refused by service "livekit"
    And participant "Ada" should have metadata "short" in room "tower" using service "livekit"
