# On 1.5.3 and 1.7.2 the load tests of lk 2.15.0 publish nothing.
@publisher @load @P2 @seed-baseline @MinServerVersion:v1.8.4
Feature: Load tests
  `lk` fills a room with participants that publish and watch, and says what reached them.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario: Publishers of audio
    When a CLI load test publisher with 2 audio publishers connects to room "tower" using service "livekit"
    Then room "tower" should have 2 active participants in service "livekit"

  Scenario: What is published reaches everybody
    When a CLI load test with config "audioPublishers=2,subscribers=2,numPerSecond=10,duration=3" connects to room "tower" using service "livekit"
    Then the CLI load test for room "tower" should complete successfully within 20 seconds

  Scenario: The participants of a load test are called after it
    When "choir" starts a CLI publisher with "audioPublishers=2" to room "tower" using service "livekit"
    Then the CLI publisher "choir" should be connected to room "tower"

  Scenario: Video is published in several layers
    When a CLI load test publisher with 1 video publishers connects to room "tower" using service "livekit"
    Then the CLI publisher should have simulcast video layers in room "tower" using service "livekit"

  Scenario: Video reaches those who watch
    When a CLI load test with 1 video publishers and 2 subscribers connects to room "tower" using service "livekit"
    Then the CLI load test for room "tower" should complete successfully within 60 seconds
