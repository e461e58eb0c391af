@network @data @P1 @issue-5.5
Feature: Data messages over bad networks
  What has to arrive does, in its order; what is sent once is lost as the network has it.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario: A message takes as long as the network says
    Given the network of "Ada" is "latency=100ms"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"
    And room "tower" should have 2 active participants in service "livekit"
    Then a data message from "Ada" to "Ben" and back should take between 199 and 300 ms

  Scenario: Reliable messages arrive in order where every twentieth packet is lost and others overtake
    Given the network of "Ada" is "latency=20ms,jitter=10ms,loss=5%,reorder=5%"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"
    And room "tower" should have 2 active participants in service "livekit"
    When "Ada" sends 50 numbered messages via reliable channel
    Then "Ben" should receive all 50 numbered messages of "Ada" in order
    And the network of "Ada" should have lost between 1 and 15 percent of the packets

  Scenario: Lossy messages are lost as the network has it
    Given the network of "Ada" is "none"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"
    And room "tower" should have 2 active participants in service "livekit"
    When "Ada" sends a data message "here" via reliable channel
    And "Ben" should receive data message "here" from "Ada"
    And the network of "Ada" becomes "latency=20ms,loss=10%"
    And "Ada" sends 200 numbered messages via unreliable channel
    Then "Ben" should lose between 1 and 50 percent of 200 numbered messages of "Ada"

  Scenario: No more passes than the rate lets through
    Given the network of "Ada" is "latency=20ms,rate=1mbit"
    And participant "Ada" joins room "tower" using service "livekit"
    And participant "Ben" joins room "tower" using service "livekit"
    And room "tower" should have 2 active participants in service "livekit"
    Then 300 kilobytes of "Ada" should reach "Ben" at between 200 and 1000 kbps
