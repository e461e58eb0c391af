@media @browser @P1 @seed-1.1.1
Feature: Two servers know nothing of each other
  A room has a name on each server, and is another room on the next.

  Scenario Outline: Two people in rooms of one name on two servers do not meet in <browser>
    Given a LiveKit server is running in a container with service name "north"
    And a LiveKit server is running in a container with service name "south"
    And an access token is created with identity "Ada" and room "tower"
    And an access token is created with identity "Ben" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    And "Ben" opens a "<browser>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token for service "north"
    And "Ben" connects to room "tower" using the access token for service "south"
    Then connection is established successfully for "Ada"
    And connection is established successfully for "Ben"
    And participant "Ada" should be publishing video in room "tower" using service "north"
    And participant "Ben" should be publishing video in room "tower" using service "south"
    And participant "Ada" should not exist in room "tower" using service "south"
    And participant "Ben" should not exist in room "tower" using service "north"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
