@metadata @P2 @seed-1.1.5
Feature: The limit of metadata that a server has by itself
  Who writes more into metadata than the next version takes learns it in production.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And room "tower" is created using service "livekit"

  @MaxServerVersion:v1.5.3
  Scenario: The oldest servers take more than any newer one
    When room metadata for "tower" is set to a string of 524289 bytes using service "livekit"
    Then room "tower" should have metadata of length 524289 bytes in service "livekit"

  @MinServerVersion:v1.7.2 @MaxServerVersion:v1.11.0
  Scenario: A server takes 64000 bytes and no more
    When room metadata for "tower" is set to a string of 64000 bytes using service "livekit"
    Then room metadata for "tower" of 64001 bytes is refused by service "livekit"
    And room "tower" should have metadata of length 64000 bytes in service "livekit"

  @MinServerVersion:v1.13.5
  Scenario: A newer server takes 524288 bytes and no more
    When room metadata for "tower" is set to a string of 524288 bytes using service "livekit"
    Then room metadata for "tower" of 524289 bytes is refused by service "livekit"
    And room "tower" should have metadata of length 524288 bytes in service "livekit"
