//! The programs of the LiveKit world that a scenario can start, and what each is called where.

use std::{fmt, str::FromStr};

/// A program that a scenario can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// The media server, `livekit-server`.
    Livekit,
    /// Records and streams out of rooms.
    Egress,
    /// Brings streams into rooms.
    Ingress,
    /// Brings phones into rooms.
    Sip,
    /// What several servers share.
    Redis,
    /// A store for recordings that speaks S3.
    Minio,
    /// The command line of LiveKit, which publishes and loads.
    Lk,
    /// An application that uses LiveKit; no provider of programs has it.
    App,
    /// A browser with its driver; no provider of programs has it.
    Browser,
}

/// A name that no component has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no component is called `{0}`; known: {known}", known = names())]
pub struct UnknownComponent(pub String);

impl Component {
    /// All that providers have; what others need stands after what needs it, which is the order of the end.
    pub const ALL: [Self; 7] =
        [Self::Lk, Self::Egress, Self::Ingress, Self::Sip, Self::Livekit, Self::Redis, Self::Minio];

    /// What reports call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Livekit => "livekit",
            Self::Egress => "egress",
            Self::Ingress => "ingress",
            Self::Sip => "sip",
            Self::Redis => "redis",
            Self::Minio => "minio",
            Self::Lk => "lk",
            Self::App => "app",
            Self::Browser => "browser",
        }
    }

    /// What its program is called.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Livekit => "livekit-server",
            Self::Redis => "redis-server",
            other => other.name(),
        }
    }

    /// Whether it works for a scenario and is no part of what is tested: then it is a program of this machine,
    /// also where servers are containers.
    #[must_use]
    pub fn is_tool(self) -> bool {
        matches!(self, Self::Lk | Self::App)
    }

    /// The repository of its images, and whether their tags begin with `v`.
    #[must_use]
    pub fn image(self) -> (&'static str, bool) {
        match self {
            Self::Livekit => ("livekit/livekit-server", true),
            Self::Egress => ("livekit/egress", true),
            Self::Ingress => ("livekit/ingress", true),
            Self::Sip => ("livekit/sip", true),
            Self::Redis => ("redis", false),
            Self::Minio => ("minio/minio", false),
            Self::Lk => ("livekit/livekit-cli", true),
            Self::App => ("app", false),
            Self::Browser => ("browser", false),
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Component {
    type Err = UnknownComponent;

    fn from_str(text: &str) -> Result<Self, UnknownComponent> {
        let is_meant = |it: &Self| it.name() == text || it.program() == text;
        Self::ALL.into_iter().find(is_meant).ok_or_else(|| UnknownComponent(text.to_owned()))
    }
}

fn names() -> String {
    Component::ALL.map(Component::name).join(", ")
}
