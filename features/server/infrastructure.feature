@server @P1 @seed-004
Feature: Server infrastructure
  A server that others rely on has keys of its own, answers where it says, and keeps to its defaults.

  Rule: Mode, keys, ports

    Scenario: It is not in dev mode
      Given a LiveKit server is running in a container with service name "livekit"
      Then service "livekit" should not be in dev mode

    Scenario: Its key is that of its file
      Given a LiveKit server is running in a container with service name "livekit"
      Then service "livekit" should take the key of its configuration file and no other

    Scenario: Its ports answer
      Given a LiveKit server is running in a container with service name "livekit"
      Then every port of service "livekit" should answer

    Scenario: Without keys it does not start
      Then a LiveKit server without keys refuses to start and says that they are missing

  Rule: Defaults of rooms

    Scenario: An empty room closes by itself
      Given the LiveKit config has "room.empty_timeout" set to "1"
      And a LiveKit server is running in a container with service name "livekit"
      When room "tower" is created using service "livekit"
      Then room "tower" should exist in service "livekit"
      And room "tower" should be gone from service "livekit" within 10 seconds

    Scenario: One participant more than a room takes is refused
      Given the LiveKit config has "room.max_participants" set to "1"
      And a LiveKit server is running in a container with service name "livekit"
      And an access token is created with identity "Ada" and room "tower"
      And an access token is created with identity "Bob" and room "tower"
      When "Ada" enters room "tower" on service "livekit"
      Then "Bob" should not be let into room "tower" on service "livekit"
      And room "tower" should have 1 active participants in service "livekit"

  Rule: Tools

    Background:
      Given a LiveKit server is running in a container with service name "livekit"

    @lk
    Scenario: A token of the CLI is accepted
      When "Ada" gets a token for room "tower" from the CLI that is valid for 24 hours
      Then "Ada" enters room "tower" on service "livekit"

    @python
    Scenario: A token of livekit-api for Python is accepted
      When "Ada" gets a token for room "tower" from livekit-api for Python
      Then "Ada" enters room "tower" on service "livekit"

    @lk
    Scenario: The CLI lists the rooms
      Given room "tower" is created using service "livekit"
      Then the CLI should list room "tower" on service "livekit"
