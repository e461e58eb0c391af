@media @browser @metadata @P2 @seed-1.1.5
Feature: People in browsers see metadata change
  What an application writes on a room or on somebody shows on every page at once.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower" with grants "canPublish:false"
    And participant "Ben" joins room "tower" using service "livekit"

  Scenario Outline: Changes are told once each in <browser>
    Given "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And room "tower" should have 2 active participants in service "livekit"
    And "Ada" should see "Ben" in the meeting
    When "Ada" starts listening for room metadata events
    And "Ada" starts listening for participant metadata events
    And room metadata for "tower" is set to "open until six" using service "livekit"
    And participant "Ben" metadata is updated to "on the phone" in room "tower" using service "livekit"
    Then "Ada" should receive a room metadata update event with value "open until six"
    And "Ada" should receive a participant metadata update event for "Ben" with value "on the phone"
    And "Ada" should have received 1 room metadata update events
    And "Ada" should have received 1 participant metadata update events
    And "Ada" should see room metadata "open until six"
    And "Ada" should see participant "Ben" with metadata "on the phone"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Who comes later sees what was written before in <browser>
    Given room metadata for "tower" is set to "open until six" using service "livekit"
    And participant "Ben" metadata is updated to "on the phone" in room "tower" using service "livekit"
    When "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    Then "Ada" should see room metadata "open until six"
    And "Ada" should see participant "Ben" with metadata containing "phone"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
