//! Steps that need egress: recordings and snapshots.

use super::Waiting;

pub(super) const ALL: &[Waiting] = &[
    Waiting {
        area: "egress, recording",
        needs: "egress",
        steps: &[
            (
                "a LiveKit video recording egress service is running in a container with service name {string} connected to LiveKit service {string}",
                "Starts an egress that records what happens at this server into files.",
            ),
            (
                "a LiveKit egress service is running in a container with service name {string} connected to LiveKit service {string}",
                "Starts an egress for this server and waits until it is well.",
            ),
            (
                "a LiveKit egress service is running in a container with service name {string} connected to LiveKit service {string} with S3 output to MinIO service {string}",
                "Starts an egress for this server that stores what it makes in MinIO.",
            ),
            (
                "track IDs are captured for participant {string} in room {string} using LiveKit service {string}",
                "Notes the tracks of the participant, for recordings of tracks.",
            ),
            (
                "the system starts room composite recording for room {string} using LiveKit service {string}",
                "Starts to record the whole room into a file.",
            ),
            (
                "the system starts room composite recording for room {string} using LiveKit service {string} with S3 output to bucket {string}",
                "Starts to record the whole room into a bucket.",
            ),
            (
                "the system starts room composite recording for room {string} using LiveKit service {string} with S3 output to bucket {string} with prefix {string}",
                "Starts to record the whole room into a bucket, under a name that begins so.",
            ),
            ("the recording runs for {int} seconds", "Lets a recording go on for this time."),
            (
                "the system starts track composite recording for participant {string} in room {string} using LiveKit service {string}",
                "Starts to record the tracks of a participant into a file.",
            ),
            (
                "the system starts track composite recording for participant {string} in room {string} using LiveKit service {string} with S3 output to bucket {string}",
                "Starts to record the tracks of a participant into a bucket.",
            ),
            (
                "the system starts track composite recording for participant {string} in room {string} using LiveKit service {string} with S3 output to bucket {string} with prefix {string}",
                "Starts to record the tracks of a participant into a bucket, under a name that begins so.",
            ),
            (
                "the system stops track composite recording for participant {string} using LiveKit service {string}",
                "Ends the recording of the participant's tracks and waits until it is complete.",
            ),
            (
                "the system stops room composite recording for room {string} using LiveKit service {string}",
                "Ends the recording of the room and waits until it is complete.",
            ),
            (
                "the recording file should exist in the output directory for room {string}",
                "The recording of the room is a file.",
            ),
            (
                "the track composite recording file should exist for participant {string}",
                "The recording of the participant's tracks is a file.",
            ),
            (
                "the recording file should exist in MinIO bucket {string} for room {string}",
                "The recording of the room is in the bucket.",
            ),
            (
                "the recording file should exist in MinIO bucket {string} with prefix {string} for room {string}",
                "The recording of the room is in the bucket, and its name begins so.",
            ),
            (
                "the track composite recording file should exist in MinIO bucket {string} for participant {string}",
                "The recording of the participant's tracks is in the bucket.",
            ),
            (
                "the track composite recording file should exist in MinIO bucket {string} with prefix {string} for participant {string}",
                "The recording of the participant's tracks is in the bucket, and its name begins so.",
            ),
            (
                "the recording file should contain actual video content",
                "The recording lasts, and its frames are not of one flat colour.",
            ),
            (
                "the recording file should contain actual video content from multiple participants",
                "The recording shows several participants, and its frames are not of one flat colour.",
            ),
            (
                "the recording file in MinIO should contain actual video content",
                "The recording in the bucket lasts, and its frames are not of one flat colour.",
            ),
            (
                "the recording files in MinIO should contain actual video content",
                "Each recording in the bucket lasts, and its frames are not of one flat colour.",
            ),
            (
                "no recording file should exist in the local output directory for room {string}",
                "No recording of the room is a file of this machine.",
            ),
            (
                "no track composite recording file should exist in the local output directory for participant {string}",
                "No recording of the participant's tracks is a file of this machine.",
            ),
        ],
    },
    Waiting {
        area: "image snapshots",
        needs: "egress",
        steps: &[
            (
                "an on-demand snapshot is captured to S3 for room {string} using LiveKit service {string} and MinIO service {string}",
                "Takes a picture of the room into MinIO.",
            ),
            (
                "an on-demand snapshot is captured to S3 for participant {string} video track in room {string} using LiveKit service {string} and MinIO service {string}",
                "Takes a picture of the participant's video into MinIO.",
            ),
            (
                "the S3 snapshot image file exists for room {string} using MinIO service {string}",
                "The picture of the room is in MinIO.",
            ),
            (
                "the S3 snapshot image file exists for participant {string} using MinIO service {string}",
                "The picture of the participant is in MinIO.",
            ),
            (
                "the S3 snapshot image is valid and contains actual image data",
                "The picture in MinIO can be read, and is not of one flat colour.",
            ),
            (
                "a LiveKit S3 snapshot egress service is running in a container with service name {string} connected to LiveKit service {string}",
                "Starts an egress for this server that stores pictures in MinIO.",
            ),
            (
                "a LiveKit snapshot egress service is running in a container with service name {string} connected to LiveKit service {string}",
                "Starts an egress for this server that stores pictures as files.",
            ),
            (
                "an on-demand snapshot is captured to local filesystem for room {string} using LiveKit service {string}",
                "Takes a picture of the room into a file.",
            ),
            (
                "an on-demand snapshot is captured to local filesystem for participant {string} video track in room {string} using LiveKit service {string}",
                "Takes a picture of the participant's video into a file.",
            ),
            (
                "the local snapshot image file exists for room {string}",
                "The picture of the room is a file.",
            ),
            (
                "the local snapshot image file exists for participant {string}",
                "The picture of the participant is a file.",
            ),
            (
                "the local snapshot image is valid and contains actual image data",
                "The picture can be read, and is not of one flat colour.",
            ),
        ],
    },
];
