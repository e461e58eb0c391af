@media @browser @quality @P1 @seed-1.1.7
Feature: Everybody gets the quality that fits
  A publisher sends a video in several layers, and each viewer receives the one that they want and their network can carry.
  What nobody watches is not sent.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower" with grants "canPublishSources:camera"
    And an access token is created with identity "Ben" and room "tower" with grants "canPublish:false"

  Scenario Outline: A viewer chooses the quality in <browser>
    Given "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    # Three layers of a larger picture keep two processors so busy that browsers leave out the highest.
    And "Ada" has a camera of 640 by 360 pixels
    And "Ada" enables simulcast for video publishing
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then participant "Ada" should have simulcast enabled for video in room "tower" using service "livekit"
    And participant "Ada" video track should have ">=2" layers in room "tower" using service "livekit"
    And participant "Ada" video layers should have different resolutions in room "tower" using service "livekit"
    And "Ben" should be receiving video frames from "Ada"
    When "Ben" sets video quality preference to "low"
    Then "Ben" should be receiving low quality video from "Ada"
    And "Ben" should be receiving a lower quality layer from "Ada"
    When "Ben" sets video quality preference to "high"
    Then "Ben" should be receiving high quality video from "Ada" within 20 seconds
    When "Ben" sets maximum receive bandwidth to 200 kbps
    Then "Ben" should be receiving low quality video from "Ada"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Without simulcast there is one layer in <browser>
    Given "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" disables simulcast for video publishing
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then "Ben" should be receiving video frames from "Ada"
    And participant "Ada" should have simulcast disabled for video in room "tower" using service "livekit"
    And participant "Ada" video track should have "1" layers in room "tower" using service "livekit"
    And "Ada" should be sending "1" layers of video

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: What nobody watches is not sent from <browser>
    Given "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then dynacast should be enabled in the room for "Ada"
    And "Ada"'s video track should be active for "Ben"
    When "Ada" measures their video publish bitrate over 2 seconds
    And "Ben" unsubscribes from "Ada"'s video
    Then "Ada"'s video track should be paused for "Ben"
    And "Ada"'s video publish bitrate should have dropped by at least 80 percent
    When "Ben" subscribes to "Ada"'s video
    Then "Ada"'s video track should be active for "Ben"
    And "Ada" should be sending ">=1" layers of video

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: A narrow network gets a lower layer, a wide one the highest again in <browser>
    Given the network of "Ben" is "none"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" has a camera of 640 by 360 pixels
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    And "Ben" should be receiving high quality video from "Ada" within 20 seconds
    When the network of "Ben" becomes "down=<narrow>"
    Then "Ben" should be receiving a lower quality layer from "Ada" within 30 seconds
    When the network of "Ben" becomes "none"
    Then "Ben" should be receiving high quality video from "Ada" within 60 seconds

    # The picture of Firefox's camera is one colour at a time, and needs little.
    Examples:
      | browser | narrow  |
      | Chrome  | 200kbit |
      | Firefox | 60kbit  |
      | Edge    | 200kbit |
