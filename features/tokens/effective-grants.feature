@tokens @P1 @seed-baseline
Feature: What a token grants holds on the server
  Applications leave it to the server to keep people to what their tokens say.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario: A token lets its owner into the room that it names
    Given an access token is created with identity "Ada" and room "tower"
    When participant "Ada" joins room "tower" using service "livekit"
    Then participant "Ada" should appear in room "tower" using service "livekit"

  Scenario: Who may not publish is refused
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublish:false"
    When participant "Ada" joins room "tower" using service "livekit"
    Then participant "Ada" cannot publish video
    And participant "Ada" should have 0 published tracks in room "tower" using service "livekit"

  Scenario: Who may publish sound only is refused with a picture
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublish:true,canPublishSources:microphone"
    When participant "Ada" joins room "tower" using service "livekit"
    And participant "Ada" publishes audio
    Then participant "Ada" cannot publish video
    And participant "Ada" should have published audio track in room "tower" using service "livekit"

  Scenario: Who is hidden is not seen, and sees
    Given an access token is created with identity "Ada" and room "tower" with grants "hidden:true,canSubscribe:true"
    And participant "Ben" joins room "tower" using service "livekit"
    And participant "Ben" publishes audio
    When participant "Ada" joins room "tower" using service "livekit"
    Then participant "Ada" should receive audio from "Ben"
    And participant "Ben" should not see participant "Ada"

  Scenario: A token brings name tags of its owner into the room
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublish:true" and metadata "keeper of the keys"
    When participant "Ada" joins room "tower" using service "livekit"
    Then participant "Ada" should have metadata "keeper of the keys" in room "tower" using service "livekit"

  @RequiresFeature:participant-attributes
  Scenario: A token brings attributes of its owner into the room
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublish:true" and attributes "role=keeper,floor=3\,4"
    And participant "Ben" joins room "tower" using service "livekit"
    When participant "Ada" joins room "tower" using service "livekit"
    Then participant "Ben" should see participant "Ada" with attribute "floor" set to "3,4"
