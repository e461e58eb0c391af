@redis @P1 @seed-baseline
Feature: Restarts around redis
  Servers and their redis are updated while people are in calls; what is known of rooms must not be lost by it.

  Background:
    Given a Redis server is running in a container with service name "redis"
    And a LiveKit server is running in a container with service name "livekit" using config profile "with_egress"

  Scenario: A server that ends in order takes its rooms along
    Given room "tower" is created using service "livekit"
    When service "livekit" is stopped
    And service "livekit" is started again
    Then room "tower" should close in service "livekit"

  Scenario: Who is in a call is told that the server ends
    Given participant "Ada" joins room "tower" using service "livekit"
    When service "livekit" is stopped
    Then participant "Ada" should be disconnected because "server shutdown"

  Scenario: Rooms survive a crash of the server
    Given room "tower" is created using service "livekit"
    And room metadata for "tower" is set to "open until six" using service "livekit"
    # The server answers before redis has it.
    And room "tower" should have metadata "open until six" in service "livekit"
    When service "livekit" is killed
    And service "livekit" is started again
    Then room "tower" should have metadata "open until six" in service "livekit"

  Scenario: A call goes on while redis restarts
    Given participant "Ada" joins room "tower" using service "livekit"
    And participant "Ada" publishes audio
    And participant "Ben" joins room "tower" using service "livekit"
    And participant "Ben" should receive audio from "Ada"
    When service "redis" is killed
    Then participant "Ben" should receive audio from "Ada"
    When service "redis" is started again
    Then participant "Ben" should receive audio from "Ada"
    And participant "Ben" should not have seen participant "Ada" leave

  Scenario: After a restart of redis, rooms are made as before
    Given an access token is created with identity "Ada" and room "tower" with grants "roomCreate:true"
    When service "redis" is stopped
    And service "redis" is started again
    # It takes the server a moment to enter itself again.
    Then the token of "Ada" for room "tower" makes the API call "CreateRoom" answer 200 in service "livekit"
    When participant "Ada" joins room "tower" using service "livekit"
    Then room "tower" should have 1 active participants in service "livekit"

  # The address of a container that has ended leads nowhere; a server then tries for more than 45 seconds.
  @RequiresRuntime:process
  Scenario: Without redis the server does not pretend to know of rooms
    Given an access token is created with identity "Ada" and room "tower" with grants "roomCreate:true,roomList:true"
    When service "redis" is stopped
    Then the token of "Ada" for room "tower" makes the API call "ListRooms" answer 500 in service "livekit"
