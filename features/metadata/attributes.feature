@metadata @P2 @seed-1.1.6 @RequiresFeature:participant-attributes
Feature: Attributes of participants
  Attributes change one by one, where metadata changes as a whole.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower" with grants "canUpdateOwnMetadata:true" and attributes "role=keeper"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"

  Scenario: A change of one attribute leaves the others alone
    When participant "Ada" attributes are updated to "hand=raised" in room "tower" using service "livekit"
    Then participant "Ben" should see participant "Ada" with attribute "hand" set to "raised"
    And participant "Ben" should see participant "Ada" with attribute "role" set to "keeper"

  Scenario: Who may change its own attributes does so
    When participant "Ada" sets its own attributes to "hand=raised"
    Then participant "Ben" should see participant "Ada" with attribute "hand" set to "raised"
