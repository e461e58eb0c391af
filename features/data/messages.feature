@data @P1 @seed-1.1.4
Feature: Data messages
  Chat, reactions and remote control travel as data messages beside the media.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"
    # A server passes no messages to those whom it does not count as active yet.
    And room "tower" should have 2 active participants in service "livekit"

  Scenario: Reliable messages arrive in their order
    When "Ada" sends a data message "one" via reliable channel
    And "Ada" sends a data message "two" via reliable channel
    And "Ada" sends a data message "three" via reliable channel
    Then "Ben" should receive data messages in order:
      | one   |
      | two   |
      | three |

  Scenario: A message to one reaches nobody else
    Given participant "Cid" joins room "tower" using service "livekit"
    And room "tower" should have 3 active participants in service "livekit"
    When "Ada" sends a data message "for Ben" to "Ben" via reliable channel
    And "Ada" sends a data message "for all" via reliable channel
    Then "Ben" should receive data message "for Ben" from "Ada"
    And "Cid" should receive data message "for all" from "Ada"
    And "Cid" should not receive data message "for Ben"

  Scenario: Most messages that are sent once arrive
    Given "Ada" sends a data message "here" via reliable channel
    And "Ben" should receive data message "here" from "Ada"
    When "Ada" sends 20 data messages via unreliable channel
    Then "Ben" should receive at least 15 out of 20 messages from "Ada"

  Scenario: A message of fifteen kilobytes arrives whole
    When "Ada" sends a data message of size 15000 bytes via reliable channel
    Then "Ben" should receive a data message of size 15000 bytes

  Scenario: Messages take little time
    When "Ada" sends 20 timestamped data messages via reliable channel
    Then "Ben" should receive all timestamped messages
    And the average data channel latency for "Ben" should be less than 1000 ms

  Scenario: The API sends to everybody
    When the system sends a data message "closing" to room "tower" using service "livekit"
    Then "Ada" should receive data message "closing" from the server
    And "Ben" should receive data message "closing" from the server

  Scenario: Who may not send is not heard
    Given an access token is created with identity "Cid" and room "tower" with grants "canPublishData:false"
    And participant "Cid" joins room "tower" using service "livekit"
    When "Cid" attempts to send a data message "let me"
    And "Ada" sends a data message "after that" via reliable channel
    Then "Ben" should receive data message "after that" from "Ada"
    And "Ben" should not receive data message "let me"
    And "Cid" should have data publishing blocked due to permissions
