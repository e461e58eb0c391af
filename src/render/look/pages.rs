//! One realistic view of each page kind.

use super::*;
use crate::render::{
    chart::spark,
    row::{Level, LogLine},
    view::{
        AttemptView, Axis, CasePage, CasesPage, CellPage, Change, Changes, Command, Count,
        Elsewhere, Fact, FailureGroup, FailureView, LogLink, LogPage, Matrix, MatrixCell,
        MatrixPage, MatrixRow, Neighbour, OverviewPage, Pager, ProblemRow, ProblemsPage,
        Recommended, Resource, RunPage, RunsPage, SuiteNow, Tab, TrendGroup, TrendsPage, Verdict,
    },
};

const UP2: &str = "../../";
const CELL: &str = "cells/livekit-1.13.5/index.html";
const MESSAGE: &str = "integration_helpers.go:160: expected client to not connect: PA_kg9u4tT5B3Pm";

/// Renders all, and says how large each is.
pub(super) fn all(engine: &Engine) -> Vec<(&'static str, usize)> {
    let run = "runs/livekit-integration-1.13.5-20261121/index.html";
    let log = "logs/livekit-integration-1.13.5-20261121/livekit/index.html";
    let sizes = [
        ("index.html", look(engine, "index.html", &overview())),
        ("first/index.html", look(engine, "first/index.html", &first())),
        ("runs/index.html", look(engine, "runs/index.html", &runs())),
        (run, look(engine, run, &run_page(194))),
        ("runs/long/index.html", look(engine, "runs/long/index.html", &run_page(700))),
        (CASE, look(engine, CASE, &case())),
        ("cases/index.html", look(engine, "cases/index.html", &cases())),
        ("matrix/index.html", look(engine, "matrix/index.html", &matrix_page())),
        (CELL, look(engine, CELL, &cell())),
        ("trends/index.html", look(engine, "trends/index.html", &trends())),
        (log, look(engine, log, &log_page())),
        ("problems/index.html", look(engine, "problems/index.html", &problems())),
        ("404.html", look(engine, "404.html", &not_found())),
    ];
    sizes.into()
}

fn counts(passed: &str, failed: &str) -> Vec<Count> {
    vec![Count { mark: Mark::Fail, n: failed.into() }, Count { mark: Mark::Pass, n: passed.into() }]
}

fn changes() -> Changes {
    let new = NAMES[..3].iter().map(|(name, _)| Change {
        mark: Mark::Fail,
        case: link(name, CASE),
        note: String::new(),
    });
    Changes {
        sentence:
            "3 cases fail that are new since livekit 1.11.0; nothing that passed before broke."
                .into(),
        against: Some(link("livekit 1.11.0, 2026-11-21 10:25 UTC", &run_href("1.11.0"))),
        new: new.collect(),
        rest: "24 cases are new and pass.".into(),
        ..Changes::default()
    }
}

fn groups() -> Vec<FailureGroup> {
    vec![
        FailureGroup {
            mark: Mark::Fail,
            title: "expected client to not connect".into(),
            type_name: String::new(),
            note: String::new(),
            href: None,
            count: "2 of 194 cases".into(),
            message: MESSAGE.into(),
            cases: vec![link(NAMES[0].0, CASE), link(NAMES[1].0, CASE)],
            rest: String::new(),
        },
        FailureGroup {
            mark: Mark::Fail,
            title: "failed because a part of it did".into(),
            type_name: String::new(),
            note: String::new(),
            href: None,
            count: "1 of 194 cases".into(),
            message: "--- FAIL: TestTurnRelay (3.40s)".into(),
            cases: vec![link(NAMES[2].0, CASE)],
            rest: String::new(),
        },
    ]
}

fn matrix(href: Option<&str>) -> Matrix {
    let cell = |(version, _, n, failed, _): (&str, &str, u64, u64, u64)| MatrixCell {
        mark: mark_of(failed),
        aged: false,
        href: Some(format!("cells/livekit-{version}/index.html")),
        n: format!("{} of {n}", n - failed),
        date: "2026-11-21".into(),
        stance: String::new(),
        words: format!("livekit {version}: {} of {n} passed on 2026-11-21", n - failed),
    };
    let untested = MatrixCell {
        mark: Mark::Untested,
        href: None,
        n: String::new(),
        date: String::new(),
        words: "untested".into(),
        ..cell(RUNS[2])
    };
    let old = MatrixCell { mark: Mark::Known, aged: true, ..cell(RUNS[2]) };
    let axis = |text: &str| Axis { text: text.into(), href: None };
    let newest: Vec<_> = RUNS.iter().rev().copied().collect();
    let row = |name: &str, cells| MatrixRow { axis: axis(name), cells };
    Matrix {
        title: "livekit × client-js".into(),
        href: href.map(Into::into),
        rows_are: "client-js".into(),
        columns_are: "livekit".into(),
        columns: newest.iter().map(|it| axis(it.0)).collect(),
        rows: vec![
            row("2.16.1", newest.iter().map(|it| cell(*it)).collect()),
            row("2.15.0", vec![untested.clone(), cell(RUNS[2]), old, untested]),
        ],
    }
}

fn overview() -> OverviewPage {
    let mut shell = shell("", Section::Overview, "LiveKit integration");
    shell.mark = Some(Mark::Fail);
    shell.answer = "livekit 1.13.5 passes 191 of 194 cases; 3 failures, all unexplained.".into();
    OverviewPage {
        shell,
        suites: vec![SuiteNow {
            mark: Mark::Fail,
            name: "livekit-integration".into(),
            href: run_href("1.13.5"),
            counts: "191 of 194 passed, 3 failed".into(),
            versions: "livekit 1.13.5".into(),
            date: "2026-11-21 10:21 UTC".into(),
            age: String::new(),
            duration: "2 min 48 s".into(),
            strip: run_strip(""),
        }],
        changes: Some(changes()),
        steps: Vec::new(),
        matrices: vec![matrix(Some("matrix/index.html"))],
        no_matrix: None,
        trends: vec![
            figure("", "rate", Unit::Percent),
            figure("", "time", Unit::Seconds),
            outcomes(""),
        ],
        no_trend: None,
        families: groups(),
        coverage: None,
        aged: vec![link("livekit 1.10.1 · client-js 2.15.0", "cells/livekit-1.10.1/index.html")],
        aged_rest: String::new(),
        problems: "2 files could not be read whole.".into(),
        masked: masked(),
    }
}

/// The overview after one run without versions.
fn first() -> OverviewPage {
    let teach = "After a second run this shows how pass rate and duration change.";
    let versions = "No run names a version yet. With versions, this shows what works together.";
    OverviewPage {
        shell: Shell { root: "../".into(), ..overview().shell },
        changes: None,
        matrices: Vec::new(),
        no_matrix: Some(empty(versions, "lkreport build --results target/ --meta livekit=1.13.5")),
        trends: Vec::new(),
        no_trend: Some(empty(teach, "lkreport build --results target/")),
        families: Vec::new(),
        aged: Vec::new(),
        problems: String::new(),
        masked: Vec::new(),
        ..overview()
    }
}

fn runs() -> RunsPage {
    let mut shell = shell("../", Section::Runs, "Runs");
    shell.answer = "4 runs of 1 suite are kept, all of 2026-11-21.".into();
    RunsPage {
        shell,
        counts: counts("3", "1"),
        rows: run_rows("../"),
        pager: Pager { part: "1–4 of 4".into(), ..Pager::default() },
        empty: None,
    }
}

fn run_page(n: usize) -> RunPage {
    let mut shell = shell(UP2, Section::Runs, "livekit-integration on livekit 1.13.5");
    shell.mark = Some(Mark::Fail);
    shell.answer = "191 of 194 cases passed and 3 failed in 2 min 48 s on 2026-11-21.".into();
    shell.crumbs = vec![link("Runs", "runs/index.html")];
    let spark = spark(&[1.0, 4.0, 3.0, 8.0, 6.0, 7.0, 2.0], "CPU of livekit: peak 82 %");
    RunPage {
        shell,
        counts: counts("191", "3"),
        facts: vec![
            Fact::new("Started", "2026-11-21 10:21 UTC"),
            Fact::new("Took", "2 min 48 s"),
            Fact::linked("Versions", link("livekit 1.13.5", "cells/livekit-1.13.5/index.html")),
            Fact::new("Machine", "Debian 12, x86_64, Go 1.26.8"),
            Fact::new("Ran as", "process, with Redis 7.0.15"),
        ],
        previous: Some(link("livekit 1.11.0, 10:25 UTC", &run_href("1.11.0"))),
        changes: Some(changes()),
        groups: groups(),
        cases: case_rows(UP2, n),
        pager: Pager { part: format!("1–{n} of {n}"), ..Pager::default() },
        fares: Default::default(),
        resources: vec![Resource {
            component: "livekit".into(),
            what: "CPU".into(),
            peak: "82 %".into(),
            mean: "31 %".into(),
            spark,
        }],
        logs: vec![LogLink {
            component: "livekit".into(),
            href: "logs/livekit-integration-1.13.5-20261121/livekit/index.html".into(),
            lines: "4,812".into(),
            errors: "14".into(),
            warnings: "203".into(),
        }],
        repeat: vec![repeat()],
        masked: masked(),
        ..RunPage::default()
    }
}

fn repeat() -> Command {
    Command { purpose: "Run it again".into(), line: "go test ./test -run 'TestTurnRelay'".into() }
}

fn case() -> CasePage {
    let mut shell = shell(UP2, Section::Cases, "TestTurnRelay/not-allowed");
    shell.mark = Some(Mark::Fail);
    shell.answer = "Fails on livekit 1.13.5, the only version that has it; unexplained.".into();
    shell.crumbs = vec![
        link("Cases", "cases/index.html"),
        link("livekit-integration", "cases/livekit-integration/index.html"),
    ];
    let newest = StripMark {
        mark: Mark::Fail,
        href: &run_href("1.13.5"),
        title: "2026-11-21, livekit 1.13.5: failed",
    };
    CasePage {
        shell,
        path: GO_PATH.into(),
        tags: Vec::new(),
        failure: Some(FailureView {
            type_name: String::new(),
            message: MESSAGE.into(),
            text: String::new(),
        }),
        family: None,
        breakages: Vec::new(),
        verdict: Some(Verdict {
            mark: Mark::Fail,
            sentence: "No known issue explains it.".into(),
            link: None,
        }),
        issues: Vec::new(),
        strip: strip(UP2, &[newest]),
        history: "Failed in 1 of 1 runs, first on 2026-11-21 with livekit 1.13.5.".into(),
        more_elsewhere: Vec::new(),
        elsewhere: vec![Elsewhere {
            versions: link("livekit 1.13.5", "cells/livekit-1.13.5/index.html"),
            mark: Mark::Fail,
            run: link("2026-11-21", &run_href("1.13.5")),
            passed: "0 of 1".into(),
            duration: "1.1 s".into(),
        }],
        attempts: vec![AttemptView {
            title: "Attempt 1 of 1".into(),
            mark: Mark::Fail,
            started: String::new(),
            duration: "1.1 s".into(),
            reason: String::new(),
            failures: Vec::new(),
            steps: Vec::new(),
            artifacts: Vec::new(),
            output: "--- FAIL: TestTurnRelay/not-allowed (1.13s)".into(),
            logs: Vec::new(),
        }],
        moments: None,
        fares: Vec::new(),
        run: Some(link("2026-11-21 10:21 UTC", &run_href("1.13.5"))),
        shifts: None,
        trend: None,
        facts: vec![Fact::new("Suite", "livekit-integration"), Fact::new("Id", "3h8k2p9x0m4tq")],
        repeat: None,
    }
}

fn cases() -> CasesPage {
    let mut shell = shell("../", Section::Cases, "Cases");
    shell.answer =
        "194 cases of livekit-integration: 191 passed and 3 failed when last run.".into();
    CasesPage {
        shell,
        suites: Vec::new(),
        counts: counts("191", "3"),
        cases: case_rows("../", 194),
        pager: Pager {
            part: "1–194 of 1,204".into(),
            next: Some(link("195–694", "cases/2/index.html")),
            previous: None,
        },
        empty: None,
    }
}

fn matrix_page() -> MatrixPage {
    let mut shell = shell("../", Section::Matrix, "What works together");
    shell.answer = "livekit 1.11.0 is the newest version on which all cases pass.".into();
    let tab =
        |text: &str, current| Tab { text: text.into(), href: "matrix/index.html".into(), current };
    MatrixPage {
        shell,
        tabs: vec![tab("livekit × client-js", true), tab("livekit × egress", false)],
        matrix: Some(matrix(None)),
        slices: "matrix/slices/livekit.js".into(),
        suites: vec![Matrix { title: "livekit-integration".into(), ..matrix(None) }],
        recommended: Some(Recommended {
            cell: link("livekit 1.11.0", "cells/livekit-1.11.0/index.html"),
            reason: "the newest with no unexplained failure and no untested suite".into(),
        }),
        legend: Mark::LEGEND.into(),
        stances: Vec::new(),
        exports: vec![link("markdown", "matrix/matrix.md"), link("JSON", "api/v1/matrix.json")],
        empty: None,
    }
}

fn cell() -> CellPage {
    let mut shell = shell(UP2, Section::Matrix, "livekit 1.13.5");
    shell.mark = Some(Mark::Fail);
    shell.answer = "Red because 3 of 194 cases fail and no known issue explains them.".into();
    shell.crumbs = vec![link("Matrix", "matrix/index.html")];
    CellPage {
        shell,
        counts: counts("191", "3"),
        facts: vec![
            Fact::new("Pass rate", "98.5 % (95.6 to 99.5 %, Wilson)"),
            Fact::new("Runs", "1"),
            Fact::new("Also in it", "redis 7.0.15, Debian 12, Go 1.26.8"),
        ],
        strip: run_strip(UP2),
        runs: vec![link("2026-11-21 10:21 UTC", &run_href("1.13.5"))],
        repeat: vec![repeat()],
        broken: Vec::new(),
        published: Vec::new(),
        neighbours: vec![Neighbour {
            step: "livekit 1.11.0 → 1.13.5".into(),
            cell: link("livekit 1.11.0", "cells/livekit-1.11.0/index.html"),
            mark: Mark::Pass,
            changes: changes(),
        }],
        cases: case_rows(UP2, 20),
    }
}

fn trends() -> TrendsPage {
    let mut shell = shell("../", Section::Trends, "Trends");
    shell.answer = "Worse: the pass rate fell from 100 % to 98.5 % with livekit 1.13.5.".into();
    TrendsPage {
        shell,
        groups: vec![TrendGroup {
            title: "By version".into(),
            links: vec![link("livekit 1.13.5", "trends/livekit-1.13.5/index.html")],
        }],
        figures: vec![
            figure("../", "rate", Unit::Percent),
            figure("../", "time", Unit::Seconds),
            outcomes("../"),
        ],
        shifts: None,
        patterns: None,
        rows: run_rows("../"),
        empty: None,
    }
}

fn log_page() -> LogPage {
    let mut shell = shell("../../../", Section::Runs, "Log of livekit");
    shell.answer = "Lines 96 to 102 of 4,812, from 10:24:07.740 on.".into();
    shell.crumbs = vec![link("Runs", "runs/index.html"), link("1.13.5", &run_href("1.13.5"))];
    let line = |n, level, text| LogLine { n, level, text };
    let lines = [
        line(
            96,
            Level::Plain,
            "2026-11-21T10:24:07.740Z\tINFO\tlivekit.pion.ice\tSetting new connection state: Connected",
        ),
        line(
            97,
            Level::Plain,
            "2026-11-21T10:24:07.741Z\tINFO\tlivekit\trtc/room.go:1272\tparticipant active\t{\"room\": \"mytestroom\", \"participant\": \"relay_c1\"}",
        ),
        line(
            98,
            Level::Warning,
            "2026-11-21T10:24:07.744Z\tWARN\tlivekit.pion.ice\tFailed to read from candidate udp4 relay 192.0.2.2:36600",
        ),
        line(
            99,
            Level::Error,
            "2026-11-21T10:24:07.744Z\tERROR\tlivekit\tclient/client.go:490\terror while reading\ngithub.com/livekit/livekit-server/test/client.(*RTCClient).Run\n\t/build/livekit/test/client/client.go:490",
        ),
        line(
            102,
            Level::Plain,
            "2026-11-21T10:24:07.745Z\tINFO\tlivekit.room\trtc/room.go:820\tclosing room",
        ),
    ];
    LogPage {
        shell,
        beside: vec![link("redis", "logs/x/redis/index.html")],
        run: link("livekit-integration on 1.13.5", &run_href("1.13.5")),
        rows: row::log_lines(&lines),
        pager: Pager { part: "96–102 of 4,812".into(), ..Pager::default() },
        whole: None,
    }
}

fn problems() -> ProblemsPage {
    let mut shell = shell("../", Section::Problems, "Problems");
    shell.answer = "2 files could not be read whole; what came before the damage was kept.".into();
    let row = |file: &str, line: &str, message: &str| ProblemRow {
        file: file.into(),
        line: line.into(),
        message: message.into(),
        run: Some(link("2026-11-21 10:21 UTC", &run_href("1.13.5"))),
    };
    ProblemsPage {
        shell,
        rows: vec![
            row("results/1.13.5/TEST-integration.xml", "212", "the file ends within <testcase>"),
            row("results/run.json", "", "expected a value at column 7"),
        ],
        pager: Pager { part: "1–2 of 2".into(), ..Pager::default() },
        masked: masked(),
    }
}
