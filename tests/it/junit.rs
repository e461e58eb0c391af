//! Tests of reading JUnit XML.

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use lkreport::{
    ingest::{Discard, Evidence, Format, Ingested, Intake, read},
    model::{ArtifactKind, Attempt, Case, FailureKind, Outcome},
};
use lkreport_contract::mask::Masker;
use proptest::prelude::*;

fn ingest(name: &str, mut bytes: &[u8]) -> Ingested {
    let masker = Masker::default();
    read(name, &mut bytes, &mut Intake::new(&masker, &Discard))
}

/// The folder with many real reports, where it is at hand.
#[expect(clippy::print_stdout, reason = "a test that is left out says so")]
fn data() -> Option<PathBuf> {
    let named = std::env::var_os("LKREPORT_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = named.into_iter().chain([beside]).find(|it| it.is_dir());
    if data.is_none() {
        println!("SKIPPED: no folder `../shared/data` beside the checkout and no $LKREPORT_DATA");
    }
    data
}

/// What one reads of a file, a line for each thing.
fn summary(found: &Ingested) -> String {
    let mut said = format!("{:?}, {} entries", found.format, found.entries);
    for (outcome, count) in found.outcomes.iter() {
        let _ = write!(said, ", {count} {outcome}");
    }
    said.push('\n');
    for problem in &found.problems {
        let _ = writeln!(said, "problem in line {}: {}", problem.line, problem.message);
    }
    for (name, value) in &found.said.properties {
        let _ = writeln!(said, "property {name} = {value}");
    }
    for case in &found.cases {
        said.push_str(&case.path.join(" > "));
        let _ = writeln!(said, " :: {}{:?}{:?}", case.name, case.example, case.tags);
        case.attempts.iter().for_each(|it| describe(it, &mut said));
    }
    said
}

fn describe(attempt: &Attempt, said: &mut String) {
    let _ = write!(said, "    {}", attempt.outcome);
    if let Some(started) = attempt.started {
        let _ = write!(said, " at {started}");
    }
    if let Some(duration) = attempt.duration {
        let _ = write!(said, " in {duration:?}");
    }
    said.push('\n');
    let Some(detail) = &attempt.detail else { return };
    for failure in &detail.failures {
        let _ = writeln!(
            said,
            "        {:?} {:?}: {:?}",
            failure.kind, failure.type_name, failure.message
        );
        let _ = writeln!(said, "            text of {} bytes", failure.text.len());
    }
    if let Some(reason) = &detail.reason {
        let _ = writeln!(said, "        because {reason:?}");
    }
    if let Some(output) = &detail.output {
        let _ = writeln!(said, "        output of {} bytes", output.len());
    }
    for artifact in &detail.artifacts {
        let _ = writeln!(said, "        {:?} {:?}", artifact.kind, artifact.place);
    }
}

/// Each sample says what is expected of it in the file beside it; `LKREPORT_BLESS=1` writes those.
#[test]
fn samples_of_each_producer_say_what_is_expected() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/junit");
    let mut wrong = Vec::new();
    for folder in fs::read_dir(&samples).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|it| it == "expected") {
                continue;
            }
            let name = path.strip_prefix(&samples).unwrap().to_string_lossy().into_owned();
            let found = summary(&ingest(&name, &fs::read(&path).unwrap()));
            let mut beside = path.into_os_string();
            beside.push(".expected");
            if std::env::var_os("LKREPORT_BLESS").is_some() {
                fs::write(&beside, &found).unwrap();
            }
            let expected = fs::read_to_string(&beside).unwrap_or_default();
            if found != expected {
                wrong.push(format!("{name}: found\n{found}\nexpected\n{expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What an XML parser counted in a file.
#[derive(serde::Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Oracle {
    well_formed: bool,
    testcase: u32,
    with_failure: u32,
    with_error: u32,
    with_skipped: u32,
    plain: u32,
}

/// Files in which a case is skipped by its `status` alone, which an XML parser cannot see.
const SKIPPED_BY_STATUS: [(&str, u32); 1] =
    [("junit/action-junit-report/issues/testDisabled.xml", 10)];

/// Well-formed files that are refused.
const NOT_JUNIT: [&str; 1] = ["junit/junit-to-ctrf/not-junit.xml"];

#[test]
fn every_real_report_is_counted_as_an_xml_parser_counts_it() {
    let Some(data) = data() else { return };
    let oracle = fs::read(data.join("ORACLE.junit.json")).unwrap();
    let oracle: BTreeMap<String, Oracle> = serde_json::from_slice(&oracle).unwrap();
    let mut wrong = Vec::new();
    for (file, expected) in &oracle {
        let found = ingest(file, &fs::read(data.join(file)).unwrap());
        let of = |outcome| found.outcomes.of(outcome);
        let counted =
            (found.entries, of(Outcome::Failed), of(Outcome::Skipped), of(Outcome::Passed));
        let by_status =
            SKIPPED_BY_STATUS.iter().find(|(name, _)| name == file).map_or(0, |(_, n)| *n);
        let failed = expected.with_failure + expected.with_error;
        let wanted = (
            expected.testcase,
            failed,
            expected.with_skipped + by_status,
            expected.plain - by_status,
        );
        if !expected.well_formed {
            if found.problems.is_empty() {
                wrong.push(format!("{file}: malformed, but no problem"));
            }
        } else if file.starts_with("not-junit/") || NOT_JUNIT.contains(&file.as_str()) {
            if found.format != Format::Unknown || found.problems.len() != 1 {
                wrong.push(format!("{file}: not refused: {:?}", found.problems));
            }
        } else if counted != wanted || !found.problems.is_empty() {
            wrong.push(format!("{file}: {counted:?}, not {wanted:?}; {:?}", found.problems));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), oracle.len(), wrong.join("\n"));
}

/// All files below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    entries
        .map(Result::unwrap)
        .filter(|it| it.file_type().is_file())
        .map(|it| it.into_path())
        .collect()
}

#[test]
fn every_real_file_is_taken_for_what_it_is() {
    let Some(data) = data() else { return };
    let mut wrong = Vec::new();
    for (folder, ending, expected) in [
        ("cucumber-json", "json", Format::CucumberJson),
        ("messages", "ndjson", Format::CucumberMessages),
        ("logs", "", Format::Log),
        ("release-notes", "", Format::Unknown),
        ("gherkin", "feature", Format::Unknown),
    ] {
        for path in files(&data.join(folder)) {
            let bytes = fs::read(&path).unwrap();
            let found = ingest(&path.to_string_lossy(), &bytes).format;
            if found != expected && path.to_string_lossy().ends_with(ending) && !bytes.is_empty() {
                wrong.push(format!("{}: {found:?}", path.display()));
            }
        }
    }
    for path in files(&data.join("not-junit")) {
        let found = ingest("file", &fs::read(&path).unwrap());
        let reason = &found.problems[0].message;
        if found.format != Format::Unknown || found.problems.len() != 1 || reason.contains("known")
        {
            wrong.push(format!("{}: {reason}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn junit(xml: &str) -> Ingested {
    let found = ingest("junit.xml", xml.as_bytes());
    assert_eq!(found.format, Format::Junit);
    found
}

fn only_case(found: &Ingested) -> &Case {
    let [case] = found.cases.as_slice() else { panic!("{:?}", found.cases) };
    case
}

fn outcomes(case: &Case) -> Vec<&'static str> {
    case.attempts.iter().map(|it| it.outcome.word()).collect()
}

/// Formats as their documentation has them.
mod documented;

/// Formats of which our own suites made real files.
mod proven;

/// Keeps what it is given.
#[derive(Default)]
struct Kept(Mutex<Vec<(String, Vec<u8>)>>);

impl Evidence for Kept {
    fn keep(&self, name: &str, _media_type: &str, bytes: &[u8]) -> Option<Box<str>> {
        let mut kept = self.0.lock().expect("no test panics while it holds the lock");
        kept.push((name.to_owned(), bytes.to_owned()));
        Some(format!("{}-{name}", kept.len()).into())
    }
}

#[test]
fn the_whole_text_of_a_long_failure_is_a_file() {
    let noise = "2026-11-21T10:24:06.623Z INFO livekit nothing of note\n".repeat(600);
    let xml = format!(
        "<testcase name='a'><failure message='Failed'>{noise}    h.go:160: expected b\n{noise}</failure></testcase>"
    );
    let (masker, kept) = (Masker::default(), Kept::default());
    let found = read("a.xml", &mut xml.as_bytes(), &mut Intake::new(&masker, &kept));
    let detail = found.cases[0].attempts[0].detail.as_ref().unwrap();
    let failure = &detail.failures[0];
    assert_eq!(&*failure.message, "h.go:160: expected b");
    assert!(failure.text.len() <= 4000 && failure.text.contains("h.go:160"));
    assert_eq!(
        (detail.artifacts[0].kind, &*detail.artifacts[0].place),
        (ArtifactKind::Text, "1-output.txt")
    );
    let kept = kept.0.into_inner().unwrap();
    assert!(kept[0].1.len() > 30_000 && kept[0].1.len() <= 64 * 1024);
}

#[test]
fn any_encoding_is_read() {
    let xml = |name: &str| {
        format!(
            "<?xml version='1.0' encoding='{name}'?><testcase name='Größe €'><failure message='é'/></testcase>"
        )
    };
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let windows: Vec<u8> = (xml("windows-1252").chars())
        .map(|c| if c == '€' { 0x80 } else { u8::try_from(u32::from(c)).unwrap() })
        .collect();
    let big: Vec<u8> = [0xfe, 0xff]
        .into_iter()
        .chain(xml("UTF-16").encode_utf16().flat_map(u16::to_be_bytes))
        .collect();
    let marked = [b"\xef\xbb\xbf", xml("utf-8").as_bytes()].concat();
    for bytes in [xml("UTF-8").into_bytes(), utf16(&xml("UTF-16")), windows, big, marked] {
        let found = ingest("a.xml", &bytes);
        assert_eq!(&*only_case(&found).name, "Größe €");
        assert!(found.problems.is_empty(), "{:?}", found.problems);
    }
    let wrong = ingest("a.xml", &[&[0xff, 0xfe], utf16(&xml("UTF-8")).as_slice()].concat());
    assert_eq!((wrong.entries, wrong.problems.len()), (1, 1));
    let damaged = ingest("a.xml", b"<testcase name='a\xff'/>");
    assert_eq!((&*only_case(&damaged).name, damaged.problems.len()), ("a\u{FFFD}", 1));
}

#[test]
fn compressed_reports_are_read_and_what_was_cut_off_is_said() {
    let xml: String = (0..3000).map(|n| format!("<testcase name='{n}'/>")).collect();
    let xml = format!("<testsuite>{xml}</testsuite>");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, xml.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    assert_eq!(ingest("a.xml.gz", &gzip).entries, 3000);
    assert_eq!(ingest("a.xml.zst", &zstd::encode_all(xml.as_bytes(), 1).unwrap()).entries, 3000);
    let cut = ingest("a.xml.gz", &gzip[..gzip.len() / 2]);
    assert!(cut.entries > 500 && cut.entries < 3000 && cut.said.cut_short, "{}", cut.entries);
    assert!(!cut.problems.is_empty());
}

#[test]
fn what_came_before_the_damage_is_kept() {
    let whole = "<testsuite><testcase name='a'/><testcase name='b'><failure message='m'>text</failure>\n\
        <system-out><![CDATA[x]]></system-out></testcase><testcase name='c'/></testsuite>";
    for cut in 0..whole.len() {
        let found = ingest("a.xml", &whole.as_bytes()[..cut]);
        assert!(!found.problems.is_empty(), "cut at {cut}");
        let a = cut >= whole.find("<testcase name='b'").unwrap();
        let failure = cut >= whole.find("message='m'>").unwrap() + 12;
        let c = cut >= whole.len() - "</testsuite>".len();
        let expected = u32::from(a) + u32::from(failure) + u32::from(c);
        assert_eq!(found.entries, expected, "cut at {cut}: {found:?}");
    }
    let lines = ingest("a.xml", b"<testsuite>\n<testcase name='a'>\n</testcas>\n</testsuite>");
    assert_eq!(lines.problems[0].line, 3);
}

#[test]
fn entities_are_never_expanded() {
    let bomb: String =
        (1..30).map(|n| format!("<!ENTITY e{n} '&e{};&e{};'>", n - 1, n - 1)).collect();
    let found = junit(&format!(
        "<!DOCTYPE testsuite [<!ENTITY e0 'lol'>{bomb}<!ENTITY x SYSTEM 'file:///etc/passwd'>]>
        <testsuite><testcase name='&e29;'><failure message='&x;'>&x;&e29;</failure></testcase></testsuite>"
    ));
    let case = only_case(&found);
    assert_eq!(&*case.name, "&e29;");
    assert_eq!(&*case.attempts[0].detail.as_ref().unwrap().failures[0].text, "&x;&e29;");
}

#[test]
fn hostile_text_is_cleaned_and_hostile_depth_is_left_out() {
    let found = junit("<testcase name='a\u{202e}b\u{0}c&#27;[31md&#x202E;'/>");
    assert_eq!(&*only_case(&found).name, "a\u{FFFD}b\u{FFFD}cd\u{FFFD}");
    let deep = format!("<testsuite>{}<testcase name='x'/>", "<a>".repeat(200_000));
    let found = junit(&format!("{deep}{}<testcase name='y'/></testsuite>", "</a>".repeat(200_000)));
    assert_eq!(&*only_case(&found).name, "y");
    assert_eq!(found.problems.len(), 1);
    let many = junit(&format!("<testsuite>{}</testsuite>", "</b>".repeat(10_000)));
    assert_eq!(many.problems.len(), 20);
}

#[test]
fn a_run_json_loses_only_the_fields_that_make_no_sense() {
    let found = ingest(
        "run.json",
        br#"{"suite":"s","started":"yesterday","versions":{"livekit":"1.8.4"},"more":1}"#,
    );
    assert_eq!(found.format, Format::Run);
    assert_eq!(found.said.run.suite.as_deref(), Some("s"));
    assert_eq!(found.said.run.versions["livekit"], "1.8.4");
    assert_eq!(found.problems.len(), 1);
    assert!(!ingest("run.json", b"{\"suite\": \"s\",").problems.is_empty());
}

const REPORT: &str = "<?xml version='1.0'?><!DOCTYPE a><testsuites id='1' name='n'><testsuite name='s' \
    timestamp='2026-11-21T10:00:00' hostname='h'><properties><property name='a' value='b'/></properties>\
    <testcase name='t&amp;1' classname='c.D' time='1,0'><failure type='E' message='m'>x &lt; y<![CDATA[z]]>\
    </failure><rerunFailure><stackTrace>st</stackTrace><system-err>e</system-err></rerunFailure>\
    <system-out>[[ATTACHMENT|a.png]]</system-out></testcase><testcase name='u' status='notrun'/>\
    <testcase name='v'><skipped message='w'/></testcase><!-- c --></testsuite></testsuites>";

/// Pieces by which a document is damaged.
const PIECES: [&str; 16] = [
    "<",
    ">",
    "&",
    ";",
    "'",
    "\"",
    "/",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<testcase name='x'>",
    "</testcase>",
    "</testsuite>",
    "\u{0}",
    "\u{202e}",
];

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300), start in "(<testsuite[ >])?") {
        let found = ingest("a.xml", &[start.as_bytes(), &bytes].concat());
        prop_assert_eq!(found.entries, found.outcomes.total());
    }

    #[test]
    fn any_damage_is_survived(changes in prop::collection::vec((0..REPORT.len(), 0..8_usize, 0..PIECES.len()), 1..6)) {
        let mut xml = REPORT.to_owned();
        for (at, removed, piece) in changes {
            let at = at.min(xml.len());
            let end = (at + removed).min(xml.len());
            if xml.is_char_boundary(at) && xml.is_char_boundary(end) {
                xml.replace_range(at..end, PIECES[piece]);
            }
        }
        let found = ingest("a.xml", xml.as_bytes());
        prop_assert_eq!(found.entries, found.outcomes.total());
        prop_assert!(found.cases.iter().all(|it| !it.attempts.is_empty()));
        let said = summary(&found);
        let is_hidden = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n' && c != '\t');
        prop_assert!(!said.contains(is_hidden), "{}", said);
    }
}
