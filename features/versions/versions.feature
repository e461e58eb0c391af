@versions @P2 @seed-2.3.1
Feature: Versions
  Whoever looks at results must be able to trust that the server is the version that was asked for.

  Scenario: The server tells who joins its own version
    Given a LiveKit server is running in a container with service name "livekit"
    When participant "Ada" joins room "tower" using service "livekit"
    Then participant "Ada" should be told the version of service "livekit"

  Scenario: The program prints its own version
    Given a LiveKit server is running in a container with service name "livekit"
    Then the program of service "livekit" should print its version
