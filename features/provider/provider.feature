@provider @P2 @seed-002
Feature: Provider life cycle
  An application carries calls over LiveKit or over the provider of before, and changes from one to the
  other while people talk.

  Rule: Initialize, create, join, leave

    Background:
      Given a LiveKit server is running in a container with service name "livekit"
      And a provider service is running with service name "video" for service "livekit"

    Scenario: A call from its beginning to its end
      When the provider service "video" is initialized
      And room "tower" is asked of "video"
      Then the request should succeed on provider "livekit"
      And room "tower" should exist in service "livekit"
      When "Ada" calls in room "tower" through "video"
      Then the request should succeed on provider "livekit"
      And "Ada" should still be in the call in room "tower" on service "livekit"
      When "Ada" is taken out of room "tower" through "video"
      Then the request should succeed on provider "livekit"
      And "Ada" should be out of the call

    Scenario: Nothing is made before the provider is initialized
      When room "tower" is asked of "video"
      Then the request should fail with status 409 and code "PROVIDER_NOT_INITIALIZED"

    Scenario: What is not there is not found
      Given the provider service "video" is initialized
      When "Ada" calls in room "tower" through "video"
      Then the request should fail with status 404 and code "ROOM_NOT_FOUND"
      When room "tower" is asked of "video"
      And "Ada" is taken out of room "tower" through "video"
      Then the request should fail with status 404 and code "PARTICIPANT_NOT_FOUND"

    Scenario: A room is made once
      Given the provider service "video" is initialized
      And room "tower" is asked of "video"
      When room "tower" is asked of "video"
      Then the request should fail with status 409 and code "ROOM_EXISTS"

    Scenario: A name has to be one
      Given the provider service "video" is initialized
      When room " " is asked of "video"
      Then the request should fail with status 400 and code "INVALID_REQUEST"

  Rule: What LiveKit refuses has a code of the application

    Scenario: The secret is not that of the server
      Given a LiveKit server is running in a container with service name "livekit"
      And the next application has "LIVEKIT_SECRET" set to "not-the-secret-of-this-server-at-all"
      And a provider service is running with service name "video" for service "livekit"
      When the provider service "video" is initialized
      Then the request should fail with status 502 and code "CREDENTIALS_REJECTED"

    Scenario: The server is down
      Given a provider service is running with service name "video" for a LiveKit server that is down
      When the provider service "video" is initialized
      Then the request should fail with status 503 and code "PROVIDER_UNAVAILABLE"

    Scenario Outline: It does not start without <missing>
      Then a provider service without "<missing>" refuses to start and names what is missing

      Examples:
        | missing                     |
        | FEATURE_LIVEKIT             |
        | LIVEKIT_URL, LIVEKIT_SECRET |

  Rule: Flags decide about the next room

    Background:
      Given a LiveKit server is running in a container with service name "livekit"
      And a provider service is running with service name "video" for service "livekit"
      And the provider service "video" is initialized

    Scenario: Switched off, the next room is on the previous provider, and live calls go on
      Given room "tower" is asked of "video"
      And "Ada" calls in room "tower" through "video"
      When LiveKit is switched off in "video"
      And room "hall" is asked of "video"
      Then the request should succeed on provider "previous"
      And "Ada" should still be in the call in room "tower" on service "livekit"
      When "Bob" calls in room "tower" through "video"
      Then the request should succeed on provider "livekit"
      And "Bob" should still be in the call in room "tower" on service "livekit"
      And "Ada" should still be in the call in room "tower" on service "livekit"
      When "Eve" calls in room "hall" through "video"
      Then the request should succeed on provider "previous"

    Scenario: Switched on again, the next room is on LiveKit
      Given LiveKit is switched off in "video"
      When LiveKit is switched on in "video"
      And room "tower" is asked of "video"
      Then the request should succeed on provider "livekit"

    Scenario Outline: Of a hundred rooms, LiveKit carries <share>
      When the share of LiveKit in "video" is set to <share> percent
      Then <share> of 100 new rooms of "video" should be on provider "livekit"

      Examples:
        | share |
        | 0     |
        | 30    |
        | 100   |
