//! What failures left behind: logs beside them, pictures, and no secrets.

use std::{collections::BTreeMap, io::Read};

use crate::desk::{Desk, STAMP, text_of, tree};

/// A secret of each kind that would show if any of it were stored.
const CANARIES: [&str; 5] = [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnktb25lIn0.c2lnbmF0dXJlLW9mLWNhbmFyeQ",
    "canary2secret2of2livekit2keys2",
    "canary3password3of3a3url",
    "canary4bearer4token4of4a4log",
    "ours-canary5",
];

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nof what failed";
const OTHER_PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nof what passed";

/// A failed and a passed case, each with a picture, beside the logs of a server and of Redis.
fn desk() -> Desk {
    let desk = Desk::new();
    let [jwt, secret, url, bearer, ours] = CANARIES;
    desk.write(
        "results/junit.xml",
        format!(
            "<testsuite name='Join' timestamp='2026-11-21T09:06:00Z'>\
             <testcase classname='lk.Join' name='alice joins' time='2.5'>\
             <failure message='refused {jwt}'>at Join.java:7 {ours}</failure>\
             <system-out>LIVEKIT_API_SECRET={secret}\n[[ATTACHMENT|shots/alice.png]]\n\
             [[ATTACHMENT|/etc/passwd]]\n[[ATTACHMENT|../../../../../../../../../../etc/passwd]]\n\
             </system-out></testcase>\
             <testcase classname='lk.Join' name='bob joins' time='0.5'>\
             <system-out>[[ATTACHMENT|shots/bob.png]] {jwt}</system-out></testcase></testsuite>"
        ),
    );
    desk.write("results/shots/alice.png", PICTURE);
    desk.write("results/shots/bob.png", OTHER_PICTURE);
    desk.sample("logs/redis.log", "results/logs/redis.log");
    desk.sample("logs/livekit-console.log", "results/logs/livekit.log");
    let log = desk.read("results/logs/livekit.log");
    let planted = format!(
        "{}\n2026-11-21T09:06:12.000Z\tWARN\tlivekit\tservice/rtc.go:1\tdial redis://u:{url}@db/0\n\
         2026-11-21T09:06:12.001Z\tWARN\tlivekit\tservice/rtc.go:2\tAuthorization: Bearer {bearer}\n\
         2026-11-21T09:06:12.002Z\tWARN\tlivekit\tservice/rtc.go:3\tkey {ours}\n",
        log.trim_end()
    );
    desk.write("results/logs/livekit.log", planted);
    desk.write("lkreport.toml", "[mask.patterns]\nours = 'ours-[a-z]+[0-9]'\n");
    desk.ok(&["build", "--results", "results", "--stamp", STAMP]);
    desk
}

fn run_id(desk: &Desk) -> String {
    desk.ids().pop().unwrap()
}

/// The page of the failed case.
fn alice(desk: &Desk) -> String {
    let pages = tree(&desk.path("report"));
    let page = pages.iter().find(|(name, _)| name.starts_with("cases/alice-joins-"));
    String::from_utf8(page.expect("a failed case has a page").1.clone()).unwrap()
}

/// All files, also those inside records and packs, as they are once unpacked.
fn unpacked(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let mut plain = BTreeMap::new();
    for (name, bytes) in files {
        if !name.ends_with(".zst") {
            plain.insert(name, bytes);
            continue;
        }
        // The cache has a mark of its own before its frame.
        let frame = memchr::memmem::find(&bytes, b"\x28\xb5\x2f\xfd").unwrap();
        let bytes = zstd::decode_all(&bytes[frame..]).unwrap();
        if name.ends_with(".tar.zst") {
            for entry in tar::Archive::new(&bytes[..]).entries().unwrap() {
                let mut entry = entry.unwrap();
                let inner = format!("{name}/{}", entry.path().unwrap().display());
                let mut content = Vec::new();
                entry.read_to_end(&mut content).unwrap();
                plain.insert(inner, content);
            }
        }
        plain.insert(name, bytes);
    }
    plain
}

#[test]
fn no_secret_is_stored_anywhere() {
    let desk = desk();
    for folder in ["report", "history"] {
        let files = unpacked(tree(&desk.path(folder)));
        assert!(files.len() > 2, "{folder}");
        for (name, bytes) in files {
            for canary in CANARIES {
                let found = memchr::memmem::find(&bytes, canary.as_bytes());
                assert!(found.is_none(), "{folder}/{name} holds {canary}");
            }
        }
    }
    let packs: Vec<_> = tree(&desk.path("history/evidence")).into_keys().collect();
    assert!(packs.len() == 1 && packs[0].ends_with(".tar.zst"), "{packs:?}");
}

#[test]
fn what_was_masked_is_counted() {
    let desk = desk();
    let masked = desk.json("report/api/v1/report.json")["masked"].clone();
    for kind in ["jwt", "ours"] {
        assert!(masked[kind].as_u64().unwrap_or_default() >= 2, "{kind}: {masked}");
    }
    let run = format!("report/runs/{}/index.html", run_id(&desk));
    for page in ["report/index.html", "report/problems/index.html", &run] {
        let text = text_of(&desk.read(page)).to_lowercase();
        assert!(text.contains("masked") && text.contains(" jwt"), "{page}: {text}");
    }
}

#[test]
fn a_failure_leads_to_its_lines_in_the_logs() {
    let desk = desk();
    let id = run_id(&desk);
    let page = alice(&desk);
    let link = format!(r#"href="\.\./\.\./(logs/{id}/livekit/index\.html)#(L\d+)""#);
    let link = regex::Regex::new(&link).unwrap();
    let found = link.captures(&page).unwrap_or_else(|| panic!("no link to the log: {page}"));
    let (address, anchor) = (&found[1], &found[2]);
    let log = desk.read(&format!("report/{address}"));
    let place = log.find(&format!("id={anchor}")).unwrap_or_else(|| panic!("{anchor}: {log}"));
    let line = text_of(&log[place..]);
    let second = regex::Regex::new(r"2026-11-21T09:0(\d:\d\d)").unwrap();
    let at = second.captures(&line).map(|it| it[1].to_owned()).unwrap();
    assert!(("5:58"..="6:02").contains(&at.as_str()), "line {anchor} was written at {at}");
    assert!(desk.has(&format!("report/logs/{id}/redis/index.html")));
    let run = desk.read(&format!("report/runs/{id}/index.html"));
    assert!(run.contains(&format!("logs/{id}/livekit/index.html")), "{run}");
}

#[test]
fn pictures_of_failures_are_shown_and_others_are_not_kept() {
    let desk = desk();
    let page = alice(&desk);
    let image = regex::Regex::new(r#"<img[^>]* src="\.\./\.\./([^"]+\.png)""#).unwrap();
    let image = &image.captures(&page).expect("the picture stands on the page")[1];
    assert_eq!(std::fs::read(desk.path(&format!("report/{image}"))).unwrap(), PICTURE);
    for folder in ["report", "history"] {
        let files = unpacked(tree(&desk.path(folder)));
        let kept = files.iter().find(|(_, bytes)| bytes.ends_with(OTHER_PICTURE));
        assert!(kept.is_none(), "{folder}: {kept:?}");
    }
}

#[test]
fn a_picture_that_is_attached_and_lies_in_the_folder_too_is_shown_once() {
    let desk = Desk::new();
    desk.write(
        "results/junit.xml",
        "<testsuite name='Join' timestamp='2026-11-21T09:06:00Z'><testcase classname='lk.Join' name='alice joins' time='2.5'>\
         <failure message='refused'/><system-out>[[ATTACHMENT|shots/1.png]]</system-out></testcase></testsuite>",
    );
    desk.write("results/shots/1.png", PICTURE);
    desk.write("results/artifacts/alice-joins-1-20261121T090600Z-Ada.png", PICTURE);
    desk.write("results/artifacts/alice-joins-1-20261121T090600Z-Ben.png", OTHER_PICTURE);
    desk.ok(&["build", "--results", "results", "--stamp", STAMP]);
    let page = alice(&desk);
    assert_eq!(page.matches("<img ").count(), 2, "{page}");
    assert!(page.contains("Ben.png"), "of another person: {page}");
}

#[test]
fn attachments_lead_nowhere_outside_the_results() {
    let desk = desk();
    let leads = regex::Regex::new(r#"(?:href|src)="?[^" >]*etc/passwd"#).unwrap();
    for (name, bytes) in tree(&desk.path("report")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!leads.is_match(&text), "{name}: {:?}", leads.find(&text));
        assert!(!text.contains("root:x:0:0"), "{name}");
    }
    let problems = text_of(&desk.read("report/problems/index.html"));
    assert!(problems.contains("etc/passwd"), "{problems}");
    assert!(problems.contains("is not in their folder"), "{problems}");
}

#[test]
fn a_run_that_left_nothing_behind_has_no_folder_for_it() {
    let desk = Desk::new();
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("a", "passed")], serde_json::Value::Null);
    desk.build("results");
    desk.build("results");
    let folders = walkdir::WalkDir::new(desk.path("report")).into_iter().map(Result::unwrap);
    let folders = folders.filter(|it| it.file_type().is_dir());
    let is_empty = |it: &walkdir::DirEntry| std::fs::read_dir(it.path()).unwrap().next().is_none();
    let empty: Vec<_> = folders.filter(is_empty).map(walkdir::DirEntry::into_path).collect();
    assert_eq!(empty, Vec::<std::path::PathBuf>::new());
}

/// As our engine writes it: the file lies beside the messages, and they name its path.
#[test]
fn a_file_beside_cucumber_messages_is_shown() {
    let desk = Desk::new();
    desk.write("results/artifacts/join-1-screen.png", PICTURE);
    let attached = |url: &str| {
        format!(
            "{{\"externalAttachment\":{{\"testCaseStartedId\":\"4\",\"testStepId\":\"3\",\
             \"url\":\"{url}\",\"mediaType\":\"image/png\"}}}}\n"
        )
    };
    let urls = ["artifacts/join-1-screen.png", "../../../etc/passwd", "javascript:alert(1)"];
    let attachments: String = urls.iter().map(|it| attached(it)).collect();
    let stream = [
        r#"{"pickle":{"id":"1","uri":"a.feature","name":"joins","language":"en","steps":[{"id":"2","text":"a room","astNodeIds":[]}],"tags":[],"astNodeIds":[]}}"#,
        r#"{"testRunStarted":{"timestamp":{"seconds":1763715600,"nanos":0}}}"#,
        r#"{"testCase":{"id":"9","pickleId":"1","testSteps":[{"id":"3","pickleStepId":"2"}]}}"#,
        r#"{"testCaseStarted":{"id":"4","testCaseId":"9","attempt":0,"timestamp":{"seconds":1763715600,"nanos":0}}}"#,
        attachments.trim_end(),
        r#"{"testStepFinished":{"testCaseStartedId":"4","testStepId":"3","testStepResult":{"status":"FAILED","message":"no room","duration":{"seconds":1,"nanos":0}},"timestamp":{"seconds":1763715601,"nanos":0}}}"#,
        r#"{"testCaseFinished":{"testCaseStartedId":"4","willBeRetried":false,"timestamp":{"seconds":1763715601,"nanos":0}}}"#,
        r#"{"testRunFinished":{"success":false,"timestamp":{"seconds":1763715602,"nanos":0}}}"#,
    ];
    desk.write("results/messages.ndjson", stream.join("\n"));
    desk.build("results");
    let pages = tree(&desk.path("report"));
    let page = pages.iter().find(|(name, _)| name.starts_with("cases/joins-")).unwrap();
    let page = String::from_utf8_lossy(page.1);
    assert!(page.contains("<img") && page.contains("join-1-screen"), "{page}");
    assert!(!page.contains("passwd") && !page.contains("javascript:"), "{page}");
    let kept = pages.iter().filter(|(name, _)| name.contains("/evidence/"));
    assert_eq!(kept.map(|it| it.1.as_slice()).collect::<Vec<_>>(), [PICTURE]);
    let problems = text_of(&desk.read("report/problems/index.html"));
    assert!(problems.contains("is no web address") && problems.contains("not in their folder"));
}
