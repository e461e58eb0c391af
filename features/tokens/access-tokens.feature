@tokens @P1 @seed-baseline
Feature: Access tokens
  Who may do what in a room stands in a token, signed with the secret of an API key.

  Scenario: A plain token lets its owner join the room that it names
    When an access token is created with identity "Ada" and room "tower"
    Then the access token for "Ada" in room "tower" should be valid
    And the access token for "Ada" should contain room "tower"
    And the access token for "Ada" in room "tower" should have grant "roomJoin" set to "true"

  Scenario: What a token does not grant, it does not say
    When an access token is created with identity "Ada" and room "tower" with publish permissions
    Then the access token for "Ada" in room "tower" should have grant "canPublish" set to "true"
    And the access token for "Ada" in room "tower" should not have grant "roomAdmin"
