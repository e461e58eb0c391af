//! A realistic view of each page kind: rendered, measured, and left in `target/look` to be looked at.
//!
//! The figures are those of LiveKit's own integration suite on four versions of the server.

mod pages;

use std::{fs, path::Path};

use super::{
    badge::{Badge, Tone},
    chart::{Bar, BarChart, Frame, LineChart, Point, StripMark, Unit, bars, line, strip},
    engine::{ASSETS, Engine},
    escape::Html,
    mark::Mark,
    row::{self, CaseRow, RunRow},
    view::{Empty, Figure, Link, Masked, NotFoundPage, Page, Section, Shell},
};

/// The longest page of a long list, and the longest shell, in bytes.
const LIST: usize = 150_000;
const SHELL: usize = 1_500;

/// A run of the suite: version, start, cases, failures, duration in milliseconds.
const RUNS: [(&str, &str, u64, u64, u64); 4] = [
    ("1.8.4", "2026-11-21 10:40 UTC", 50, 0, 78_581),
    ("1.10.1", "2026-11-21 10:30 UTC", 166, 0, 229_536),
    ("1.11.0", "2026-11-21 10:25 UTC", 167, 0, 242_640),
    ("1.13.5", "2026-11-21 10:21 UTC", 194, 3, 167_799),
];

const NAMES: [(&str, u64); 16] = [
    ("TestTurnRelay/not-allowed", 1130),
    ("TestTurnRelay/denied-overrides-allowed", 1120),
    ("TestTurnRelay", 3400),
    ("TestAgents/testRTCServicePath=v0", 1700),
    ("TestAgents/testRTCServicePath=v0-single-peer-connection", 1740),
    ("TestAgents/testRTCServicePath=v1", 1060),
    ("TestAgentNamespaces/testRTCServicePath=v0", 320),
    ("TestAgentMultiNode/testRTCServicePath=v0", 10_240),
    ("TestAgentMultiNode/testRTCServicePath=v0-single-peer-connection", 11_420),
    ("TestAgentMultiNode", 33_030),
    ("TestMultiNodeRoomList/list_all_rooms", 0),
    ("TestMultiNodeRoomList/list_specific_rooms", 0),
    ("TestMultiNodeUpdateRoomMetadata/when_room_is_empty", 130),
    ("TestMultiNodeUpdateRoomMetadata/when_room_has_a_participant/testRTCServicePath=v0", 140),
    ("TestMultiNodeRemoveParticipant/testRTCServicePath=v1", 300),
    ("TestMultiNodeUpdateRoomMetadata", 880),
];

const GO_PATH: &str = "github.com/livekit/livekit-server/test";
const CASE: &str = "cases/testturnrelay-not-allowed-3h8k2p9x0m4tq/index.html";

fn shell(root: &str, section: Section, title: &str) -> Shell {
    Shell {
        root: root.into(),
        site: "LiveKit integration".into(),
        section,
        title: title.into(),
        mark: None,
        answer: "There is nothing here.".into(),
        crumbs: Vec::new(),
        canonical: None,
        as_of: "2026-11-21 10:40 UTC".into(),
    }
}

fn link(text: &str, href: &str) -> Link {
    Link { text: text.into(), href: href.into() }
}

fn run_href(version: &str) -> String {
    format!("runs/livekit-integration-{version}-20261121/index.html")
}

fn mark_of(failed: u64) -> Mark {
    if failed > 0 { Mark::Fail } else { Mark::Pass }
}

fn run_strip(root: &str) -> Html {
    let titles = RUNS.map(|(version, start, _, failed, _)| {
        let word = mark_of(failed).word();
        (mark_of(failed), run_href(version), format!("{start}, livekit {version}: {word}"))
    });
    let marks = titles.iter().map(|(mark, href, title)| StripMark { mark: *mark, href, title });
    strip(root, &marks.collect::<Vec<_>>())
}

/// `n` rows, the first three of which failed.
fn case_rows(root: &str, n: usize) -> row::Cases {
    let told: Vec<(String, String)> = (0..n)
        .map(|at| {
            let (name, millis) = NAMES[at % NAMES.len()];
            let name = if at < NAMES.len() { name.into() } else { format!("{name}#{at:02}") };
            let duration = super::format::duration(std::time::Duration::from_millis(millis));
            (name, duration)
        })
        .collect();
    let rows: Vec<CaseRow<'_>> = (told.iter().enumerate())
        .map(|(at, (name, duration))| CaseRow {
            mark: if at < 3 { Mark::Fail } else { Mark::Pass },
            path: GO_PATH,
            name,
            href: Some(CASE),
            anchor: None,
            millis: Some(NAMES[at % NAMES.len()].1),
            duration,
            attempts: 1,
            note: if at < 2 { "expected client to not connect: PA_…" } else { "" },
        })
        .collect();
    row::cases(root, &rows)
}

fn run_rows(root: &str) -> Html {
    let told = RUNS.map(|(version, _, n, failed, millis)| {
        let counts = format!("{} of {n}", n - failed);
        let duration = super::format::duration(std::time::Duration::from_millis(millis));
        (run_href(version), format!("livekit {version}"), counts, duration)
    });
    let rows: Vec<RunRow<'_>> = (told.iter().zip(RUNS))
        .map(|((href, versions, counts, duration), (_, started, _, failed, millis))| RunRow {
            mark: mark_of(failed),
            href,
            started,
            suite: "livekit-integration",
            versions,
            branch: "",
            counts,
            millis: Some(millis),
            duration,
        })
        .collect();
    row::runs(root, &rows)
}

fn figure(root: &str, id: &str, unit: Unit) -> Figure {
    let points = RUNS.iter().enumerate().map(|(at, (version, _, n, failed, millis))| {
        let rate = (n - failed) as f64 / *n as f64;
        let y = if unit == Unit::Percent { rate } else { *millis as f64 / 1000.0 };
        Point {
            x: at as f64,
            y,
            interval: (unit == Unit::Percent).then_some((rate - 0.03, (rate + 0.01).min(1.0))),
            mark: Some(mark_of(*failed)),
            title: format!("livekit {version}: {} of {n}", n - failed),
            href: format!("{root}{}", run_href(version)),
        }
    });
    let caption = match unit {
        Unit::Percent => "Pass rate: 98.5 % on 1.13.5, 100 % on every other version",
        _ => "Duration: 2 min 48 s on 1.13.5, down from 4 min 3 s on 1.11.0",
    };
    let frame = Frame {
        id: id.into(),
        title: caption.split(':').next().unwrap_or_default().into(),
        finding: caption.into(),
        unit,
        ticks: vec![(0.0, "1.8.4".into()), (3.0, "1.13.5".into())],
        changes: vec![(3.0, "1.13.5".into())],
    };
    let chart = LineChart { frame, points: points.collect(), levels: Vec::new() };
    Figure { caption: caption.into(), svg: line(&chart), changes: Vec::new() }
}

/// The outcomes of the runs, in bars.
fn outcomes(root: &str) -> Figure {
    let bar = |(version, _, n, failed, _): &(&str, &str, u64, u64, u64)| Bar {
        parts: vec![(Mark::Fail, *failed as u32), (Mark::Pass, (n - failed) as u32)],
        title: format!("livekit {version}: {} of {n} passed", n - failed),
        href: format!("{root}{}", run_href(version)),
    };
    let caption = "Outcomes: 194 cases on 1.13.5, 27 more than on 1.11.0, 3 of them failed";
    let frame = Frame {
        id: "outcomes".into(),
        title: "Outcomes".into(),
        finding: caption.into(),
        unit: Unit::Count,
        ticks: RUNS.iter().enumerate().map(|(at, it)| (at as f64, it.0.into())).collect(),
        changes: Vec::new(),
    };
    let chart = BarChart { frame, bars: RUNS.iter().map(bar).collect() };
    Figure { caption: caption.into(), svg: bars(&chart), changes: Vec::new() }
}

/// What a server shows where nothing is.
pub(super) fn not_found() -> NotFoundPage {
    let mut page = NotFoundPage {
        shell: shell("", Section::None, "Not here"),
        pruned: vec!["Runs before 2026-10-22 were pruned: only those of 30 days are kept.".into()],
        gone: Vec::new(),
    };
    page.shell.answer = "This page does not exist, or no longer does.".into();
    page
}

fn empty(text: &str, line: &str) -> Empty {
    let command = super::view::Command { purpose: "Add a run".into(), line: line.into() };
    Empty { text: text.into(), command: Some(command) }
}

fn masked() -> Vec<Masked> {
    vec![
        Masked { kind: "access tokens".into(), n: "12".into() },
        Masked { kind: "TURN credentials".into(), n: "4".into() },
    ]
}

/// Renders a view, writes it to `target/look` and says how large it is.
fn look<P: Page>(engine: &Engine, place: &str, page: &P) -> usize {
    let html = engine.page(page).expect("the view fits its template");
    for inline in [" style=", "<style", "onclick", "javascript:"] {
        assert!(!html.contains(inline), "{place} has {inline}");
    }
    save(place, html.as_bytes());
    html.len()
}

fn save(place: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/look").join(place);
    fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
    fs::write(&path, bytes).expect("written");
}

#[test]
fn every_page_kind_is_rendered_and_small() {
    let engine = Engine::new(None).expect("our own templates");
    for file in ASSETS.files() {
        save(&format!("assets/{}", file.path().display()), file.contents());
    }
    let sizes = pages::all(&engine);
    for (place, size) in &sizes {
        println!("{size:>7} {place}");
        assert!(*size <= LIST, "{place} has {size} bytes");
    }
    let size_of = |place: &str| sizes.iter().find(|it| it.0 == place).expect("rendered").1;
    assert!(size_of(CASE) < 4_096, "a simple failing case");
    assert!(size_of("404.html") < SHELL + 500, "the shell");
    let badge = Badge {
        label: "livekit 1.13.5".into(),
        message: "191 passed, 3 failed".into(),
        tone: Tone::Failing,
    };
    save("badges/livekit-1.13.5.svg", badge.svg().as_bytes());
}
