@media @browser @data @P1 @seed-1.1.4
Feature: People in browsers send data messages
  Chat, reactions and remote control travel beside the media, from any browser to any other participant.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And an access token is created with identity "Ada" and room "tower" with grants "canPublishSources:microphone"
    And participant "Ben" joins room "tower" using service "livekit"

  Scenario Outline: Messages reach whom they are for, in their order, from <browser>
    Given participant "Cid" joins room "tower" using service "livekit"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And room "tower" should have 3 active participants in service "livekit"
    And participant "Ben" should see participant "Ada"
    And participant "Cid" should see participant "Ada"
    When "Ada" sends a data message "for Ben" to "Ben" via reliable channel
    And "Ada" sends a data message "one" via reliable channel
    And "Ada" sends a data message "two" via reliable channel
    Then "Ben" should receive data message "for Ben" from "Ada"
    And "Cid" should receive data messages in order:
      | one |
      | two |
    And "Cid" should not receive data message "for Ben"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Messages arrive in <browser>, in their order and whole
    Given "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And room "tower" should have 2 active participants in service "livekit"
    And "Ada" should see "Ben" in the meeting
    When "Ben" sends a data message "one" via reliable channel
    And "Ben" sends a data message "two" via reliable channel
    And "Ben" sends a data message of size 15000 bytes via reliable channel
    Then "Ada" should receive data messages in order:
      | one |
      | two |
    And "Ada" should receive a data message of size 15000 bytes
    When "Ben" sends 20 data messages via unreliable channel
    Then "Ada" should receive at least 15 out of 20 messages from "Ben"
    When the system sends a data message "closing" to room "tower" using service "livekit"
    Then "Ada" should receive data message "closing" from the server

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Messages take little time from and to <browser>
    Given "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And room "tower" should have 2 active participants in service "livekit"
    And participant "Ben" should see participant "Ada"
    When "Ada" sends 20 timestamped data messages via reliable channel
    Then "Ben" should receive all timestamped messages
    And the average data channel latency for "Ben" should be less than 1000 ms
    When "Ben" sends 20 timestamped data messages via reliable channel
    Then "Ada" should receive all timestamped messages
    And the average data channel latency for "Ada" should be less than 1000 ms

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Who may not send is not heard from <browser>
    Given an access token is created with identity "Ada" and room "tower" with grants "canPublish:false,canPublishData:false"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And room "tower" should have 2 active participants in service "livekit"
    When "Ada" attempts to send a data message "let me"
    Then "Ada" should have data publishing blocked due to permissions
    And "Ben" should not receive data message "let me"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
