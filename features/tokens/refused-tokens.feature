@tokens @P1 @seed-baseline
Feature: Tokens that a server refuses
  Whoever gets in with a token that is not right gets into every call of everybody.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"

  Scenario Outline: A token <what> lets nobody in
    Given an access token is created with identity "Ada" and room "tower" <what>
    Then participant "Ada" cannot join room "tower" using service "livekit" because "401 <words>"
    And participant "Ada" should not exist in room "tower" using service "livekit"

    Examples:
      | what                                 | words           |
      | signed with another secret           | invalid token   |
      | signed by an unknown key             | invalid API key |
      | that was changed after it was signed | invalid token   |
      | without a signature                  | invalid token   |

  Scenario: A token lets nobody in whose time is over
    Given an access token is created with identity "Ada" and room "tower" that expired 120 seconds ago
    Then participant "Ada" cannot join room "tower" using service "livekit" because "401 invalid token"

  Scenario: A token lets nobody in whose time is still to come
    Given an access token is created with identity "Ada" and room "tower" that holds only in 120 seconds
    Then participant "Ada" cannot join room "tower" using service "livekit" because "401 invalid token"

  Scenario: A token lets nobody in that does not grant to join
    Given an access token is created with identity "Ada" and room "tower" with grants "roomJoin:false,roomAdmin:true"
    Then participant "Ada" cannot join room "tower" using service "livekit" because "401 permissions denied"
