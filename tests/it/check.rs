//! `lkreport check` says where a configuration or a feature file is wrong.

use std::fs;

use assert_cmd::Command;
use tempfile::TempDir;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The exit code, what was found, and the summary.
fn check(folder: &TempDir, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("lkreport").unwrap();
    let command = command.current_dir(folder.path()).env_remove("LKREPORT_CONFIG");
    let output = command.arg("check").args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The lines that name a place.
fn places(stdout: &str) -> Vec<&str> {
    stdout.lines().filter_map(|it| it.strip_prefix("error: ")).collect()
}

const FEATURE: &str = "Feature: f\n  Scenario: s\n    Given x\n";

#[test]
fn what_is_right_is_counted() {
    let files =
        folder(&[("lkreport.toml", "suite = \"smoke\"\n"), ("features/a.feature", FEATURE)]);
    let (code, out, err) = check(&files, &[]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err, "1 configuration and 1 feature file checked: no errors\n");
    let (code, _, err) = check(&folder(&[]), &[]);
    assert_eq!(code, 0);
    assert_eq!(
        err,
        "nothing to check: no lkreport.toml, no *.feature file, and nothing in known-issues/\n"
    );
}

#[test]
fn all_errors_of_a_feature_file_have_places_and_excerpts() {
    let text = "Feature: f\n  Scenario: s\n    Given é\n      | a |\n      | a | b |\n    Gven y\n";
    let files = folder(&[("features/b/a.feature", text)]);
    let (code, out, err) = check(&files, &[]);
    assert_eq!(code, 1);
    assert_eq!(
        places(&out),
        [
            "features/b/a.feature:5:7: the row has 2 cells, and the first one of its table 1",
            "features/b/a.feature:6:5: expected a step, a table, a doc string or the next scenario, found `Gven y`",
        ]
    );
    assert!(out.contains("6 |     Gven y\n  |     ^^^^^^"), "{out}");
    assert_eq!(err, "1 feature file checked: 2 errors\n");
}

#[test]
fn all_errors_of_a_configuration_have_places_and_excerpts() {
    let text = "sute = \"smoke\"\nhistory = 5\n[mask.patterns]\nok = 'a+'\nbad = 'a('\n\
                [retention]\nbudget = \"much\"\ndays = 3\n[nothing]\na = 1\nb = 2\n[meta]\nseed = \"x\"\n";
    let (code, out, err) = check(&folder(&[("lkreport.toml", text)]), &[]);
    assert_eq!(code, 1);
    let found = places(&out);
    let at: Vec<_> = found.iter().map(|it| it.split(':').nth(1).unwrap()).collect();
    assert_eq!(at, ["1", "2", "5", "7", "8", "9", "13"], "{out}");
    assert!(found[0].starts_with("lkreport.toml:1:1: unknown field `sute`"), "{out}");
    assert_eq!(found[2], "lkreport.toml:5:7: mask pattern `bad`: unclosed group");
    assert!(found[3].starts_with("lkreport.toml:7:10: `much` is not a size"), "{out}");
    assert!(out.contains("5 | bad = 'a('\n  |       ^^^^"), "{out}");
    assert_eq!(err, "1 configuration checked: 7 errors\n");
}

#[test]
#[cfg(feature = "engine")]
fn a_network_that_cannot_be_has_its_place() {
    let text = "[network.office]\nlatency = \"40\"\nloss = \"2%\"\n[network.home]\nlos = \"2%\"\n";
    let (code, out, _) = check(&folder(&[("lkreport.toml", text)]), &[]);
    assert_eq!(code, 1);
    let found = places(&out);
    assert!(found[0].starts_with("lkreport.toml:2:11: `40` at character 9"), "{out}");
    assert!(found[1].starts_with("lkreport.toml:5:7: `los` at character 1"), "{out}");
    assert!(found[1].contains("did you mean `loss`?"), "{out}");
    assert_eq!(found.len(), 2, "{out}");
}

#[test]
fn the_key_that_was_meant_is_named() {
    let text = "sute = \"smoke\"\nwhatever = 1\n[site]\ntitel = \"x\"\n[agged]\ndays = 3\n";
    let files = folder(&[("lkreport.toml", text)]);
    let (_, out, _) = check(&files, &[]);
    let found = places(&out);
    let meant = |n: usize| found[n].split_once("; did you mean ").map(|it| it.1);
    let expected = [Some("`suite`?"), None, Some("`title`?"), Some("`aged`?")];
    assert_eq!([0, 1, 2, 3].map(meant), expected, "{out}");
    let mut command = Command::cargo_bin("lkreport").unwrap();
    let command = command.current_dir(files.path()).env_remove("LKREPORT_CONFIG");
    let output = command.args(["history", "list"]).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.ends_with("\nhint: did you mean `aged`?\n"), "{err}");
}

#[test]
fn broken_syntax_is_found_in_a_configuration_that_was_named() {
    let files = folder(&[("other.toml", "suite = \"a\"\nout = = 3\n"), ("x.feature", FEATURE)]);
    let (code, out, err) = check(&files, &["--config", "other.toml", "x.feature"]);
    assert_eq!(code, 1);
    assert!(out.starts_with("error: other.toml:2:"), "{out}");
    assert!(err.starts_with("1 configuration and 1 feature file checked: "), "{err}");
}

#[test]
fn what_cannot_be_read_is_no_answer() {
    let files = folder(&[("latin.feature", "Feature: a\n")]);
    fs::write(files.path().join("latin.feature"), b"Feature: f\n  Scenario: caf\xe9\n").unwrap();
    let (code, out, _) = check(&files, &["latin.feature"]);
    assert_eq!((code, places(&out)), (1, vec!["latin.feature:2:16: this is not UTF-8"]));
    assert_eq!(check(&files, &["missing.feature"]).0, 2);
    assert_eq!(check(&files, &["--config", "missing.toml"]).0, 2);
}

#[test]
fn excerpts_hold_no_secrets_and_no_escapes() {
    let secret = "S3cr3tS3cr3tS3cr3tS3cr3tS3cr3t";
    let text = format!("api_secret = \"{secret}\"\n");
    let feature = "Feature: f\n  Scenario: s\n    Given x\n    \u{1b}[31mred \u{202e}\n";
    let files = folder(&[("lkreport.toml", &text), ("features/a.feature", feature)]);
    let (code, out, _) = check(&files, &[]);
    assert_eq!(code, 1);
    assert!(!out.contains(secret) && !out.contains(['\u{1b}', '\u{202e}']), "{out:?}");
}

#[test]
fn what_init_writes_is_right() {
    let files = folder(&[]);
    let mut command = Command::cargo_bin("lkreport").unwrap();
    command.current_dir(files.path()).arg("init").assert().success();
    let (code, out, err) = check(&files, &[]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
}

#[test]
#[cfg(feature = "engine")]
fn rules_are_proved_with_their_places() {
    let rule = |id: &str, source: &str| {
        format!(
            "rules:\n  - id: {id}\n    type: known-bad\n    strictness: warn\n    components: {{livekit: \"<1.5.0\"}}\n    \
             reason: it does\n    source: {source}\n"
        )
    };
    let good = rule("one", "https://example.org/1");
    let files = folder(&[("rules/a.yaml", &good), ("other/b.yaml", "x: [")]);
    let (code, out, err) = check(&files, &[]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err, "1 rule file checked: no errors\n");
    let bare = rule("two", "somebody said so");
    let files = folder(&[
        ("rules/a.yaml", good.as_str()),
        ("rules/b.yaml", &bare),
        ("rules/c.yaml", &good),
        ("rules/d.yaml", "rules: 7\n"),
    ]);
    let (code, out, err) = check(&files, &[]);
    assert_eq!(code, 1);
    let found = places(&out);
    assert_eq!(found.len(), 3, "{out}");
    assert_eq!(found[0], "rules/b.yaml:2:9: `source` is no link that begins with `https://`");
    assert_eq!(found[1], "rules/c.yaml:2:9: another rule is named `one`");
    assert!(found[2].starts_with("rules/d.yaml:1:8: "), "{out}");
    assert_eq!(err, "4 rule files checked: 3 errors\n");
    let (code, ..) = check(&files, &["rules/a.yaml"]);
    assert_eq!(code, 0, "a file that is named is taken for what its folder holds");
}
