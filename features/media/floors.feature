@media @browser @quality @P1 @seed-5.2.2
Feature: What reaches people is good all the time
  A single look says that video arrives now; a floor says that it did so from the first second to the last.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower" with grants "canPublish:false"

  Scenario Outline: A good network keeps its floors in <browser>
    Given "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" has a camera of 320 by 180 pixels
    When "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then "Ben" should be receiving video frames from "Ada"
    And "Ben" should be receiving audio from "Ada"
    And "Ben" should have received at least 10 fps
    And "Ben" should have seen less than 1 % loss
    And "Ben" should have been frozen for less than 2000 ms
    And "Ben" should have received audio with a score of at least 3.5
    And "Ben" should have received video with a score of at least 2.5

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: A lossy network is seen as such in <browser>
    Given the network of "Ben" is "loss=8%"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" has a camera of 320 by 180 pixels
    When "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then "Ben" should be receiving audio from "Ada"
    And "Ben" should have seen at least 2 % loss

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
