@media @browser @network @P1 @issue-5.5
Feature: People in browsers connect from far away
  A person far away waits longer before they see others, and how long is kept.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower" with grants "canPublishSources:camera"
    And an access token is created with identity "Ben" and room "tower" with grants "canPublish:false"

  Scenario Outline: A person connects at <latency> ms in each direction in <browser>
    Given the network of "Ben" is "latency=<latency>ms"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" has a camera of 320 by 180 pixels
    And "Ada" connects to room "tower" using the access token
    When "Ben" connects to room "tower" using the access token
    Then connection is established successfully for "Ben"
    And "Ben" should be receiving video frames from "Ada"
    And "Ben" should have connected within <limit> ms

    Examples:
      | browser | latency | limit |
      | Chrome  | 100     | 5000  |
      | Chrome  | 300     | 10000 |
      | Chrome  | 800     | 25000 |
      | Firefox | 100     | 5000  |
      | Firefox | 300     | 10000 |
      | Firefox | 800     | 25000 |
