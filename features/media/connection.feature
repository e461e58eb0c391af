@media @browser @P1
Feature: People in browsers come and go
  A real browser joins with a token, sees who is there, leaves, and may come again.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario Outline: Two people meet in <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then connection is established successfully for "Ada"
    And connection is established successfully for "Ben"
    And participants "Ada, Ben" should see room name "tower"
    And "Ada" should see "Ben" in the meeting
    And room "tower" should have 2 active participants in service "livekit"
    And participant "Ada" should be publishing video in room "tower" using service "livekit"
    And "Ben" should be receiving video frames from "Ada"
    And "Ada" should be receiving audio from "Ben"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Who leaves sees the form, and may come again in <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And connection is established successfully for "Ada"
    When "Ada" leaves the meeting
    Then "Ada" should be disconnected from the room
    And "Ada" should see disconnection in the browser
    And "Ada" should see the join form again
    And participant "Ada" should not exist in room "tower" using service "livekit"
    When "Ada" connects to room "tower" using the access token
    Then connection is established successfully for "Ada"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Who is put out sees it in <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And connection is established successfully for "Ada"
    When the system removes participant "Ada" from room "tower" using service "livekit"
    Then "Ada" should be disconnected from the room
    And "Ada" should see disconnection in the browser
    And "Ada" should see the join form again

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario: Who may not join stays before the door
    Given an access token is created with identity "Ada" and room "tower" with grants "roomJoin:false"
    And "Ada" opens a "Chrome" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    Then "Ada" should be refused because "permission"
    And "Ada" should see the join form again
    And participant "Ada" should not exist in room "tower" using service "livekit"

  Scenario: A browser that is closed is gone for the others
    Given an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower"
    And "Ada" opens a "Chrome" browser with LiveKit Meet page
    And "Ben" opens a "Chrome" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    And "Ada" should see "Ben" in the meeting
    When "Ben" closes the browser
    Then participant "Ben" should not exist in room "tower" using service "livekit"
