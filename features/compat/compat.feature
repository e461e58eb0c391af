@compat @browser @P1
Feature: A client and a server work together
  What every application needs of a version of livekit-client and one of livekit-server.
  A cell of the matrix of clients and servers is what comes of these scenarios.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower"

  Scenario Outline: Two people meet, one loses the connection, comes back and leaves in <browser>
    Given "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" has a camera of 640 by 360 pixels
    And "Ben" has a camera of 640 by 360 pixels
    When "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then connection is established successfully for "Ada"
    And connection is established successfully for "Ben"
    And participant "Ada" should be publishing video in room "tower" using service "livekit"
    And "Ben" should be receiving video frames from "Ada"
    And "Ada" should be receiving video frames from "Ben"
    And "Ben" should be receiving audio from "Ada"
    And "Ada" should be receiving audio from "Ben"
    When the signal connection of participant "Ada" breaks
    Then "Ada" should be connected again
    And "Ben" should be receiving video frames from "Ada"
    When "Ada" leaves the meeting
    Then "Ada" should be disconnected from the room
    And participant "Ada" should not exist in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Messages go both ways in <browser>
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublishSources:microphone"
    And an access token is created with identity "Ben" and room "tower" with grants "canPublishSources:microphone"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    And room "tower" should have 2 active participants in service "livekit"
    # A client does not name the sender of a message whom it has not heard of yet.
    And "Ada" should see "Ben" in the meeting
    And "Ben" should see "Ada" in the meeting
    When "Ada" sends a data message "hello" via reliable channel
    Then "Ben" should receive data message "hello" from "Ada"
    When "Ben" sends a data message "good to see you" via reliable channel
    Then "Ada" should receive data message "good to see you" from "Ben"
    When "Ada" sends a data message of size 15000 bytes via reliable channel
    Then "Ben" should receive a data message of size 15000 bytes

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
