@token-service @P1 @seed-003
Feature: Token service
  A meeting page asks an application for a token before it joins a room.
  The application keeps the secret of the API key; nobody else learns it.

  Rule: What it gives

    Background:
      Given a LiveKit server is running in a container with service name "livekit"

    Scenario: The token joins the real server
      Given a token service is running with service name "tokens" for service "livekit"
      When a token is fetched from "tokens" for room "tower" and user "Ada"
      Then the fetched token should let "Ada" join room "tower" on service "livekit"

    Scenario: Names need not be plain
      Given a token service is running with service name "tokens" for service "livekit"
      When a token is fetched from "tokens" for room "Große Halle & Turm" and user "Zoë +1"
      Then the fetched token should let "Zoë +1" join room "Große Halle & Turm" on service "livekit"

    Scenario Outline: A token lives for <hours> hours, as LIVEKIT_TOKEN_TTL_HOURS says
      Given the next application has "LIVEKIT_TOKEN_TTL_HOURS" set to "<hours>"
      And a token service is running with service name "tokens" for service "livekit"
      When a token is fetched from "tokens" for room "tower" and user "Ada"
      Then the fetched token should live for <hours> hours

      Examples:
        | hours |
        | 1     |
        | 24    |

    @reference
    Scenario: A token lives for 6 hours where nobody says otherwise
      Given the reference token service is running with service name "tokens" for service "livekit"
      When a token is fetched from "tokens" for room "tower" and user "Ada"
      Then the fetched token should live for 6 hours

    @load
    Scenario: 200 requests, 8 at a time, are answered fast and without errors
      Given a token service is running with service name "tokens" for service "livekit"
      When 200 tokens are fetched from "tokens", 8 at a time
      Then 95 percent of the tokens should have come within 200 ms
      And fewer than 1 percent of the requests should have failed

    Scenario: The secret stays where it is
      Given a token service is running with service name "tokens" for service "livekit"
      When a token is fetched from "tokens" for room "tower" and user "Ada"
      And the token service "tokens" is asked with the query "room=tower"
      Then "tokens" should have given away neither secret nor token

  Rule: What it refuses

    Scenario Outline: Invalid input: <what>
      Given a LiveKit server is running in a container with service name "livekit"
      And a token service is running with service name "tokens" for service "livekit"
      When the token service "tokens" is asked with the query "<query>"
      Then the request should be refused and "<says>" be named

      Examples:
        | what               | query                        | says |
        | nothing            |                              | room |
        | no user            | room=tower                   | user |
        | no room            | user=Ada                     | room |
        | an empty room      | room=&user=Ada               | room |
        | a blank user       | room=tower&user=%20          | user |
        | control characters | room=tower&user=Ada%0AEve    | user |
        | two rooms          | room=tower&room=hall&user=Ad | room |

    @reference
    Scenario: A refusal has a code and a message
      Given a LiveKit server is running in a container with service name "livekit"
      And the reference token service is running with service name "tokens" for service "livekit"
      When the token service "tokens" is asked with the query "room=tower"
      Then the request should be refused with status 400 and an error that says "user"

    @reference
    Scenario Outline: It does not start without <missing>
      Then a token service without "<missing>" refuses to start and names what is missing

      Examples:
        | missing                             |
        | VIDEO_PROVIDER                      |
        | LIVEKIT_URL                         |
        | LIVEKIT_API_KEY, LIVEKIT_API_SECRET |
