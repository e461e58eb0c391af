//! Steps that need a service beside LiveKit which is not started yet.

use super::Waiting;

pub(super) const ALL: &[Waiting] = &[Waiting {
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
}];
