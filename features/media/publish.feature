@media @browser @P1
Feature: People in browsers publish
  Camera and microphone are published as far as the token grants it, and follow the controls of the page.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario Outline: Camera and microphone are published from <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    Then participant "Ada" should be publishing video in room "tower" using service "livekit"
    And participant "Ada" should have published audio track in room "tower" using service "livekit"
    And participant "Ada" should have 2 published tracks in room "tower" using service "livekit"
    And participant "Ada" video track should have source "camera" in room "tower" using service "livekit"
    And participant "Ada" should have video track unmuted in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Who may not publish joins and publishes nothing from <browser>
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublish:false"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    Then connection is established successfully for "Ada"
    And participant "Ada" should appear in room "tower" using service "livekit"
    And participant "Ada" should have 0 published tracks in room "tower" using service "livekit"
    And participant "Ada" should not be publishing video in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Who may publish a microphone alone publishes no camera from <browser>
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublish:true,canPublishSources:microphone"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    Then participant "Ada" should have published audio track in room "tower" using service "livekit"
    And participant "Ada" should not be publishing video in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: The controls of the page reach the server from <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    Then "Ada" can toggle camera controls
    And "Ada" can toggle mute controls
    When "Ada" mutes their audio
    Then "Ada" should have audio muted locally
    And participant "Ada" should have audio track muted in room "tower" using service "livekit"
    When "Ada" unmutes their audio
    Then "Ada" should have audio unmuted locally
    And participant "Ada" should have audio track unmuted in room "tower" using service "livekit"
    When "Ada" mutes their video
    Then "Ada" should have video muted locally
    And participant "Ada" should have video track muted in room "tower" using service "livekit"
    When "Ada" unmutes their video
    Then participant "Ada" should have video track unmuted in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Frames and sound come back after a mute in <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    And "Ben" should be receiving video frames from "Ada"
    When "Ada" mutes their video
    Then "Ben" should not be receiving video from "Ada"
    When "Ada" unmutes their video
    Then "Ben" should be receiving video frames from "Ada"
    When "Ada" mutes their audio
    And "Ada" unmutes their audio
    Then "Ben" should be receiving audio from "Ada"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
