//! Where a JUnit test stands: the same path on every machine and in every run.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::super::Intake;

/// The path and the name of a test.
type Named = (Arc<[Arc<str>]>, Box<str>);

/// Gives each path once, however many cases stand there.
#[derive(Default)]
pub(super) struct Paths {
    /// The class names that the innermost suite has had, as written.
    by_class: HashMap<Box<str>, Arc<[Arc<str>]>>,
    /// The parameters that the tests of the innermost suite have had.
    rows: HashSet<Box<str>>,
    /// How often a test of a name came in the innermost suite, by path and name.
    times: HashMap<Named, u32>,
    names: HashSet<Arc<str>>,
}

impl Paths {
    /// Forgets the paths below a suite that begins or ends; the names stay.
    pub(super) fn enter_suite(&mut self) {
        self.by_class.clear();
        self.rows.clear();
        self.times.clear();
    }

    /// How often a test of this name has come here, with this time.
    pub(super) fn times(&mut self, path: &Arc<[Arc<str>]>, name: &str) -> u32 {
        let times = self.times.entry((Arc::clone(path), name.into())).or_default();
        *times += 1;
        *times
    }

    /// The name of a test with parameters without their number, where what they are tells its rows apart.
    pub(super) fn without_row<'n>(&mut self, name: &'n str, parameters: &str) -> Option<&'n str> {
        let stem = without_number(name, parameters)?;
        self.rows.insert(format!("{stem}/{parameters}").into()).then_some(stem)
    }

    /// The path of a class, as written, inside the suites of these clean names, outermost first.
    pub(super) fn path<'s>(
        &mut self,
        suites: impl Iterator<Item = &'s str>,
        class: &str,
        intake: &mut Intake<'_>,
    ) -> Arc<[Arc<str>]> {
        if let Some(path) = self.by_class.get(class) {
            return Arc::clone(path);
        }
        let clean = intake.line(class);
        let suites: Vec<Cow<'_, str>> = suites.map(stable).collect();
        let reduced = stable(&clean);
        let path: Arc<[Arc<str>]> =
            reduce(&suites, &reduced).into_iter().map(|it| self.name(it)).collect();
        self.by_class.insert(class.into(), Arc::clone(&path));
        path
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(name) = self.names.get(name) {
            return Arc::clone(name);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }
}

/// The class without what names its row, and what that row is: a type of GoogleTest's, which its suite
/// bears too, or the browser that Karma ran.
pub(super) fn class_and_row<'n>(
    suite: &'n str,
    class: &'n str,
    type_param: &'n str,
) -> (&'n str, Option<&'n str>) {
    match without_number(class, type_param).filter(|_| suite == class) {
        Some(stem) => (stem, Some(type_param)),
        None => browser(suite, class).map_or((class, None), |(row, class)| (class, Some(row))),
    }
}

/// Karma names a suite after the browser with its version and system, `Chrome 156.0.0.0 (Linux 0.0.0)`,
/// and puts that before each class with `_` for blanks and points.
fn browser<'n>(suite: &'n str, class: &'n str) -> Option<(&'n str, &'n str)> {
    let (browser, version) = suite.strip_suffix(')')?.split_once(" (")?.0.rsplit_once(' ')?;
    let is_version = version.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let is_before = class.get(..suite.len()) == Some(&suite.replace([' ', '.'], "_"));
    let class = class.get(suite.len()..)?.strip_prefix('.')?;
    (is_version && is_before).then_some((browser, class))
}

/// GoogleTest numbers parameters and says beside what they are; values that it cannot print are bytes,
/// which differ between runs.
fn without_number<'n>(name: &'n str, parameter: &str) -> Option<&'n str> {
    let (stem, number) = name.rsplit_once('/')?;
    let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    let is_stable = ["-byte object <", "0x"].iter().all(|it| !parameter.contains(it));
    (is_number && is_stable && !parameter.is_empty()).then_some(stem)
}

/// The suites and the class without what says the same twice.
fn reduce<'n>(suites: &'n [Cow<'_, str>], class: &'n str) -> Vec<&'n str> {
    let last_of_class = class.rsplit(['.', '/', '\\', ':']).next().unwrap_or(class);
    let mut parts: Vec<&str> = Vec::with_capacity(suites.len() + 1);
    for suite in suites {
        let repeats = parts.last() == Some(&suite.as_ref());
        let is_class = suite == class || suite == last_of_class || share_a_class(suite, class);
        if !suite.is_empty() && !is_class && !repeats {
            parts.push(suite);
        }
    }
    if !class.is_empty() {
        parts.push(class);
    }
    parts
}

/// Whether one is a class inside the other, or both are in the same: Surefire puts the cases of nested
/// and outer classes into each other's suites, depending on which ran last.
fn share_a_class(suite: &str, class: &str) -> bool {
    let outermost = |it: &'_ str| it.find('$').unwrap_or(it.len());
    (suite.contains('$') || class.contains('$'))
        && suite[..outermost(suite)] == class[..outermost(class)]
}

/// The name without what differs between machines and runs.
pub(super) fn stable(name: &str) -> Cow<'_, str> {
    let name = without_time(without_stress(name.trim()));
    if is_absolute(name) {
        let last = name.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next();
        return Cow::Borrowed(last.unwrap_or(name));
    }
    let is_windows_path = name.contains('\\') && !name.contains(['/', ' ']) && is_file(name);
    if is_windows_path { Cow::Owned(name.replace('\\', "/")) } else { Cow::Borrowed(name) }
}

/// Whether the name ends as that of a file does; a class name inside a name space does not.
fn is_file(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').is_some_and(|(_, ending)| {
        (1..=4).contains(&ending.len()) && ending.bytes().all(|it| it.is_ascii_lowercase())
    })
}

fn is_absolute(name: &str) -> bool {
    match name.as_bytes() {
        [b'/', first, rest @ ..] => *first != b'/' && rest.contains(&b'/'),
        [drive, b':', b'/' | b'\\', ..] => drive.is_ascii_alphabetic(),
        [b'\\', b'\\', ..] => true,
        _ => name.starts_with("file://"),
    }
}

/// nextest names the repetition of a stress run
/// (<https://nexte.st/docs/features/stress-tests/>).
fn without_stress(name: &str) -> &str {
    match name.rsplit_once("@stress-") {
        Some((name, n)) if !n.is_empty() && n.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => name,
    }
}

/// unittest-xml-reporting writes the time of the run behind the name: `-YYYYMMDDhhmmss`.
fn without_time(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((name, time))
            if time.len() == 14
                && time.starts_with("20")
                && time.bytes().all(|it| it.is_ascii_digit()) =>
        {
            name
        }
        _ => name,
    }
}

/// Whether Playwright names a project by this host name: each of its suites is a spec file whose
/// cases bear the file's name as class (<https://playwright.dev/docs/test-reporters#junit-reporter>).
pub(super) fn is_project(suite: &str, class: &str) -> bool {
    suite == class && is_file(suite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_on_every_machine() {
        let pairs = [
            ("/home/a/phpunit.xml", "phpunit.xml"),
            ("C:\\work\\a.test.js", "a.test.js"),
            ("__tests__\\main.test.js", "__tests__/main.test.js"),
            ("Kdyby\\Forms\\Renderer", "Kdyby\\Forms\\Renderer"),
            ("nextest-filtering::match@stress-12", "nextest-filtering::match"),
            ("TestAcme-20251114214921", "TestAcme"),
            ("tests/a.spec.ts", "tests/a.spec.ts"),
            ("/rooms", "/rooms"),
            ("// comment", "// comment"),
            ("a-b@stress-", "a-b@stress-"),
        ];
        for (name, expected) in pairs {
            assert_eq!(stable(name), expected);
        }
    }

    #[test]
    fn nothing_is_said_twice() {
        let reduced = |suites: &[&'static str], class: &'static str| {
            let suites: Vec<_> = suites.iter().copied().map(Cow::Borrowed).collect();
            reduce(&suites, class).join(" > ")
        };
        assert_eq!(reduced(&["a.B"], "a.B"), "a.B");
        assert_eq!(reduced(&["x", "", "x", "B"], "a.B"), "x > a.B");
        assert_eq!(reduced(&["all", "packet", "TestA"], ""), "all > packet > TestA");
        assert_eq!(reduced(&[], ""), "");
    }
}
