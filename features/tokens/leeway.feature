@tokens @P2 @seed-baseline
Feature: The minute around the life of a token
  Clocks differ, so a server takes a token for up to a minute before and after its time: who relies on shorter lives is not safe.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario: A token still lets its owner in half a minute after it expired
    Given an access token is created with identity "Ada" and room "tower" that expired 30 seconds ago
    When participant "Ada" joins room "tower" using service "livekit"
    Then participant "Ada" should be connected

  Scenario: A token lets its owner in half a minute before it holds
    Given an access token is created with identity "Ada" and room "tower" that holds only in 30 seconds
    When participant "Ada" joins room "tower" using service "livekit"
    Then participant "Ada" should be connected
