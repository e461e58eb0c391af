@media @browser @P1
Feature: What one person publishes reaches the other
  Judged from the receiver's statistics: frames that are decoded, bytes that come, sound that is not silence.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario Outline: Video and audio reach each other in <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then "Ada" should be receiving video frames from "Ben"
    And "Ben" should be receiving video frames from "Ada"
    And "Ben" should be receiving video from "Ada" at more than 10000 bytes per second
    And "Ada" should be receiving audio from "Ben"
    And "Ben" should be receiving audio from "Ada"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: <one> and <other> see each other
    Given an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower"
    And "Ada" opens a "<one>" browser with LiveKit Meet page
    And "Ben" opens a "<other>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then "Ada" should be receiving video frames from "Ben"
    And "Ben" should be receiving video frames from "Ada"

    Examples:
      | one    | other   |
      | Chrome | Firefox |

  Scenario Outline: Three people in <browser> see each other
    Given an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower"
    And an access token is created with identity "Cid" and room "tower" with grants "canPublish:false"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Cid" opens a "<browser>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    And "Cid" connects to room "tower" using the access token
    Then "Cid" should be receiving video frames from "Ada"
    And "Cid" should be receiving video frames from "Ben"
    And participant "Cid" should not be publishing video in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Who may not subscribe receives no video in <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower" with grants "canPublish:true,canSubscribe:false"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    Then "Ada" should be receiving video frames from "Ben"
    And participant "Ben" should not be able to subscribe to video due to permissions

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |

  Scenario Outline: Who leaves is not seen any more in <browser>
    Given an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    And "Ada" connects to room "tower" using the access token
    And "Ben" connects to room "tower" using the access token
    And "Ada" should be receiving video frames from "Ben"
    When "Ben" leaves the meeting
    Then "Ada" should not be receiving video from "Ben"
    And participant "Ben" should not exist in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
