@token-service @browser @P1 @seed-002
Feature: A person in a browser joins with a token of the token service
  The page knows neither key nor secret; it asks the service, joins, and leaves.

  Scenario Outline: A token is fetched, joined with and left with in <browser>
    Given a LiveKit server is running in a container with service name "livekit"
    And a token service is running with service name "tokens" for service "livekit"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    When a token is fetched from "tokens" for room "tower" and user "Ada"
    And "Ada" connects to the room of the fetched token
    Then connection is established successfully for "Ada"
    And participant "Ada" should be publishing video in room "tower" using service "livekit"
    When "Ada" leaves the meeting
    Then "Ada" should see the join form again
    And participant "Ada" should not exist in room "tower" using service "livekit"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
