@media @browser @P1 @seed-1.1.4
Feature: People in browsers share their screens
  A shared screen is a track of its own, and needs a grant of its own.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ben" and room "tower"

  # Firefox has no screen to share where it runs without a display.
  Scenario Outline: A shared screen reaches the other in <browser>, and is gone when it ends
    Given an access token is created with identity "Ada" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    When "Ada" starts screen sharing
    Then participant "Ada" should be publishing screen share in room "tower" using service "livekit"
    And participant "Ben" should have 1 remote screen share tracks available in room "tower" using service "livekit"
    And "Ben" should be receiving screen share frames from "Ada"
    When "Ada" stops screen sharing
    Then participant "Ada" should not be publishing screen share in room "tower" using service "livekit"
    And participant "Ben" should have 0 remote screen share tracks available in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Edge    |

  Scenario Outline: Who may not share the screen is told so in <browser>
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublish:true,canPublishSources:camera\,microphone"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And participant "Ada" should be publishing video in room "tower" using service "livekit"
    When "Ada" attempts to start screen sharing
    Then participant "Ada" should not be able to share screen due to permissions
    And participant "Ada" should not be publishing screen share in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Edge    |

  Scenario Outline: A shared screen is as large and as smooth as its owner says in <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    When "Ada" starts screen sharing with 480 by 270 pixels and 3 fps
    Then "Ben" should be receiving a screen of at most 480 by 270 pixels and 3 fps from "Ada"
    When "Ada" stops screen sharing
    And "Ada" starts screen sharing with 1280 by 720 pixels and 15 fps
    Then "Ben" should be receiving a screen of at least 640 by 360 pixels and 4 fps from "Ada"

    Examples:
      | browser |
      | Chrome  |
      | Edge    |
