//! A history in a bucket, over real HTTP to a small stand-in on the loopback.
//!
//! The stand-in knows the six requests of the
//! [S3 API](https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html)
//! that a history needs, and checks no signatures.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{Arc, Mutex},
};

use lkreport::history::{Added, Policy, Store};

use super::run;

type Bucket = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

#[test]
fn a_bucket_over_http_holds_a_history() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let bucket = Bucket::default();
    for unclaimed in ["old", "young"] {
        let key = format!("/bucket/team/evidence/{unclaimed}.tar.zst");
        bucket.lock().unwrap().insert(key, b"of a writer that was killed".to_vec());
    }
    let served = Arc::clone(&bucket);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let bucket = Arc::clone(&served);
            std::thread::spawn(move || serve(stream, &bucket));
        }
    });
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "history::bucket::use_a_bucket", "--nocapture"])
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_ACCESS_KEY_ID", "a")
        .env("AWS_SECRET_ACCESS_KEY", "b")
        .env("AWS_REGION", "eu-central-1")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    let names: Vec<String> = bucket.lock().unwrap().keys().cloned().collect();
    assert_eq!(
        names,
        [
            "/bucket/team/cache/.gitignore",
            "/bucket/team/cache/past-v1/2026-11.zst",
            "/bucket/team/cache/past-v1/2026-12.zst",
            "/bucket/team/evidence/gh-1.tar.zst",
            "/bucket/team/evidence/young.tar.zst",
            "/bucket/team/runs/2026/11/gh-1.ndjson.zst",
            "/bucket/team/runs/2026/12/gh-2.ndjson.zst",
        ]
    );
}

#[test]
fn use_a_bucket() {
    // Only the child of the test above has a bucket; by itself this one has nothing to do.
    if std::env::var_os("AWS_ENDPOINT_URL").is_none() {
        return;
    }
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("log.txt"), "line").unwrap();
    let store = Store::open("s3://bucket/team/").unwrap();
    let unclaimed = store.prune(&Policy::default(), false).unwrap().unclaimed;
    let unclaimed: Vec<_> = unclaimed.iter().map(|it| (it.name.as_str(), it.goes)).collect();
    assert_eq!(unclaimed, [("evidence/old.tar.zst", true), ("evidence/young.tar.zst", false)]);
    let first = run("gh-1", "2026-11-02T10:00:00Z");
    assert_eq!(store.add(&first, Some(folder.path())).unwrap(), Added::New);
    assert_eq!(store.add(&first, Some(folder.path())).unwrap(), Added::Same);
    assert_eq!(store.add(&run("gh-2", "2026-12-02T10:00:00Z"), None).unwrap(), Added::New);
    let past = store.past().unwrap();
    assert_eq!((past.0.runs.len(), past.1.len()), (2, 0));
    assert_eq!(store.past().unwrap(), past);
    assert_eq!(store.run(&first.head.id).unwrap().0.unwrap(), first);
    assert_eq!(store.evidence(&first.head.id, out.path()).unwrap(), 1);
    let verified = store.verify().unwrap();
    assert_eq!((verified.problems.len(), verified.unclaimed), (1, 1), "of the young one only");
}

/// Answers the requests of one connection.
fn serve(stream: TcpStream, bucket: &Bucket) -> Option<()> {
    let mut answers = stream.try_clone().ok()?;
    let mut requests = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if requests.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let header = |name: &str| {
            let mut pairs = lines.iter().filter_map(|it| it.split_once(": "));
            pairs.find(|it| it.0.eq_ignore_ascii_case(name)).map(|it| it.1.to_owned())
        };
        let mut body = vec![0; header("content-length").map_or(0, |it| it.parse().unwrap())];
        requests.read_exact(&mut body).ok()?;
        let mut words = lines[0].split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let asked = Asked { method, target, range: header("range"), new: header("if-none-match") };
        let (status, content) = answer(&asked, body, &mut bucket.lock().unwrap());
        let length = content.len();
        write!(
            answers,
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\netag: \"e\"\r\nlast-modified: {}\r\n{}\r\n",
            written(target),
            content_range(&asked, length, bucket),
        )
        .ok()?;
        if method != "HEAD" {
            answers.write_all(&content).ok()?;
        }
    }
}

/// When the bucket wrote what: all of it long ago, but for what is young or was put there just now.
fn written(target: &str) -> &'static str {
    let is_young = target.contains("young") || target.contains("/cache/");
    if is_young { "Tue, 03 Nov 2026 12:00:00 GMT" } else { "Mon, 02 Nov 2026 10:00:00 GMT" }
}

struct Asked<'a> {
    method: &'a str,
    target: &'a str,
    range: Option<String>,
    new: Option<String>,
}

fn content_range(asked: &Asked<'_>, length: usize, bucket: &Bucket) -> String {
    let Some(start) = asked.range.as_deref().and_then(start) else { return String::new() };
    let all = bucket.lock().unwrap().get(&plain(asked.target)).map_or(0, Vec::len);
    format!("content-range: bytes {start}-{}/{all}\r\n", start + length - 1)
}

fn start(range: &str) -> Option<usize> {
    range.strip_prefix("bytes=")?.split('-').next()?.parse().ok()
}

fn plain(target: &str) -> String {
    target.split('?').next().unwrap().replace("%7E", "~").replace("%2F", "/")
}

fn answer(
    asked: &Asked<'_>,
    body: Vec<u8>,
    bucket: &mut BTreeMap<String, Vec<u8>>,
) -> (&'static str, Vec<u8>) {
    let key = plain(asked.target);
    let query = asked.target.split_once('?').map_or("", |it| it.1);
    match asked.method {
        "GET" if query.contains("list-type=2") => ("200 OK", list(query, bucket)),
        "GET" | "HEAD" => match bucket.get(&key) {
            None => ("404 Not Found", Vec::new()),
            Some(content) => match asked.range.as_deref().and_then(start) {
                Some(start) => ("206 Partial Content", content[start..].to_vec()),
                None => ("200 OK", content.clone()),
            },
        },
        "PUT" if asked.new.is_some() && bucket.contains_key(&key) => {
            ("412 Precondition Failed", Vec::new())
        }
        // One part is all that a test needs, so it is the object.
        "PUT" => {
            bucket.insert(key, body);
            ("200 OK", Vec::new())
        }
        "POST" if query.starts_with("uploads") => {
            let begun = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>";
            ("200 OK", begun.into())
        }
        "POST" if query.starts_with("delete") => {
            let body = String::from_utf8(body).unwrap();
            let keys = body.split("<Key>").skip(1).filter_map(|it| it.split("</Key>").next());
            let gone = keys.inspect(|it| _ = bucket.remove(&format!("/bucket/{it}")));
            let gone = gone.map(|it| format!("<Deleted><Key>{it}</Key></Deleted>"));
            ("200 OK", format!("<DeleteResult>{}</DeleteResult>", gone.collect::<String>()).into())
        }
        "POST" => {
            let done =
                "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>";
            ("200 OK", done.into())
        }
        _ => ("405 Method Not Allowed", Vec::new()),
    }
}

fn list(query: &str, bucket: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let prefix = query.split('&').find_map(|it| it.strip_prefix("prefix="));
    let prefix = prefix.unwrap_or_default().replace("%2F", "/");
    let (mut objects, mut folders) = (String::new(), BTreeSet::new());
    for (key, content) in bucket {
        let key = key.strip_prefix("/bucket/").unwrap();
        let Some(rest) = key.strip_prefix(&prefix) else { continue };
        match rest.split_once('/') {
            Some((folder, _)) => {
                folders.insert(format!("<CommonPrefixes><Prefix>{prefix}{folder}/</Prefix></CommonPrefixes>"));
            }
            None => objects.push_str(&format!(
                "<Contents><Key>{key}</Key><Size>{}</Size><ETag>e</ETag><LastModified>2026-11-02T10:00:00.000Z</LastModified></Contents>",
                content.len(),
            )),
        }
    }
    let folders: String = folders.into_iter().collect();
    format!("<ListBucketResult>{objects}{folders}</ListBucketResult>").into_bytes()
}
