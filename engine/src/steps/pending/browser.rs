//! Steps that need a browser: somebody who joins on the meeting page.

use super::Waiting;

pub(super) const ALL: &[Waiting] = &[
    Waiting {
        area: "browser life cycle",
        needs: "a browser",
        steps: &[
            (
                "{string} opens a {string} browser with LiveKit Meet page",
                "Opens a browser of its own for a person, on the meeting page.",
            ),
            ("{string} closes the browser", "Closes the browser of a person."),
        ],
    },
    Waiting {
        area: "connection and playback",
        needs: "a browser",
        steps: &[
            (
                "{string} connects to room {string} using the access token",
                "Joins the room on the meeting page, with the newest token for it.",
            ),
            (
                "{string} connects to room {string} using the access token for service {string}",
                "Joins the room of this server on the meeting page, with the newest token for it.",
            ),
            (
                "connection is established successfully for {string}",
                "The person is connected, or comes to be.",
            ),
            (
                "the connection should be successful for {string}",
                "The person is connected, or comes to be.",
            ),
            (
                "{string} should be receiving video from {string}",
                "The receiver decodes video of the other person.",
            ),
            (
                "{string} should be receiving video from {string} at more than {int} bytes per second",
                "Video of the other person arrives faster than this.",
            ),
            (
                "{string} should be receiving video frames from {string}",
                "The number of frames that the receiver decoded grows.",
            ),
        ],
    },
    Waiting {
        area: "meeting page controls",
        needs: "a browser",
        steps: &[
            (
                "{string} can toggle camera controls",
                "The camera can be put off and on again with the controls of the page.",
            ),
            (
                "{string} can toggle mute controls",
                "The microphone can be muted and unmuted with the controls of the page.",
            ),
            (
                "participants {string} should see room name {string}",
                "The pages of these people show the name of the room.",
            ),
            ("{string} leaves the meeting", "Leaves the room with the controls of the page."),
            (
                "{string} should be disconnected from the room",
                "The person is not connected any more.",
            ),
            (
                "{string} should see disconnection in the browser",
                "The page says that the connection ended.",
            ),
            ("{string} should see the join form again", "The page offers to join again."),
        ],
    },
    Waiting {
        area: "screen sharing",
        needs: "a browser",
        steps: &[
            (
                "{string} starts screen sharing",
                "Shares the screen and waits until it is published.",
            ),
            ("{string} stops screen sharing", "Ends the sharing of the screen."),
            (
                "{string} attempts to start screen sharing",
                "Tries to share the screen, whatever comes of it.",
            ),
            (
                "participant {string} should not be able to share screen due to permissions",
                "The attempt to share the screen was refused, because the token does not grant it.",
            ),
            (
                "participant {string} should not be able to subscribe to video due to permissions",
                "No video reaches the person, because the token does not grant it.",
            ),
        ],
    },
    Waiting {
        area: "simulcast, dynacast, quality",
        needs: "a browser",
        steps: &[
            (
                "{string} enables simulcast for video publishing",
                "Video that is published after it has several layers.",
            ),
            (
                "{string} disables simulcast for video publishing",
                "Video that is published after it has one layer.",
            ),
            (
                "{string} sets video quality preference to {string}",
                "Asks the server for this quality of what is received.",
            ),
            (
                "{string} sets maximum receive bandwidth to {int} kbps",
                "Limits how much the person can receive.",
            ),
            (
                "{string} should be receiving low quality video from {string}",
                "The frames that arrive have the size of the lowest layer.",
            ),
            (
                "{string} should be receiving high quality video from {string}",
                "The frames that arrive have the size of the highest layer.",
            ),
            (
                "{string} should be receiving a lower quality layer from {string}",
                "The frames that arrive are smaller than those of the highest layer.",
            ),
            (
                "dynacast should be enabled in the room for {string}",
                "The connection of the person was made with dynacast.",
            ),
            (
                "{string} unsubscribes from {string}'s video",
                "Ceases to receive the video of the other person.",
            ),
            (
                "{string} subscribes to {string}'s video",
                "Begins to receive the video of the other person.",
            ),
            (
                "{string}'s video track should be paused for {string}",
                "No more frames of the video reach the other person.",
            ),
            (
                "{string}'s video track should be active for {string}",
                "Frames of the video reach the other person.",
            ),
            (
                "{string} measures their video publish bitrate over {int} seconds",
                "Notes how fast the person sends video.",
            ),
            (
                "{string}'s video publish bitrate should have dropped by at least {int} percent",
                "The person sends that much less than at the measurement before.",
            ),
        ],
    },
];
