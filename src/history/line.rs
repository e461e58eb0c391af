//! A case as one flat line of a record, and back.
//!
//! [`record`](super::record) documents the keys; this file knows nothing of other lines.

use std::{borrow::Cow, collections::HashSet, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IgnoredAny};

use crate::model::{Artifact, Attempt, Case, Detail, Failure, Measured, Outcome, Step};

/// The attempts of a case in full.
pub(super) type Full = Vec<AttemptLine>;
/// The attempts of a case passed over.
pub(super) type Passed = IgnoredAny;

/// A case in a record; `A` is how much of its attempts is read.
#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "A: Deserialize<'de>"))]
pub(super) struct CaseLine<'a, A> {
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) path: Vec<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) feature: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) example: Vec<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<Text<'a>>,
    #[serde(default, skip_serializing_if = "Word::is_passed")]
    pub(super) outcome: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ms: Option<Millis>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub(super) tries: usize,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) flaky: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) measured: Option<Box<Measured>>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub(super) attempts: Option<A>,
}

/// Foreign text, borrowed from the line where it needs no unescaping.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// An outcome; a word that a newer version may have added reads as unknown.
#[derive(Clone, Copy)]
pub(super) struct Word(pub(super) Outcome);

/// A duration in milliseconds.
#[derive(Clone, Copy)]
pub(super) struct Millis(pub(super) Duration);

/// One attempt of a case in a record.
#[derive(Serialize, Deserialize)]
pub(super) struct AttemptLine {
    #[serde(default, skip_serializing_if = "Word::is_passed")]
    outcome: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ms: Option<Millis>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Failure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepLine>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    artifacts: Vec<Artifact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worker: Option<Box<str>>,
}

#[derive(Serialize, Deserialize)]
struct StepLine {
    text: Box<str>,
    #[serde(default, skip_serializing_if = "Word::is_passed")]
    outcome: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ms: Option<Millis>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    hook: bool,
}

const fn one() -> usize {
    1
}

const fn none<A>() -> Option<A> {
    None
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_one(tries: &usize) -> bool {
    *tries == 1
}

impl Default for Word {
    fn default() -> Self {
        Self(Outcome::Passed)
    }
}

impl Word {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
    fn is_passed(&self) -> bool {
        self.0 == Outcome::Passed
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Text::deserialize(deserializer)?;
        let known = Outcome::ALL.into_iter().find(|it| it.word() == word.0);
        Ok(Self(known.unwrap_or(Outcome::Unknown)))
    }
}

impl Millis {
    /// The duration as exactly as a record keeps it.
    pub(super) fn kept(self) -> Self {
        let micros = (self.0.as_nanos() + 500) / 1_000;
        let micros = match micros {
            0..10_000 => micros,
            _ => (self.0.as_nanos() + 500_000) / 1_000_000 * 1_000,
        };
        Self(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let micros = self.kept().0.as_micros();
        if micros.is_multiple_of(1_000) {
            return serializer.serialize_u64(u64::try_from(micros / 1_000).unwrap_or(u64::MAX));
        }
        serializer.serialize_f64(micros as f64 / 1_000.0)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let millis = f64::deserialize(deserializer)?;
        let micros = (millis * 1_000.0).round() as u64;
        Ok(Self(Duration::from_micros(micros)))
    }
}

impl<'a> CaseLine<'a, Full> {
    /// The line of `case` in a run that began at `start`.
    pub(super) fn of(case: &'a Case, start: Timestamp) -> Self {
        let list = |items: &'a [Arc<str>]| items.iter().map(|it| Text::of(it)).collect();
        let attempts: Full = case.attempts.iter().map(|it| AttemptLine::of(it, start)).collect();
        let plain = matches!(attempts.as_slice(), [only] if only.is_plain());
        Self {
            path: list(&case.path),
            name: Text::of(&case.name),
            feature: case.feature.as_deref().map(Text::of),
            rule: case.rule.as_deref().map(Text::of),
            example: case.example.iter().map(|it| Text::of(it)).collect(),
            tags: list(&case.tags),
            outcome: Word(case.outcome()),
            at: attempts.first().and_then(|it| it.at),
            ms: case.duration().map(Millis),
            tries: case.attempts.len(),
            flaky: case.is_flaky(),
            measured: case.measured.clone(),
            attempts: (!plain).then_some(attempts),
        }
    }

    /// The case of the line; `interner` holds what the cases of a record have in common.
    pub(super) fn into_case(mut self, start: Timestamp, interner: &mut Interner) -> Case {
        let measured = self.measured.take();
        let alone = Attempt {
            outcome: self.outcome.0,
            started: self.at.and_then(|at| after(start, at)),
            duration: self.ms.map(|it| it.0),
            detail: None,
        };
        let case = self.case(interner);
        let attempts = self.attempts.map_or_else(
            || vec![alone],
            |attempts| attempts.into_iter().map(|it| it.into_attempt(start)).collect(),
        );
        Case { attempts, measured, ..case }
    }
}

impl<A> CaseLine<'_, A> {
    /// Which case it is, without its attempts.
    pub(super) fn case(&self, interner: &mut Interner) -> Case {
        let mut shared = |it: &Text<'_>| interner.text(&it.0);
        let (feature, rule) =
            (self.feature.as_ref().map(&mut shared), self.rule.as_ref().map(shared));
        Case {
            path: interner.list(&self.path),
            feature,
            rule,
            name: (*self.name.0).into(),
            example: self.example.iter().map(|it| (*it.0).into()).collect(),
            tags: interner.list(&self.tags),
            attempts: Vec::new(),
            measured: None,
        }
    }
}

impl<'a> Text<'a> {
    const fn of(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl AttemptLine {
    fn of(attempt: &Attempt, start: Timestamp) -> Self {
        let detail = attempt.detail.as_deref().cloned().unwrap_or_default();
        Self {
            outcome: Word(attempt.outcome),
            at: attempt.started.map(|it| millis_since(start, it)),
            ms: attempt.duration.map(Millis),
            failures: detail.failures,
            reason: detail.reason,
            steps: detail.steps.into_iter().map(StepLine::of).collect(),
            artifacts: detail.artifacts,
            output: detail.output,
            worker: detail.worker,
        }
    }

    fn into_attempt(self, start: Timestamp) -> Attempt {
        let detail = Detail {
            failures: self.failures,
            reason: self.reason,
            steps: self.steps.into_iter().map(StepLine::into_step).collect(),
            artifacts: self.artifacts,
            output: self.output,
            worker: self.worker,
        };
        Attempt {
            outcome: self.outcome.0,
            started: self.at.and_then(|at| after(start, at)),
            duration: self.ms.map(|it| it.0),
            detail: (detail != Detail::default()).then(|| Box::new(detail)),
        }
    }

    /// Whether the line of the case says all of it.
    fn is_plain(&self) -> bool {
        let Self { outcome: _, at: _, ms: _, failures, reason, steps, artifacts, output, worker } =
            self;
        failures.is_empty()
            && steps.is_empty()
            && artifacts.is_empty()
            && reason.is_none()
            && output.is_none()
            && worker.is_none()
    }
}

impl StepLine {
    fn of(step: Step) -> Self {
        let Step { text, outcome, duration, hook } = step;
        Self { text, outcome: Word(outcome), ms: duration.map(Millis), hook }
    }

    fn into_step(self) -> Step {
        let Self { text, outcome, ms, hook } = self;
        Step { text, outcome: outcome.0, duration: ms.map(|it| it.0), hook }
    }
}

fn millis_since(start: Timestamp, time: Timestamp) -> i64 {
    let nanos = time.as_nanosecond() - start.as_nanosecond();
    // A span between two timestamps is far below what fits.
    i64::try_from((nanos + 500_000).div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

fn after(start: Timestamp, millis: i64) -> Option<Timestamp> {
    let nanos = start.as_nanosecond() + i128::from(millis) * 1_000_000;
    Timestamp::from_nanosecond(nanos).ok()
}

/// Text and lists of text that many cases share, each kept once.
#[derive(Debug, Default)]
pub(super) struct Interner {
    texts: HashSet<Arc<str>>,
    lists: HashSet<Arc<[Arc<str>]>>,
}

impl Interner {
    /// The one copy of `text`.
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&text));
        text
    }

    /// The one copy of a list.
    pub(super) fn list(&mut self, items: &[Text<'_>]) -> Arc<[Arc<str>]> {
        let items: Vec<Arc<str>> = items.iter().map(|it| self.text(&it.0)).collect();
        if let Some(known) = self.lists.get(items.as_slice()) {
            return Arc::clone(known);
        }
        let items: Arc<[Arc<str>]> = items.into();
        self.lists.insert(Arc::clone(&items));
        items
    }
}
