@network @P1 @issue-5.5
Feature: Connecting over slow networks
  A person far away waits longer before they are seen and heard, and is seen and heard all the same.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ada" publishes video

  Scenario Outline: A person connects at <latency> ms in each direction
    Given the network of "Ben" is "latency=<latency>ms"
    When participant "Ben" joins room "tower" using service "livekit"
    Then participant "Ben" should receive video from "Ada"
    And "Ben" should have connected within <limit> ms

    Examples:
      | latency | limit |
      | 100     | 4000  |
      | 300     | 9000  |
      | 800     | 22000 |

  Scenario Outline: A person connects over <network>
    Given the network of "Ben" is "<network>"
    When participant "Ben" joins room "tower" using service "livekit"
    Then participant "Ben" should receive video from "Ada"
    And "Ben" should have connected within <limit> ms

    Examples:
      | network | limit |
      | wifi    | 2000  |
      | 4g      | 4000  |
      | 3g      | 6000  |
      | lossy   | 9000  |
