//! Steps that need a service beside LiveKit which is not started yet.

use super::Waiting;

pub(super) const ALL: &[Waiting] = &[
    Waiting {
        area: "redis, MinIO",
        needs: "MinIO",
        steps: &[
            (
                "a MinIO server is running in a container with service name {string}",
                "Starts a MinIO and waits until it is well.",
            ),
            (
                "a MinIO server is running in a container with service name {string} with access key {string} and secret key {string}",
                "Starts a MinIO that knows this key and its secret.",
            ),
            (
                "a bucket {string} is created in MinIO service {string}",
                "Makes a bucket and checks that it is there.",
            ),
        ],
    },
    Waiting {
        area: "CLI publisher and load test",
        needs: "lk",
        steps: &[
            (
                "a CLI load test publisher with {int} video publishers connects to room {string} using service {string}",
                "Starts a load test in which so many participants publish video.",
            ),
            (
                "a CLI load test publisher with {int} audio publishers connects to room {string} using service {string}",
                "Starts a load test in which so many participants publish audio.",
            ),
            (
                "a CLI load test with {int} video publishers and {int} subscribers connects to room {string} using service {string}",
                "Starts a load test in which so many participants publish video and so many watch.",
            ),
            (
                "a CLI load test with config {string} connects to room {string} using service {string}",
                "Starts a load test of this configuration, such as `videoPublishers=2,subscribers=1`.",
            ),
            (
                "{string} starts a CLI publisher with {string} to room {string} using service {string}",
                "Joins as this participant and publishes what is named: video, audio.",
            ),
            (
                "{string} starts a CLI publisher to room {string} using service {string}",
                "Joins as this participant and publishes video and audio.",
            ),
            (
                "{string} starts a CLI video-only publisher to room {string} using service {string}",
                "Joins as this participant and publishes video.",
            ),
            (
                "{string} starts a CLI audio-only publisher to room {string} using service {string}",
                "Joins as this participant and publishes audio.",
            ),
            (
                "the CLI load test for room {string} should complete successfully within {int} seconds",
                "The load test of the room ends in time, with success.",
            ),
            (
                "the CLI publisher {string} should be connected to room {string}",
                "The participant is active in the room, or comes to be.",
            ),
            (
                "the CLI publisher should have simulcast video layers in room {string} using service {string}",
                "The video that `lk` publishes in the room has several layers.",
            ),
            (
                "the CLI publisher should have exactly {int} video layer in room {string} using service {string}",
                "The video that `lk` publishes in the room has that many layers.",
            ),
        ],
    },
];
