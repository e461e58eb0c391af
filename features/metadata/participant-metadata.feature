@metadata @P1 @seed-1.1.6
Feature: Metadata of participants
  Names and roles of people in a call often stand in their metadata, and everybody shows them.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario: What the token says of somebody is seen by the others
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublish:true" and metadata "keeper"
    And participant "Ada" joins room "tower" using service "livekit"
    When participant "Ben" joins room "tower" using service "livekit"
    Then "Ben" should see participant "Ada" with metadata "keeper"

  Scenario: A change through the API is told to the others and to the one it concerns
    Given participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"
    And "Ada" starts listening for participant metadata events
    And "Ben" starts listening for participant metadata events
    When participant "Ada" metadata is updated to "keeper" in room "tower" using service "livekit"
    Then "Ada" should receive a participant metadata update event for "Ada" with value "keeper"
    And "Ben" should receive a participant metadata update event for "Ada" with value "keeper"
    And participant "Ada" should have metadata "keeper" in room "tower" using service "livekit"

  Scenario: Who may change its own metadata does so
    Given an access token is created with identity "Ada" and room "tower" with grants "canUpdateOwnMetadata:true"
    And participant "Ada" joins room "tower" using service "livekit"
    When participant "Ada" sets its own metadata to "away"
    Then participant "Ada" should have metadata "away" in room "tower" using service "livekit"

  Scenario: Metadata may be JSON
    Given participant "Ada" joins room "tower" using service "livekit"
    When participant "Ada" metadata is updated to '{"role": "keeper"}' in room "tower" using service "livekit"
    Then participant "Ada" metadata should be valid JSON in room "tower" using service "livekit"
    And participant "Ada" should have metadata containing "keeper" in room "tower" using service "livekit"
