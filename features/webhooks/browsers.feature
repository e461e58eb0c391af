@webhooks @browser @P1 @seed-1.1.2
Feature: Webhooks about people in browsers
  What a person does with the controls of a page is told to whoever keeps the books.

  Scenario Outline: Who comes, publishes and leaves in <browser> is told
    Given a mock HTTP server is running in a container with service name "hooks"
    And a LiveKit server is running in a container with service name "livekit" using config profile "webhook"
    And an access token is created with identity "Ada" and room "tower"
    And "Ada" opens a "<browser>" browser with LiveKit Meet page
    When "Ada" connects to room "tower" using the access token
    Then "hooks" should have received a "participant_joined" event for participant "Ada" in room "tower"
    And "hooks" should have received a "track_published" event for "video" track from "Ada" in room "tower"
    And "hooks" should have received a "track_published" event for track source "microphone" in room "tower"
    When "Ada" leaves the meeting
    Then "hooks" should have received a "track_unpublished" event for "video" track from "Ada" in room "tower"
    And "hooks" should have received a "participant_left" event for participant "Ada" in room "tower"

    Examples:
      | browser |
      | Chrome  |
      | Firefox |
      | Edge    |
