//! Steps that need ingress: streams that are brought into rooms.

use super::Waiting;

pub(super) const ALL: &[Waiting] = &[Waiting {
    area: "ingress",
    needs: "ingress",
    steps: &[
        (
            "an Ingress service {string} is running connected to {string} and {string}",
            "Starts an ingress for this server and this redis, and waits until it is well.",
        ),
        (
            "{string} creates an RTMP ingress to room {string} on {string}",
            "Asks the server for an address that takes RTMP into the room.",
        ),
        (
            "{string} creates an RTMP ingress to room {string} on {string} with display name {string}",
            "Asks for an address that takes RTMP into the room, for a participant shown under this name.",
        ),
        (
            "{string} creates an RTMP ingress to room {string} on {string} with video preset {string}",
            "Asks for an address that takes RTMP into the room and encodes video by this preset.",
        ),
        (
            "{string} creates a URL ingress to room {string} on {string} with URL {string}",
            "Has the ingress fetch this URL into the room.",
        ),
        (
            "{string} starts streaming via RTMP to {string}",
            "Sends a test picture and a tone to the ingress over RTMP.",
        ),
        (
            "{string} starts streaming via RTMP to {string} with duration {int} seconds",
            "Sends a test picture and a tone to the ingress over RTMP for this time.",
        ),
        (
            "{string} starts streaming via RTMP to {string} with resolution {string}",
            "Sends a test picture of this size and a tone to the ingress over RTMP.",
        ),
        (
            "{string} starts streaming via RTMP to {string} with resolution {string} for {int} seconds",
            "Sends a test picture of this size and a tone to the ingress over RTMP for this time.",
        ),
        (
            "{string} starts streaming via RTMP to {string} with wrong stream key",
            "Tries to stream to the ingress with a key that it does not know.",
        ),
        ("{string} stops streaming to {string}", "Ends the stream to the ingress."),
        ("the ingress for {string} on {string} is deleted", "Deletes the ingress through the API."),
        (
            "room {string} on {string} should have {int} ingresses",
            "The server lists that many ingresses for the room.",
        ),
        (
            "room {string} on {string} should have ingresses for {string}",
            "The server lists an ingress for the room and each of these people.",
        ),
        (
            "the ingress for {string} on {string} should have input type {string}",
            "The ingress takes streams of this kind.",
        ),
        (
            "the ingress for {string} on {string} should have a valid RTMP URL",
            "The ingress has an address that is a URL of RTMP.",
        ),
        (
            "the ingress for {string} on {string} should have a stream key",
            "The ingress has a key for streams.",
        ),
        (
            "the ingress for {string} on {string} should be {ingressState}",
            "The ingress is in this state, or comes to be.",
        ),
        (
            "the ingress for {string} on {string} should be {ingressState} within {int} seconds",
            "The ingress is in this state before this time is over.",
        ),
        (
            "the ingress for {string} on {string} should have participant name {string}",
            "The participant of the ingress is shown under this name.",
        ),
        (
            "the ingress for {string} on {string} should have room name {string}",
            "The ingress leads into this room.",
        ),
        (
            "the ingress for {string} on {string} should be created successfully",
            "The server made the ingress and lists it.",
        ),
        (
            "the ingress for {string} on {string} should not exist",
            "The server does not list the ingress, or ceases to.",
        ),
        (
            "the ingress for {string} on {string} should remain {ingressState}",
            "The ingress is in this state and stays in it.",
        ),
        ("the RTMP stream should fail to connect", "The ingress refuses the stream."),
        (
            "the ingress for {string} on {string} is {ingressState}",
            "The ingress is in this state, or comes to be.",
        ),
        (
            "the ingress for {string} on {string} is {ingressState} within {int} seconds",
            "The ingress is in this state before this time is over.",
        ),
    ],
}];
