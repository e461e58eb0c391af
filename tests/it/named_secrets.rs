//! A secret that only its name gives away is masked, wherever a name and a value are said of a run.

use std::{fs, path::Path};

use assert_cmd::Command;
use lkreport::ingest::{Discard, Ingested, Intake, read};
use lkreport_contract::mask::Masker;

/// No rule knows it by its looks.
const SECRET: &str = "correct horse battery";

fn ingest(name: &str, text: &str) -> Ingested {
    let masker = Masker::default();
    read(name, &mut text.as_bytes(), &mut Intake::new(&masker, &Discard))
}

fn run(args: &[&str], folder: &Path) {
    let mut command = Command::cargo_bin("lkreport").unwrap();
    let command = command.current_dir(folder).env_remove("LKREPORT_CONFIG");
    command.args(args).assert().success();
}

#[test]
fn properties_of_junit() {
    let xml = format!(
        r#"<testsuites><testsuite name="s"><properties>
        <property name="api.secret" value="{SECRET}"/>
        <property name="LIVEKIT_API_SECRET">{SECRET}</property>
        <property name="db.password" value="{SECRET} &quot;{SECRET}&quot;"/>
        <property name="os.name" value="Linux"/>
        </properties><testcase name="c"><properties>
        <property name="redis.password" value="{SECRET}"/>
        </properties></testcase></testsuite></testsuites>"#
    );
    let found = ingest("junit.xml", &xml);
    assert!(!format!("{found:?}").contains("horse"), "{found:?}");
    let properties = &found.said.properties;
    assert_eq!(properties["api.secret"], "[masked secret]");
    assert_eq!(properties["LIVEKIT_API_SECRET"], "[masked secret]");
    assert_eq!(properties["db.password"], "[masked password]");
    assert_eq!(properties["os.name"], "Linux");
    assert_eq!((found.masked["secret"], found.masked["password"]), (2, 1));
}

#[test]
fn environment_and_command_of_run_json() {
    let json = format!(
        r#"{{"id":"r1","suite":"s","environment":{{"os":"linux","TURN_CREDENTIAL":"{SECRET}"}},
        "repeat":["lkreport","run","--api-secret","{SECRET}","--verbose","features"]}}"#
    );
    let found = ingest("run.json", &json);
    let run = &found.said.run;
    assert_eq!(run.environment["TURN_CREDENTIAL"], "[masked turn-credential]");
    assert_eq!(run.environment["os"], "linux");
    let repeat = ["lkreport", "run", "--api-secret", "[masked secret]", "--verbose", "features"];
    assert_eq!(run.repeat, repeat);
    assert_eq!(found.masked.values().sum::<u64>(), 2);
}

#[test]
fn metadata_of_the_command_line_and_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let xml = r#"<testsuite name="s"><testcase name="c"/></testsuite>"#;
    fs::write(folder.path().join("junit.xml"), xml).unwrap();
    let config = format!("[meta]\n\"env.ADMIN_PASSWORD\" = \"{SECRET}\"\n");
    fs::write(folder.path().join("lkreport.toml"), config).unwrap();
    let meta = format!("env.API_SECRET={SECRET}");
    let args = ["--results", "junit.xml", "--meta", &meta, "--meta", "env.os=linux"];
    run(&[&["build", "--stamp", "1700000000"], &args[..]].concat(), folder.path());
    let pages = walkdir::WalkDir::new(folder.path().join("report"));
    let mut text = String::new();
    for file in pages.into_iter().map(|it| it.unwrap()).filter(|it| it.file_type().is_file()) {
        text += &String::from_utf8_lossy(&fs::read(file.path()).unwrap());
    }
    assert!(!text.contains("horse"));
    assert!(text.contains("[masked secret]") && text.contains("[masked password]"));
    let json = fs::read(folder.path().join("report/api/v1/report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(report["masked"], serde_json::json!({"password": 1, "secret": 1}));
}

#[test]
fn what_is_masked_in_attachments_counts() {
    let folder = tempfile::tempdir().unwrap();
    let xml = r#"<testsuite name="s"><testcase name="c"><failure message="no"/>
        <system-out>[[ATTACHMENT|server.txt]]</system-out></testcase></testsuite>"#;
    fs::write(folder.path().join("junit.xml"), xml).unwrap();
    let text = format!("api_secret: \"{SECRET}\"\n");
    fs::write(folder.path().join("server.txt"), text).unwrap();
    run(&["build", "--stamp", "1700000000", "--results", "."], folder.path());
    let json = fs::read(folder.path().join("report/api/v1/report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(report["masked"], serde_json::json!({"secret": 1}));
}
