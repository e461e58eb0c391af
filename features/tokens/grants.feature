@tokens @P2 @seed-baseline
Feature: All grants of a token
  Every grant that LiveKit knows can be given, withheld and read, and a server takes a token that has them all.

  Scenario: A token with every grant says so, and the server takes it
    Given a LiveKit server is running in a container with service name "livekit"
    When an access token is created with identity "Ada" and room "tower" with grants "roomCreate:true,roomList:true,roomRecord:true,roomAdmin:true,roomJoin:true,room:tower,destinationRoom:cellar,canPublish:true,canSubscribe:true,canPublishData:true,canPublishSources:camera\,microphone,canUpdateOwnMetadata:true,ingressAdmin:true,hidden:false,recorder:false,agent:false,canSubscribeMetrics:true"
    Then the access token for "Ada" in room "tower" should have the following grants:
      | grant                | value             |
      | roomCreate           | true              |
      | roomList             | true              |
      | roomRecord           | true              |
      | roomAdmin            | true              |
      | roomJoin             | true              |
      | room                 | tower             |
      | destinationRoom      | cellar            |
      | canPublish           | true              |
      | canSubscribe         | true              |
      | canPublishData       | true              |
      | canPublishSources    | camera,microphone |
      | canUpdateOwnMetadata | true              |
      | ingressAdmin         | true              |
      | hidden               | false             |
      | recorder             | false             |
      | agent                | false             |
      | canSubscribeMetrics  | true              |
    When participant "Ada" joins room "tower" using service "livekit"
    Then participant "Ada" should be connected

  Scenario: A plain token grants to join and nothing more
    When an access token is created with identity "Ada" and room "tower"
    Then the access token for "Ada" in room "tower" should not have the following grants:
      | grant      |
      | roomCreate |
      | roomList   |
      | roomAdmin  |
      | roomRecord |
      | hidden     |
