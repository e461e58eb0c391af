@tokens @P1 @seed-baseline
Feature: Grants for the API
  A participant's token is in the participant's hands, so the API must do nothing that it does not grant.

  Background:
    Given a LiveKit server is running in a container with service name "livekit"
    And room "tower" is created using service "livekit"

  Scenario Outline: <call> needs <grant>
    When an access token is created with identity "Ada" and room "tower"
    Then the token of "Ada" for room "tower" makes the API call "<call>" answer 401 in service "livekit"
    When an access token is created with identity "Ada" and room "tower" with grants "<grant>:true"
    Then the token of "Ada" for room "tower" makes the API call "<call>" answer 200 in service "livekit"

    Examples:
      | call             | grant      |
      | CreateRoom       | roomCreate |
      | ListRooms        | roomList   |
      | DeleteRoom       | roomCreate |
      | ListParticipants | roomAdmin  |

  Scenario: Who administers one room cannot touch another
    When an access token is created with identity "Ada" and room "tower" with grants "roomAdmin:true,room:cellar"
    Then the token of "Ada" for room "tower" makes the API call "ListParticipants" answer 401 in service "livekit"
