@network @P1 @issue-5.5
Feature: A network that is gone for a while
  A tunnel, a lift, another access point: a call goes on afterwards as if nothing had happened.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And the network of "Ada" is "wifi"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ada" publishes audio
    And participant "Ben" joins room "tower" using service "livekit"
    And participant "Ben" should receive audio from "Ada"

  Scenario: Three seconds offline end nobody's call
    When the network of "Ada" becomes "offline-3s"
    And "Ada" sends a data message "from the tunnel" via reliable channel
    Then "Ben" should receive data message "from the tunnel" from "Ada"
    And participant "Ben" should receive audio from "Ada"
    And participant "Ben" should not have seen participant "Ada" leave
    And participant "Ada" should be connected

  Scenario: A signal connection that breaks offline comes back with the network
    When the network of "Ada" is gone
    And the signal connection of participant "Ada" breaks
    And "Ben" sends a data message "where are you" via reliable channel
    And "Ada" should not receive data message "where are you"
    And the network of "Ada" is back
    Then participant "Ada" should have resumed its session
    And "Ada" should receive data message "where are you" from "Ben"
    And participant "Ben" should receive audio from "Ada"
    And participant "Ben" should not have seen participant "Ada" leave
