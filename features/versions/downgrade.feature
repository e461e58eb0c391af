@versions @downgrade @P2 @seed-2.3.3 @MinServerVersion:v1.13.5
Feature: Downgrades
  After an update that went wrong, people go back to the version before, with redis as it is.
  Each pair of versions says what is expected; what was lost is named by the step that misses it.

  Background:
    Given a Redis server is running in a container with service name "redis"
    And a LiveKit server is running in a container with service name "livekit" using config profile "with_egress"
    And room "tower" is created using service "livekit"
    And room metadata for "tower" is set to "open until six" using service "livekit"
    And room "tower" should have metadata "open until six" in service "livekit"

  Scenario Outline: Rooms and their metadata are still there on <older>
    When service "livekit" is killed
    And service "livekit" is started again as version "<older>"
    Then room "tower" should exist in service "livekit"
    And room "tower" should have metadata "open until six" in service "livekit"

    Examples:
      | older  |
      | 1.11.0 |
      | 1.10.1 |
      | 1.9.11 |
      | 1.8.4  |
      | 1.7.2  |
      | 1.5.3  |

  Scenario Outline: A room whose server crashed takes people again on <older>
    Given participant "Ada" joins room "tower" using service "livekit"
    And participant "Ada" publishes audio
    When service "livekit" is killed
    And service "livekit" is started again as version "<older>"
    And participant "Ben" joins room "tower" using service "livekit"
    Then participant "Ben" should appear in room "tower" using service "livekit"
    And room "tower" should have metadata "open until six" in service "livekit"

    Examples:
      | older  |
      | 1.11.0 |
      | 1.10.1 |
      | 1.9.11 |
      | 1.8.4  |
      | 1.7.2  |
      | 1.5.3  |
