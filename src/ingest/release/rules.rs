//! The rules by which an item of release notes is of a kind, breaking, or of interest to tests.
//!
//! The first rule that holds decides, and its words are shown beside the item; `docs/formats.md` lists
//! them all.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::{Item, ItemKind};

/// A pattern, and what is said of what it matches.
type Rule<T> = (&'static str, &'static str, T);

/// A heading of changesets that says more of the version than of the items below it.
const PATCHES: &str = "stands under a heading of patches";

/// What the words of a heading make of the items below.
const HEADINGS: &[Rule<ItemKind>] = &[
    (r"(?i)^\W*patch changes\b", PATCHES, ItemKind::Changed),
    (
        r"(?i)\bbreaking\b|\bmajor changes\b|\bincompatib",
        "stands under a heading of breaking changes",
        ItemKind::Breaking,
    ),
    (r"(?i)\bsecurity\b|\bvulnerabilit", "stands under a heading of security", ItemKind::Security),
    (
        r"(?i)\bdependenc(y|ies)\b|\bdeps\b",
        "stands under a heading of dependencies",
        ItemKind::Dependency,
    ),
    (
        r"(?i)\bfix(e[sd])?\b|\bbugs?\b|\bbug ?fix",
        "stands under a heading of fixes",
        ItemKind::Fixed,
    ),
    (
        r"(?i)\badd(ed|itions)?\b|\bfeatures?\b|\bnew\b|\bminor changes\b",
        "stands under a heading of what is new",
        ItemKind::Added,
    ),
    (
        r"(?i)\bchange[ds]?\b|\bremoved\b|\bdeprecat|\bimprove|\bperformance\b|\brefactor",
        "stands under a heading of changes",
        ItemKind::Changed,
    ),
];

/// What an item itself says of its kind, which prevails over a heading for these.
const STRONG: &[Rule<ItemKind>] = &[
    (r"\b(CVE-\d{4}-\d+|GHSA(-\w{4}){3})\b", "names an advisory", ItemKind::Security),
    (
        r"(?i)^\W*security\b|\bvulnerabilit(y|ies)\b|\bsecurity (fix|patch|update)",
        "speaks of security",
        ItemKind::Security,
    ),
    (
        r"(?i)^\W*(chore|build|fix)\(deps[^)]*\)|^\W*(\w+(\([^)]*\))?: )?(bump|update|upgrade)[sd]?\b.{0,60}\b(deps?|dependenc(y|ies))\b|\b(bump|update|upgrade)[sd]?\b.{1,80}\bfrom v?\d\S* to v?\d|^\W*(maintenance: )?bump(s|ed)?\b|^\W*updated? (module|dependency)\b",
        "moves a dependency",
        ItemKind::Dependency,
    ),
];

/// What an item says of its kind where no heading does.
const WORDS: &[Rule<ItemKind>] = &[
    (
        r"(?i)^\W*(bug)?fix(e[sd])?\b|^\W*(correct|resolve|prevent|avoid|guard)(s|e?d)?\b",
        "begins with a word for fixes",
        ItemKind::Fixed,
    ),
    (
        r"(?i)^\W*(feat(ure)?|add(s|ed)?|new|support|introduce[sd]?|implement(s|ed)?|allow(s|ed)?|expose[sd]?)\b",
        "begins with a word for what is new",
        ItemKind::Added,
    ),
    (
        r"(?i)^\W*(change[sd]?|improve[sd]?|refactor|perf(ormance)?|remove[sd]?|rename[sd]?|use|update[sd]?|switch|move[sd]?|drop(s|ped)?|deprecate[sd]?|revert|chore|ci|docs?|documentation|maintenance|tests?|style|build)\b",
        "begins with a word for changes",
        ItemKind::Changed,
    ),
];

/// What makes an item breaking.
const BREAKING: &[Rule<()>] = &[
    (r"(?i)\bbreaking\b", "says that it is breaking", ()),
    (r"^\W*\w+(\([^)]*\))?!:", "has the `!` of a conventional commit", ()),
    (r"(?i)\bbackwards?[ -](in)?compatib", "speaks of backward compatibility", ()),
    (r"(?i)^\W*ATTENTION\b", "asks for attention", ()),
    (
        r"(?i)\bno longer\b|\bdrop(s|ped)? (the )?support\b|\b(end|removal) of support\b",
        "takes something away",
        (),
    ),
    (
        r"(?i)^\W*(\[[^\]]*\] ?)?(\w+: )?(remove[sd]?|delete[sd]?|rename[sd]?)\b",
        "removes or renames something",
        (),
    ),
    (r"(?i)\b(requires?|minimum)\b.{0,40}\b\d+\.\d+", "asks for another version of something", ()),
    (
        r"(?i)\bmigration guide\b|\b(must|need to|please) migrate\b|\bby default\b.{0,40}\b(disabled|denied|off|rejected)\b",
        "asks for a migration, or turns something off",
        (),
    ),
];

/// What makes an item interesting to those who test a deployment.
const RELEVANT: &[Rule<()>] = &[
    (r"(?i)\bdefaults?\b", "changes or names a default", ()),
    (
        r"(?i)\btime-?outs?\b|\blimits?\b|\brate limit|\bretr(y|ies)\b|\bmax(imum)?\b",
        "names a limit or a time-out",
        (),
    ),
    (
        r"(?i)\bICE\b|\bTURN\b|\bSTUN\b|\bDTLS\b|\bcandidates?\b|\breconnect|\bsignal(l?ing)?\b|\bresume\b",
        "names how participants connect",
        (),
    ),
    (r"(?i)\bwebhooks?\b", "names webhooks", ()),
    (
        r"(?i)\btokens?\b|\bpermissions?\b|\bgrants?\b|\bauthenticat",
        "names tokens or permissions",
        (),
    ),
    (
        r"(?i)\bconfig(uration)?\b|\bconfig option|\benvironment variable",
        "names the configuration",
        (),
    ),
    (
        r"(?i)\bcodecs?\b|\b(VP8|VP9|AV1|H\.?26[45]|opus|simulcast|SVC)\b",
        "names codecs or layers",
        (),
    ),
    (r"(?i)\bredis\b|\begress\b|\bingress\b|\bSIP\b", "names another component", ()),
    (r"(?i)\bpanics?\b|\bcrash|\bdeadlock|\bleak|\brace\b", "names a crash, a leak or a race", ()),
    (r"(?i)\bmetrics?\b|\bprometheus\b|\blog(s|ging|ged)?\b", "names logs or metrics", ()),
];

/// What tools write before what an item says: changesets a pull request, a commit and thanks, git-cliff a
/// scope.
const BEFORE: &str = r"^(?:(?:\[(?:#\d+|`[0-9a-f]+`)\]\(\S+\) )+(?:Thanks .{1,200}?! )?- |[0-9a-f]{7,40}: |\*\([^)]*\)\* )";

/// Headings whose items say nothing of the component.
const THANKS: &str =
    r"(?i)\bcontributors?\b|\bthanks\b|\backnowledg|\bfull changelog\b|\bassets\b|\bchecksums?\b";

struct Compiled<T> {
    rules: Vec<(Regex, &'static str, T)>,
}

impl<T: Copy> Compiled<T> {
    fn new(rules: &[Rule<T>]) -> Self {
        // A pattern that cannot be compiled would be a mistake of ours, which a test finds.
        let compiled =
            rules.iter().filter_map(|(it, why, what)| Some((Regex::new(it).ok()?, *why, *what)));
        Self { rules: compiled.collect() }
    }

    fn first(&self, text: &str) -> Option<(&'static str, T)> {
        self.rules.iter().find(|it| it.0.is_match(text)).map(|it| (it.1, it.2))
    }
}

static OF_HEADINGS: LazyLock<Compiled<ItemKind>> = LazyLock::new(|| Compiled::new(HEADINGS));
static OF_STRONG: LazyLock<Compiled<ItemKind>> = LazyLock::new(|| Compiled::new(STRONG));
static OF_WORDS: LazyLock<Compiled<ItemKind>> = LazyLock::new(|| Compiled::new(WORDS));
static OF_BREAKING: LazyLock<Compiled<()>> = LazyLock::new(|| Compiled::new(BREAKING));
static OF_RELEVANT: LazyLock<Compiled<()>> = LazyLock::new(|| Compiled::new(RELEVANT));
static OF_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(BEFORE).ok());
static OF_THANKS: LazyLock<Compiled<()>> = LazyLock::new(|| Compiled::new(&[(THANKS, "", ())]));

/// What a heading makes of the items below it; `None` where it is none that groups items.
pub(super) fn of_heading(text: &str) -> Option<(&'static str, ItemKind)> {
    // A sentence is an item itself.
    (text.split_whitespace().count() <= 5).then(|| OF_HEADINGS.first(text)).flatten()
}

/// Whether the items below a heading are thanks and the like.
pub(super) fn is_thanks(heading: &str) -> bool {
    OF_THANKS.first(heading).is_some()
}

/// Whether a text outside of lists is an item by itself.
pub(super) fn is_breaking(text: &str) -> bool {
    OF_BREAKING.first(text).is_some()
}

/// Judges an item by its words and by the heading that it stands under.
pub(super) fn item(text: Box<str>, heading: Option<(&'static str, ItemKind)>) -> Item {
    let before = OF_BEFORE.as_ref().and_then(|it| it.find(&text)).map_or(0, |it| it.end());
    let said = &text[before..];
    let own = |rules: &Compiled<ItemKind>| rules.first(said);
    let named = heading.filter(|it| it.1 == ItemKind::Breaking || it.1 == ItemKind::Security);
    let telling = heading.filter(|it| it.0 != PATCHES);
    let by_itself = named.or_else(|| own(&OF_STRONG)).or(telling).or_else(|| own(&OF_WORDS));
    let judged = by_itself.or(heading);
    let (why, kind) = judged.unwrap_or(("no rule says what it is", ItemKind::Other));
    let breaking = match kind {
        ItemKind::Breaking => Some(why),
        // A version that a dependency asks for is no demand of ours.
        ItemKind::Dependency => None,
        _ => OF_BREAKING.first(said).map(|it| it.0),
    };
    let relevant = OF_RELEVANT.first(said).map(|it| it.0);
    Item { kind, why, breaking, relevant, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_can_be_compiled() {
        let patterns = HEADINGS.iter().chain(STRONG).chain(WORDS).map(|it| it.0);
        let others = BREAKING.iter().chain(RELEVANT).map(|it| it.0);
        for it in patterns.chain(others).chain([THANKS, BEFORE]) {
            assert!(Regex::new(it).is_ok(), "{it}");
        }
    }

    #[test]
    fn items_are_judged_by_their_words_and_headings() {
        let judge = |text: &str, heading: &str| {
            let it = item(text.into(), of_heading(heading));
            (it.kind, it.breaking.is_some(), it.relevant.is_some())
        };
        use ItemKind::*;
        for (text, heading, expected) in [
            ("Add country to closing log (#4693)", "Added", (Added, false, true)),
            ("Update go deps (#4645)", "Changed", (Dependency, false, false)),
            ("Fix: Refactor `substr()`", "", (Fixed, false, false)),
            ("Feature: Use NodeJS 24 LTS", "", (Added, false, false)),
            ("feat(api)!: new shape", "", (Added, true, false)),
            ("Security: Bump js-yaml (fixes prototype pollution)", "", (Security, false, false)),
            ("fix CVE-2026-12345 in TURN", "Changed", (Security, false, true)),
            ("Removed the old signal path", "Changed", (Changed, true, true)),
            ("[Ruby] Require Ruby 3.3", "Changed", (Changed, true, false)),
            ("Export migration to LocalParticipant interface.", "Changed", (Changed, false, false)),
            ("whatever", "", (Other, false, false)),
            ("whatever", "Patch Changes", (Changed, false, false)),
            (
                "[#9](https://x/9) [`7528bce`](https://x/7) Thanks [@a](https://x/a)! - Fix a race",
                "Patch Changes",
                (Fixed, false, true),
            ),
            (
                "Updated dependencies [[`7528bce`](https://x/7)]:\n- @x/core@1.2.0",
                "Patch Changes",
                (Dependency, false, false),
            ),
            ("9f5d8ec: Remove the old API", "Major Changes", (Breaking, true, false)),
            ("Allow more than one", "Minor Changes", (Added, false, false)),
            ("*(test)* Fix the flaky one", "⚙️ Miscellaneous Tasks", (Fixed, false, false)),
            ("*(api)* [**breaking**] New shape", "🚀 Features", (Added, true, false)),
            ("deps of CI", "🐛 Bug Fixes", (Fixed, false, false)),
            ("Prevent updates where dependencies are equal", "Added", (Added, false, false)),
            ("Maintenance: update dependencies", "Changed", (Dependency, false, false)),
            ("whatever", "💥 Breaking Changes", (Breaking, true, false)),
        ] {
            assert_eq!(judge(text, heading), expected, "{text} under {heading}");
        }
    }
}
