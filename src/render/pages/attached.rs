//! Texts that a test attached to an attempt and that tell times, such as the console of a browser.

use jiff::Timestamp;

use super::log::Spoken;
use crate::{
    ingest::Level,
    model::{Artifact, ArtifactKind, Case, RunId},
    render::{Site, address},
};

/// The most that is read of one.
const BYTES: u64 = 2 << 20;

/// How consoles of browsers call what they are told.
const LEVELS: [&str; 4] = ["error", "warn", "info", "debug"];

/// A text that a test attached.
pub(in crate::render) struct Attached {
    name: String,
    href: String,
    text: String,
}

/// What was attached to attempt `n` of a case, from 1, as far as it is text of which a line tells its time.
pub(in crate::render) fn attached(
    case: &Case,
    n: usize,
    run: &RunId,
    site: &Site,
) -> Vec<Attached> {
    let detail = case.attempts.get(n - 1).and_then(|it| it.detail.as_deref());
    let is_text = |it: &&Artifact| it.kind == ArtifactKind::Text && it.bytes <= BYTES;
    let all = detail.map_or(&[][..], |it| &it.artifacts).iter().filter(is_text);
    let read = |it: &Artifact| {
        let href = format!("{}/{}", address::evidence(run), it.place);
        let text = site.read(&href)?;
        let name = it.name.rsplit_once('.').map_or(&*it.name, |it| it.0).to_owned();
        Some(Attached { name, href, text })
    };
    all.filter_map(read).filter(|it| it.text.lines().any(|it| timed(it).is_some())).collect()
}

/// The time at which a line begins, and what follows it.
fn timed(line: &str) -> Option<(Timestamp, &str)> {
    let (time, rest) = line.split_once([' ', '\t'])?;
    Some((time.parse().ok()?, rest.trim_start()))
}

impl Attached {
    /// What it tells of the time between two.
    pub(super) fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = Spoken<'_>> {
        (1..).zip(self.text.lines()).filter_map(move |(number, line)| {
            let (time, said) = timed(line).filter(|(time, _)| *time >= from && *time <= to)?;
            let (level, text) = said.split_once(' ').unwrap_or((said, ""));
            let is_level = LEVELS.contains(&level);
            Some(Spoken {
                component: &self.name,
                time,
                number,
                text: if is_level { text } else { said },
                href: self.href.clone(),
                grave: match level {
                    "error" => Some(Level::Error),
                    "warn" => Some(Level::Warn),
                    _ => None,
                },
                marked: false,
            })
        })
    }
}
