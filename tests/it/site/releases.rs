//! Release notes as pages, and where they are linked.

use std::{env, path::Path, time::Instant};

use serde_json::{Value, json};

use crate::desk::{Desk, STAMP, assert_order, text_of, tree};

const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n- not yet\n\n## [1.9.0] - 2026-08-01\n\n\
    ## ATTENTION: This release removes backwards compatibility for TURN.\n\n### Added\n\n- Add a webhook for egress (#12)\n\n\
    ### Fixed\n\n- Fix padding bit in forwarded packet\n- Stop at <script>alert(1)</script> [here](javascript:alert(1)) ![](https://evil.example/x.png)\n\n\
    ## [1.8.5] - 2026-07-01\n\n### Changed\n\n- Update go deps (#7)\n\n## [1.8.4] - 2026-06-01\n\n- Something\n";

fn on(version: &str) -> Value {
    json!({"versions": {"livekit": version}})
}

/// A desk with a regression from 1.8.4 to 1.9.0 and the changelog of both.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-19T10:00:00Z", &[("a", "passed")], on("1.8.4"));
    desk.add_run("r2", "2026-11-20T10:00:00Z", &[("a", "failed")], on("1.9.0"));
    desk.write("releases/livekit/CHANGELOG.md", CHANGELOG);
    desk
}

#[test]
fn a_release_page_says_what_needs_a_look_and_why() {
    let desk = desk();
    desk.build("results");
    let page = desk.read("report/releases/livekit/1.9.0/index.html");
    let told = [
        "Coming from 1.8.5: 4 items; 1 item may break what worked, 1 more may change what tests see.",
        "livekit 1.9.0 at its makers",
        "Published 2026-08-01",
        "failed: 0 of 1 passed, 1 failed",
        "livekit 1.8.4 → 1.9.0",
        "May break what worked",
        "ATTENTION: This release removes",
        "may break what worked: it speaks of backward compatibility",
        "May change what tests see",
        "Add a webhook for egress",
        "Fixed",
        "Fix padding bit",
        "Fixed: it stands under a heading of fixes",
    ];
    assert_order(&text_of(&page).replace('\u{a0}', " "), &told);
    assert!(page.contains("https://github.com/livekit/livekit/releases/tag/v1.9.0"), "{page}");
    let index = text_of(&desk.read("report/releases/index.html"));
    assert_order(
        &index,
        &[
            "3 releases of 1 component",
            "livekit 1.9.0 2026-08-01 failed",
            "livekit 1.8.5 2026-07-01 untested",
        ],
    );
}

#[test]
fn nothing_in_notes_runs_or_loads() {
    let desk = desk();
    desk.build("results");
    for (name, bytes) in tree(&desk.path("report/releases")) {
        let page = String::from_utf8(bytes).unwrap();
        for bad in ["alert(1)", "javascript:", "evil.example", "<img"] {
            assert!(!page.contains(bad), "{name}: {bad}");
        }
    }
}

#[test]
fn a_step_has_the_notes_of_all_that_lies_on_it() {
    let desk = desk();
    desk.build("results");
    let cell = desk.read("report/cells/livekit-1.9.0/index.html");
    let step = "releases/livekit/1.9.0/from/1.8.4/index.html";
    assert!(cell.contains(&format!("href=\"../../{step}\"")), "{cell}");
    assert!(
        cell.contains("href=\"../../releases/livekit/1.9.0/index.html\""),
        "the version leads to its notes"
    );
    let text = text_of(&desk.read(&format!("report/{step}"))).replace('\u{a0}', " ");
    let told = [
        "Coming from 1.8.4: 5 items",
        "livekit 1.9.0 at its makers",
        "livekit 1.8.5 at its makers",
        "Update go deps",
        "livekit 1.8.5",
    ];
    assert_order(&text, &told);
    assert!(!text.contains("Something"), "what came before the step is no part of it: {text}");
    let run = desk.read("report/runs/r2/index.html");
    assert!(run.contains("releases/livekit/1.9.0/index.html"), "the run leads to the notes");
    let overview = desk.read("report/index.html");
    assert!(overview.contains(step), "the regression leads to the notes of its step: {overview}");
}

#[test]
fn a_case_leads_to_the_notes_of_the_step_that_broke_it() {
    let desk = desk();
    desk.add_run("r3", "2026-11-21T09:00:00Z", &[("a", "failed")], on("1.10.0"));
    desk.write("releases/livekit/1.10.0.md", "- Add b\n");
    desk.build("results");
    let folders = std::fs::read_dir(desk.path("report/cases")).unwrap().map(|it| it.unwrap());
    let folder = folders.into_iter().find(|it| it.file_name().to_string_lossy().starts_with("a-"));
    let page = std::fs::read_to_string(folder.unwrap().path().join("index.html")).unwrap();
    assert!(page.contains("releases/livekit/1.9.0/from/1.8.4/index.html"), "{page}");
    assert!(!page.contains("/from/1.9.0/"), "it failed before that step: {page}");
}

#[test]
fn known_issues_begin_and_end_with_releases() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-19T10:00:00Z", &[("a", "passed")], on("1.9.10"));
    desk.write(
        "releases/livekit/CHANGELOG.md",
        "## 1.9.11\n- a\n\n## 1.9.10\n- b\n\n## 1.9.9\n- c\n",
    );
    desk.build("results");
    let text = |version: &str| {
        text_of(&desk.read(&format!("report/releases/livekit/{version}/index.html")))
    };
    let title = "LK-001 Server 1.9.10 panics when different browsers are in one room";
    assert_order(&text("1.9.10"), &["Known issues that begin", title]);
    assert_order(&text("1.9.11"), &["Known issues that end", title]);
    assert!(!text("1.9.11").contains("that begin"));
}

#[test]
fn what_github_says_of_releases_is_read() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-19T10:00:00Z", &[("a", "passed")], on("1.8.4"));
    let release = |tag: &str, body: &str| {
        json!({"tag_name": tag, "html_url": format!("https://github.com/livekit/egress/releases/tag/{tag}"), "draft": false,
            "published_at": "2026-05-15T15:20:53Z", "body": body})
    };
    let list = json!([
        release(
            "v1.8.0",
            "## What's Changed\n* fix: a crash by @x in https://github.com/1\n\n## New Contributors\n* @x"
        ),
        release("v1.7.0", "")
    ]);
    desk.write("notes/egress.json", list.to_string());
    desk.write(
        "notes/hook.json",
        json!({"action": "released", "release": release("v1.6.0", "- Add a")}).to_string(),
    );
    desk.write("notes/half.json", &list.to_string()[..200]);
    desk.write("notes/livekit-ingress-1.3.0.body.md", "## Changelog\n\n### Added\n- Add b\n");
    desk.write("notes/README.md", "hello\n");
    desk.ok(&["build", "--results", "results", "--releases", "notes", "--stamp", STAMP]);
    let page =
        text_of(&desk.read("report/releases/egress/1.8.0/index.html")).replace('\u{a0}', " ");
    assert_order(&page, &["1 item", "Published 2026-05-15", "fix: a crash", "names a crash"]);
    for it in ["egress/1.7.0", "egress/1.6.0", "ingress/1.3.0"] {
        assert!(desk.has(&format!("report/releases/{it}/index.html")), "{it}");
    }
    let problems = text_of(&desk.read("report/problems/index.html"));
    assert_order(
        &problems,
        &[
            "notes/README.md",
            "no release notes are recognised",
            "notes/half.json",
            "this is not JSON",
        ],
    );
}

#[test]
fn five_megabytes_of_notes_with_scripts_take_bounded_time() {
    let desk = desk();
    let evil =
        "- <script>x</script> **[a](javascript:b)** <img src=x>\n![](https://e/x)<b><i><u>\n"
            .repeat(70_000);
    desk.write("releases/egress/CHANGELOG.md", format!("## 1.0.0\n\n{evil}"));
    desk.write("releases/sip/1.0.0.md", evil);
    let started = Instant::now();
    desk.build("results");
    assert!(started.elapsed().as_secs() < 90, "{:?}", started.elapsed());
    let page = desk.read("report/releases/egress/1.0.0/index.html");
    assert!(
        page.len() < 150_000 && !page.contains("<script>") && !page.contains("<img"),
        "{}",
        page.len()
    );
}

#[test]
fn real_changelogs_are_cut_into_their_versions_where_they_are() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = env::var_os("LKREPORT_DATA").map_or_else(beside, Into::into).join("release-notes");
    if !data.exists() {
        println!("SKIPPED: no data at {}; set LKREPORT_DATA", data.display());
        return;
    }
    let desk = desk();
    desk.ok(&[
        "build",
        "--results",
        "results",
        "--releases",
        data.to_str().unwrap(),
        "--stamp",
        STAMP,
    ]);
    let index = text_of(&desk.read("report/releases/index.html")).replace('\u{a0}', " ");
    for (component, folder) in [
        ("livekit", "livekit+livekit"),
        ("gherkin", "cucumber+gherkin"),
        ("mdbook", "rust-lang+mdBook"),
        ("test-reporter", "dorny+test-reporter"),
    ] {
        let text = std::fs::read_to_string(data.join(folder).join("CHANGELOG.md")).unwrap();
        let is_version = |line: &&str| {
            let bare = line
                .strip_prefix("## ")
                .map(|it| it.trim_start_matches("mdBook ").trim_start_matches(['[', 'v']));
            bare.is_some_and(|it| {
                it.starts_with(|c: char| c.is_ascii_digit()) && !it.contains("Guide")
            })
        };
        let versions = text.lines().filter(is_version).count();
        let pages =
            std::fs::read_dir(desk.path("report/releases").join(component)).unwrap().count();
        // The quoted notes of 1.5.2 are those of a version that the changelog has, too.
        assert_eq!(pages, versions, "{component}: {index}");
    }
    assert_order(&index, &["ingress 1.3.0"]);
}

#[test]
fn changelogs_of_changesets_and_git_cliff_are_cut_and_judged() {
    let desk = desk();
    desk.sample("release-notes/changesets/CHANGELOG.md", "releases/signals/CHANGELOG.md");
    desk.sample("release-notes/git-cliff/CHANGELOG.md", "releases/zip/CHANGELOG.md");
    desk.build("results");
    for (component, is_version) in [("signals", "## "), ("zip", "## [")] {
        let text = desk.read(&format!("releases/{component}/CHANGELOG.md"));
        let versions = text.lines().filter(|it| it.starts_with(is_version)).count();
        let folder = desk.path(&format!("report/releases/{component}"));
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), versions, "{component}");
    }
    let page = |at: &str| text_of(&desk.read(&format!("report/releases/{at}/index.html")));
    let told =
        ["Fixed", "Fix createModel to also wrap class prototype methods", "Dispose captured"];
    let patches = page("signals/1.14.5");
    told.iter().for_each(|it| assert!(patches.contains(it), "{it}: {patches}"));
    assert_order(&page("signals/1.14.0"), &["Prevent batches where a signal", "Added; may change"]);
    assert_order(
        &page("zip/2.3.0"),
        &[
            "Published 2025-03-16",
            "Added",
            "Add support for NTFS extra field",
            "Fixed",
            "Symlink handling in stream extraction",
        ],
    );
}

#[test]
fn headings_inside_a_version_open_none() {
    let desk = desk();
    let notes = "# Changelog\n\n## 2.1.0\n\n### What's new in 2.1\n\n- one\n\n## Upgrading from 2.0.0\n\n\
        Set `a`.\n\n### Requires livekit 1.9.0 or newer\n\n```sh\n## 9.9.9\n```\n\n> ## 8.8.8\n\n\
        - two\n\n  ## 7.7.7\n\n<!--\n## 6.6.6\n-->\n\n## 2.0.0\n\n- three\n";
    desk.write("releases/agents/CHANGELOG.md", notes);
    desk.build("results");
    let folder = std::fs::read_dir(desk.path("report/releases/agents")).unwrap();
    let mut versions: Vec<_> = folder.map(|it| it.unwrap().file_name()).collect();
    versions.sort();
    assert_eq!(versions, ["2.0.0", "2.1.0"]);
    let page = text_of(&desk.read("report/releases/agents/2.1.0/index.html"));
    assert!(page.contains("one") && page.contains("two") && !page.contains("three"), "{page}");
}
