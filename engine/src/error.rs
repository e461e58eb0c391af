//! How a step or a hook says that it did not pass, and of what class the failure is.

use std::{error::Error, fmt, io, str::FromStr};

use crate::messages::Location;

/// What a step or a hook returns.
pub type StepResult = Result<(), StepError>;

/// Why a step or a hook did not pass.
///
/// Any error becomes one with `?`; the class of a network error is found by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepError {
    /// It did not do what it should.
    Failed(Failure),
    /// It does not apply here, and neither do the steps after it.
    Skipped(Option<String>),
    /// It is known, and not built yet.
    Pending(Option<String>),
    /// The scenario does not apply to this version or machine, for this reason.
    Unsupported(String),
}

/// A failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Of what kind.
    pub class: Class,
    /// What happened, with its causes.
    pub message: String,
    /// Where in the sources, as far as it is known.
    pub place: Option<(String, Location)>,
}

/// Of what kind a failure is; it decides whether a further attempt makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Something is not as the scenario says.
    Assertion,
    /// The step panicked.
    Panic,
    /// The limit of a phase was reached.
    Limit(Phase),
    /// The other side did not answer in time.
    NetworkTimeout,
    /// Nobody listens there.
    ConnectionRefused,
    /// The other side hung up.
    ConnectionLost,
    /// Somebody else has the port.
    PortTaken,
    /// A program of the scenario ended by itself.
    Ended,
    /// None of these.
    Other,
}

/// What an attempt is busy with; each phase has a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Programs are started.
    Startup,
    /// Somebody connects.
    Connection,
    /// A recording is made.
    Recording,
    /// What the attempt started is ended.
    Cleanup,
    /// Anything else.
    Step,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Startup => "startup",
            Self::Connection => "connection",
            Self::Recording => "recording",
            Self::Cleanup => "cleanup",
            Self::Step => "step",
        })
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assertion => f.write_str("assertion"),
            Self::Panic => f.write_str("panic"),
            Self::Limit(phase) => write!(f, "limit of phase {phase}"),
            Self::NetworkTimeout => f.write_str("network timeout"),
            Self::ConnectionRefused => f.write_str("connection refused"),
            Self::ConnectionLost => f.write_str("connection lost"),
            Self::PortTaken => f.write_str("port taken"),
            Self::Ended => f.write_str("program ended"),
            Self::Other => f.write_str("error"),
        }
    }
}

/// No class has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no class of failures that may pass is called `{0}`; there are {known}", known = Class::named())]
pub struct UnknownClass(String);

/// The classes that may pass in a further attempt, by the names that reports give them.
impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(text: &str) -> Result<Self, UnknownClass> {
        let found = Self::RETRYABLE.into_iter().find(|it| it.to_string() == text);
        found.ok_or_else(|| UnknownClass(text.to_owned()))
    }
}

impl Class {
    const RETRYABLE: [Self; 5] = [
        Self::NetworkTimeout,
        Self::ConnectionRefused,
        Self::ConnectionLost,
        Self::PortTaken,
        Self::Other,
    ];

    fn named() -> String {
        Self::RETRYABLE.map(|it| it.to_string()).join(", ")
    }

    /// Whether a further attempt can end otherwise without hiding a fault.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        Self::RETRYABLE.contains(&self)
    }
}

impl StepError {
    /// Something is not as the scenario says.
    #[must_use]
    pub fn assertion(message: impl Into<String>) -> Self {
        Self::failed(Class::Assertion, message)
    }

    /// A failure of this class.
    #[must_use]
    pub fn failed(class: Class, message: impl Into<String>) -> Self {
        Self::Failed(Failure { class, message: message.into(), place: None })
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for StepError {
    fn from(error: E) -> Self {
        let (mut message, mut cause) = (error.to_string(), error.source());
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        Self::failed(class(&error), message)
    }
}

/// The class of the first cause that has one.
fn class(error: &(dyn Error + 'static)) -> Class {
    let io = error.downcast_ref::<io::Error>();
    let own = io.map_or(Class::Other, |it| class_of(it.kind()));
    if own != Class::Other {
        return own;
    }
    // An IO error passes over the one inside it when it is asked for its source.
    let inside = io.and_then(io::Error::get_ref).map(|it| it as &(dyn Error + 'static));
    inside.or_else(|| error.source()).map_or(Class::Other, class)
}

fn class_of(kind: io::ErrorKind) -> Class {
    match kind {
        io::ErrorKind::TimedOut => Class::NetworkTimeout,
        io::ErrorKind::ConnectionRefused => Class::ConnectionRefused,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Class::ConnectionLost,
        io::ErrorKind::AddrInUse => Class::PortTaken,
        _ => Class::Other,
    }
}
