@media @browser @network @P1 @seed-1.1.7
Feature: People in browsers stay together over bad networks
  A network that is gone for a moment, or loses packets, is no reason to be alone.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower" with grants "canPublishSources:camera"
    And an access token is created with identity "Ben" and room "tower" with grants "canPublish:false"

  Scenario Outline: Video comes back after three seconds without a network in <browser>
    Given the network of "Ben" is "none"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" has a camera of 320 by 180 pixels
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    And "Ben" should be receiving video frames from "Ada"
    When the network of "Ben" becomes "offline-3s"
    Then "Ben" should not be receiving video from "Ada"
    And "Ben" should be receiving video frames from "Ada"
    And connection is established successfully for "Ben"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: What is reliable arrives whole and in order over a lossy network in <browser>
    Given the network of "Ben" is "loss=10%"
    And participant "Ada" joins room "tower" using service "livekit"
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" connects to room "tower" using the access token
    And room "tower" should have 2 active participants in service "livekit"
    And "Ben" should see "Ada" in the meeting
    When "Ada" sends a data message "one" via reliable channel
    And "Ada" sends a data message "two" via reliable channel
    And "Ada" sends a data message "three" via reliable channel
    And "Ada" sends a data message of size 15000 bytes via reliable channel
    Then "Ben" should receive data messages in order:
      | one   |
      | two   |
      | three |
    And "Ben" should receive a data message of size 15000 bytes
    # Of 40 at 10 %, fewer than 20 arrive once in a billion runs.
    When "Ada" sends 40 data messages via unreliable channel
    Then "Ben" should receive at least 20 out of 40 messages from "Ada"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
