@redis @P1 @seed-baseline
Feature: Servers that share a redis
  Two servers with one redis are one service: who asks either of them reaches the same rooms.

  Background:
    Given a Redis server is running in a container with service name "redis"
    And a LiveKit server is running in a container with service name "first" using config profile "with_egress"
    And a LiveKit server is running in a container with service name "second" using config profile "with_egress"

  Scenario: A room that one server made is known to the other
    When room "tower" is created using service "first"
    Then room "tower" should exist in service "second"

  Scenario: People who come through different servers meet in one room
    Given participant "Ada" joins room "tower" using service "first"
    And participant "Ada" publishes audio
    When participant "Ben" joins room "tower" using service "second"
    Then participant "Ben" should receive audio from "Ada"
    And room "tower" should have 2 active participants in service "second"
