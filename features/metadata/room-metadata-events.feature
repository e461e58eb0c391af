@metadata @P1 @seed-1.1.5
Feature: Changes of room metadata are told
  Applications steer a call by the metadata of its room, so everybody in it must learn of every change.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"

  Scenario: Everybody in the room learns of a change
    Given participant "Ben" joins room "tower" using service "livekit"
    And "Ada" starts listening for room metadata events
    And "Ben" starts listening for room metadata events
    When room metadata for "tower" is set to "open until six" using service "livekit"
    Then "Ada" should receive a room metadata update event with value "open until six"
    And "Ben" should receive a room metadata update event with value "open until six"

  Scenario: Each change is told once
    Given "Ada" starts listening for room metadata events
    When room metadata for "tower" is set to "one" using service "livekit"
    And "Ada" should receive a room metadata update event with value "one"
    And room metadata for "tower" is set to "two" using service "livekit"
    Then "Ada" should receive a room metadata update event with value "two"
    And "Ada" should have received 2 room metadata update events

  Scenario: Who comes later sees what is there
    Given room metadata for "tower" is set to "open until six" using service "livekit"
    When participant "Ben" joins room "tower" using service "livekit"
    Then "Ben" should see room metadata "open until six"
