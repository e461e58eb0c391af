//! `lkreport fetch releases`, against a small GitHub of our own on the loopback.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    process::Output,
    sync::{Arc, Mutex},
    thread,
};

use serde_json::json;

use crate::desk::{Desk, stderr, text_of};

/// What was asked: the path, and the headers.
type Asked = Arc<Mutex<Vec<(String, Vec<String>)>>>;

/// A server that gives recorded answers in their order, one a connection.
struct GitHub {
    url: String,
    asked: Asked,
}

impl GitHub {
    fn new(answers: impl IntoIterator<Item = String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Asked::default();
        let seen = Arc::clone(&asked);
        let mut answers: VecDeque<String> = answers.into_iter().collect();
        thread::spawn(move || {
            while let Some(answer) = answers.pop_front() {
                let Ok((mut stream, _)) = listener.accept() else { return };
                seen.lock().unwrap().push(request(&stream));
                _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { url, asked }
    }

    fn header(&self, request: usize, name: &str) -> Option<String> {
        let asked = self.asked.lock().unwrap();
        let found = asked[request].1.iter().find(|it| it.to_lowercase().starts_with(name));
        found.map(|it| it.split_once(": ").unwrap().1.to_owned())
    }
}

fn request(stream: &TcpStream) -> (String, Vec<String>) {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut lines = lines.take_while(|it| !it.is_empty());
    let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    (path, lines.collect())
}

fn answer(status: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().map(|it| format!("{it}\r\n")).collect();
    format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn releases(tag: &str) -> String {
    let url = format!("https://github.com/livekit/livekit/releases/tag/{tag}");
    json!([{"tag_name": tag, "html_url": url, "draft": false, "published_at": "2026-07-31T10:00:00Z",
        "body": "### Fixed\n- Fix a leak\n", "author": {"login": "x"}}])
    .to_string()
}

fn fetch(desk: &Desk, hub: &GitHub, more: &[&str]) -> Output {
    let args = ["fetch", "releases", "livekit", "--api", &hub.url];
    let mut command = desk.command(&[&args[..], more].concat());
    command.env_remove("GITHUB_TOKEN").env_remove("GITHUB_API_URL");
    command.env("NO_PROXY", "127.0.0.1").output().unwrap()
}

fn assert_fetched(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
}

#[test]
fn pages_are_kept_with_their_tags_and_a_build_reads_them() {
    let desk = Desk::new();
    let first =
        answer("200 OK", &["ETag: \"a1\"", "Link: <http://x>; rel=\"next\""], &releases("v1.8.4"));
    let hub = GitHub::new([first, answer("200 OK", &["ETag: \"b1\""], &releases("v1.7.2"))]);
    assert_fetched(&fetch(&desk, &hub, &["--token", "t0ken-of-a-test"]));
    assert_eq!(
        hub.asked.lock().unwrap()[1].0,
        "/repos/livekit/livekit/releases?per_page=100&page=2"
    );
    assert_eq!(hub.header(0, "authorization").as_deref(), Some("Bearer t0ken-of-a-test"));
    assert!(!desk.read("releases/livekit/github-1.json").contains("login"));
    // What did not change is not sent again.
    let same = || answer("304 Not Modified", &[], "");
    let hub = GitHub::new([same(), same()]);
    let output = fetch(&desk, &hub, &[]);
    assert_fetched(&output);
    assert!(
        stderr(&output).contains("livekit: 0 releases, 2 pages unchanged"),
        "{}",
        stderr(&output)
    );
    assert_eq!(hub.header(0, "if-none-match").as_deref(), Some("\"a1\""));
    assert_eq!(hub.header(1, "if-none-match").as_deref(), Some("\"b1\""));
    assert_eq!(hub.header(0, "authorization"), None);
    desk.add_run("r1", "2026-11-20T10:00:00Z", &[("a", "passed")], json!({}));
    desk.build("results");
    let page = text_of(&desk.read("report/releases/livekit/1.8.4/index.html"));
    assert!(page.contains("Fix a leak") && page.contains("2026-07-31"), "{page}");
    assert!(desk.has("report/releases/livekit/1.7.2/index.html"));
}

#[test]
fn a_limit_is_said_with_its_end_and_trouble_is_tried_again() {
    let desk = Desk::new();
    let good = answer("200 OK", &[], &releases("v1.8.4"));
    let again = answer("429 Too Many Requests", &["Retry-After: 0"], "{}");
    let trouble = answer("502 Bad Gateway", &[], "<html>");
    let hub = GitHub::new([again.clone(), trouble, good]);
    assert_fetched(&fetch(&desk, &hub, &[]));
    let later = answer(
        "403 Forbidden",
        &["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 99999999999"],
        "{}",
    );
    let output = fetch(&desk, &GitHub::new([later]), &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("asks to come again in") && said.contains("what was fetched before stays"),
        "{said}"
    );
    let output = fetch(&desk, &GitHub::new([answer("403 Forbidden", &[], "{}")]), &[]);
    assert!(stderr(&output).contains("GitHub answers 403 Forbidden"), "{}", stderr(&output));
    // A server that always says at once is not asked for ever.
    let output = fetch(&desk, &GitHub::new(vec![again; 3]), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("429"), "{}", stderr(&output));
    assert!(desk.read("releases/livekit/github-1.json").contains("v1.8.4"));
}

#[test]
fn half_an_answer_or_none_leaves_what_was_there() {
    let desk = Desk::new();
    assert_fetched(&fetch(
        &desk,
        &GitHub::new([answer("200 OK", &["ETag: \"a\""], &releases("v1.8.4"))]),
        &[],
    ));
    let before = desk.read("releases/livekit/github-1.json");
    let whole = answer("200 OK", &[], &releases("v1.9.0"));
    let half = whole[..whole.len() - 40].to_owned();
    let no_json = answer("200 OK", &[], "[{\"tag_name\": ");
    let trouble = answer("500 Internal Server Error", &[], "");
    for bad in [half, no_json, answer("200 OK", &[], "{}"), trouble, String::new()] {
        let output = fetch(&desk, &GitHub::new(vec![bad.clone(); 3]), &[]);
        assert_eq!(output.status.code(), Some(2), "{bad}: {}", stderr(&output));
        assert!(stderr(&output).contains("could not be fetched: livekit"), "{}", stderr(&output));
    }
    assert_eq!(desk.read("releases/livekit/github-1.json"), before);
    assert!(desk.has("releases/livekit/github-1.etag"));
    let missing = fetch(&desk, &GitHub::new([answer("404 Not Found", &[], "{}")]), &[]);
    assert!(
        stderr(&missing).contains("GitHub knows no repository livekit/livekit"),
        "{}",
        stderr(&missing)
    );
}
