//! Steps that need a browser: somebody who joins on the meeting page.

use super::Waiting;

pub(super) const ALL: &[Waiting] = &[Waiting {
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
}];
