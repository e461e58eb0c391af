//! Real browsers: what there is on this machine, and people in them on the meeting page.
//!
//! One browser of each kind runs for all scenarios. A *person* is a user context of its own in it
//! (WebDriver BiDi), with storage, permissions and a window that nobody else sees, so a further one is
//! there in the time of a new window.

pub mod client_js;
mod devtools;
mod driver;
mod page;
mod person;
mod pool;
mod statistics;

use std::{env, fmt, fs, path::PathBuf, process::Stdio, str::FromStr};

use tokio::process::Command;

pub use self::{
    devtools::{NoNetwork, feasible},
    page::{Event, Layer, Look, Member, Published, Received, Sent, Shown, Track},
    person::{Line, PageError, Person, Sight},
    pool::{BrowserError, Pool},
    statistics::{Break, Measured},
};
use crate::stack::installed;

/// A kind of browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Chrome, or Chromium where there is no Chrome.
    Chrome,
    /// Firefox, also its ESR.
    Firefox,
    /// Edge.
    Edge,
}

/// A browser of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Of what kind.
    pub kind: Kind,
    /// What its program is called: `chromium`, `firefox`, ….
    pub name: &'static str,
    /// Its program.
    pub program: PathBuf,
    /// The driver of it.
    pub driver: PathBuf,
}

/// Why a browser cannot be used on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// It is not installed.
    #[error("{0} is not installed: none of {programs} is in PATH; {hint}", programs = .0.programs().join(", "), hint = .0.hint())]
    Browser(Kind),
    /// Its driver is not.
    #[error("the driver of {0} is not installed: `{driver}` is not in PATH; {hint}", driver = .0.driver(), hint = .0.driver_hint())]
    Driver(Kind),
}

/// No browser is called so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no browser is called `{0}`; there are Chrome, Chromium, Firefox and Edge")]
pub struct UnknownBrowser(String);

impl Kind {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Chrome, Self::Firefox, Self::Edge];

    /// What its program may be called, the first that is there prevails.
    #[must_use]
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Chrome => {
                &["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"]
            }
            Self::Firefox => &["firefox", "firefox-esr"],
            Self::Edge => &["microsoft-edge", "microsoft-edge-stable"],
        }
    }

    /// What its driver is called.
    #[must_use]
    pub fn driver(self) -> &'static str {
        match self {
            Self::Chrome => "chromedriver",
            Self::Firefox => "geckodriver",
            Self::Edge => "msedgedriver",
        }
    }

    /// How to get it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Chrome => "on Debian: `apt-get install chromium chromium-driver`",
            Self::Firefox => "on Debian: `apt-get install firefox-esr`",
            Self::Edge => "Microsoft has packages of it",
        }
    }

    /// How to get its driver.
    #[must_use]
    pub fn driver_hint(self) -> &'static str {
        match self {
            Self::Chrome => "on Debian: `apt-get install chromium-driver`",
            Self::Firefox => "`cargo install geckodriver`",
            Self::Edge => "Microsoft has one for each version of Edge",
        }
    }

    /// Finds it on this machine.
    ///
    /// # Errors
    ///
    /// When it or its driver is not installed.
    pub fn find(self) -> Result<Found, Missing> {
        let mut programs = self.programs().iter();
        let found = programs.find_map(|name| Some((*name, installed(name)?)));
        let (name, program) = found.ok_or(Missing::Browser(self))?;
        let driver = installed(self.driver()).or_else(|| in_cargo(self.driver()));
        let driver = driver.ok_or(Missing::Driver(self))?;
        Ok(Found { kind: self, name, program, driver })
    }
}

impl Found {
    /// What it says of its version; none where it does not.
    pub async fn version(&self) -> Option<String> {
        let mut command = Command::new(&self.program);
        command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let output = command.output().await.ok()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.split_whitespace()
            .find(|it| it.starts_with(|c: char| c.is_ascii_digit()))
            .map(str::to_owned)
    }
}

/// A program that `cargo install` left where not every `PATH` looks.
fn in_cargo(program: &str) -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))?;
    Some(home.join("bin").join(program)).filter(|it| fs::metadata(it).is_ok_and(|it| it.is_file()))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chrome => "Chrome",
            Self::Firefox => "Firefox",
            Self::Edge => "Edge",
        })
    }
}

impl FromStr for Kind {
    type Err = UnknownBrowser;

    fn from_str(text: &str) -> Result<Self, UnknownBrowser> {
        match text.to_ascii_lowercase().as_str() {
            "chrome" | "chromium" => Ok(Self::Chrome),
            "firefox" => Ok(Self::Firefox),
            "edge" => Ok(Self::Edge),
            _ => Err(UnknownBrowser(text.to_owned())),
        }
    }
}
