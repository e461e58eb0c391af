@metadata @P1 @seed-1.1.5
Feature: Room metadata
  A room carries a text of the application, which everybody in it sees.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And room "tower" is created using service "livekit"

  Scenario: A new room has no metadata
    Then room "tower" should have empty metadata in service "livekit"

  Scenario: Metadata that was set can be read
    When room metadata for "tower" is set to "open until six" using service "livekit"
    Then room "tower" should have metadata "open until six" in service "livekit"

  Scenario Outline: Metadata of <bytes> bytes is kept whole
    When room metadata for "tower" is set to a string of <bytes> bytes using service "livekit"
    Then room "tower" should have metadata of length <bytes> bytes in service "livekit"

    Examples:
      | bytes |
      | 1     |
      | 60000 |
