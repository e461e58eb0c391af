//! What each version of `livekit-server` speaks and has.

use super::Version;

/// The signal protocol by the first measured version that speaks it: a server names it when somebody
/// joins. A version between two measured ones counts as the older of them.
const PROTOCOLS: [(u32, &str); 5] =
    [(13, "1.5.3"), (14, "1.7.2"), (15, "1.8.4"), (16, "1.9.11"), (17, "1.10.1")];

/// A feature that scenarios may require.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Its name in `@RequiresFeature:`.
    pub name: &'static str,
    /// The first version that has it, as the changelog of `livekit-server` says.
    pub since: &'static str,
    /// The pull request that the changelog names.
    pub change: u32,
}

/// All features, by name.
pub const FEATURES: [Feature; 15] = [
    Feature { name: "data-blobs", since: "1.13.2", change: 4619 },
    Feature { name: "data-tracks", since: "1.11.0", change: 4429 },
    Feature { name: "departure-timeout", since: "1.6.0", change: 2549 },
    Feature { name: "h265", since: "1.9.1", change: 3773 },
    Feature { name: "participant-attributes", since: "1.7.0", change: 2806 },
    Feature { name: "participant-egress", since: "1.5.0", change: 2070 },
    Feature { name: "participant-kind", since: "1.6.0", change: 2505 },
    Feature { name: "server-rpc", since: "1.9.2", change: 3904 },
    Feature { name: "single-peer-connection", since: "1.9.1", change: 3873 },
    Feature { name: "sip", since: "1.5.2", change: 2240 },
    Feature { name: "sip-dtmf", since: "1.6.0", change: 2559 },
    Feature { name: "sip-transfer", since: "1.8.0", change: 3026 },
    Feature { name: "token-room-configuration", since: "1.7.2", change: 2853 },
    Feature { name: "transcriptions", since: "1.6.1", change: 2687 },
    Feature { name: "whip-simulcast", since: "1.9.1", change: 3719 },
];

/// The signal protocol of a server, where it is known.
#[must_use]
pub fn protocol(version: &Version) -> Option<u32> {
    let known = PROTOCOLS.iter().rev().find(|(_, since)| !version.is_before(since));
    known.map(|it| it.0)
}

impl Feature {
    /// Whether a server of this version has it.
    #[must_use]
    pub fn is_in(&self, version: &Version) -> bool {
        !version.is_before(self.since)
    }
}
