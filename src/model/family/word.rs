//! What of a single word varies.

/// A part of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// It stays.
    Plain(&'a str),
    /// The mark, and what it stands for.
    Mark(&'static str, &'a str),
}

use Piece::{Mark, Plain};

/// Endings of files with code or scenarios.
const CODE: [&str; 20] = [
    "go", "rs", "java", "kt", "js", "mjs", "cjs", "jsx", "ts", "tsx", "py", "rb", "cs", "swift",
    "c", "cc", "cpp", "h", "php", "feature",
];

/// Parts `word` into what stays and what varies.
pub(super) fn pieces(word: &str) -> Vec<Piece<'_>> {
    if !word.bytes().any(|it| it.is_ascii_digit() || matches!(it, b'/' | b'\\' | b'_' | b':'))
        && word.len() < 24
    {
        return vec![Plain(word)];
    }
    if let Some(mark) = whole(word) {
        return vec![Mark(mark, word)];
    }
    if let Some((prefix, id)) = livekit_id(word) {
        return vec![Plain(prefix), Mark("<id>", id)];
    }
    if let Some((scheme, rest)) = word.split_once("://") {
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let path = &path[..path.find(['?', '#']).unwrap_or(path.len())];
        let mut all = vec![Plain(&word[..scheme.len() + 3]), Mark("<address>", host)];
        segments(path, &mut all);
        return all;
    }
    if let Some((file, line)) = code(word) {
        let name = &file[file.rfind(['/', '\\']).map_or(0, |it| it + 1)..];
        let mut all = vec![Plain(name)];
        if !line.is_empty() {
            all.extend([Plain(":"), Mark("<line>", line)]);
        }
        return all;
    }
    if is_path(word) {
        return path(word);
    }
    let mut all = Vec::new();
    segments(word, &mut all);
    all
}

/// Whether `line` names a place in code.
pub(super) fn has_place(line: &str) -> bool {
    let borders = |c: char| c.is_whitespace() || "()[]\"',".contains(c);
    let named = line.split(borders).map(|it| it.trim_end_matches(':'));
    let mut places = named.filter_map(code);
    places.any(|(_, at)| !at.is_empty() || line.contains(", line "))
}

/// The mark of a word that varies as a whole.
fn whole(word: &str) -> Option<&'static str> {
    let bytes = word.as_bytes();
    let all = |is: fn(&u8) -> bool| bytes.iter().all(is);
    let number = word.trim_start_matches(['-', '+', '~', '#', 'v']);
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    if word.contains(' ') {
        // Only a number with its unit comes with a blank.
        Some("<duration>")
    } else if has_digit && is_time(bytes) {
        Some("<time>")
    } else if is_address(word) {
        Some("<address>")
    } else if !number.is_empty()
        && number.bytes().all(|it| it.is_ascii_digit() || it == b'.')
        && has_digit
    {
        Some("<number>")
    } else if has_digit && is_duration(number) {
        Some("<duration>")
    } else if is_uuid(bytes) {
        Some("<uuid>")
    } else if word.starts_with("0x") && bytes[2..].iter().all(u8::is_ascii_hexdigit) {
        Some("<number>")
    } else if word.starts_with("eyJ") && word.len() > 20 {
        Some("<token>")
    } else if bytes.len() >= 7 && all(u8::is_ascii_hexdigit) && is_mixed(bytes) {
        Some("<hash>")
    } else if bytes.len() >= 24
        && all(|it| it.is_ascii_alphanumeric() || b"+/=_-".contains(it))
        && is_random(bytes)
    {
        Some("<token>")
    } else {
        None
    }
}

fn is_mixed(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_digit) && bytes.iter().any(u8::is_ascii_alphabetic)
}

fn is_random(bytes: &[u8]) -> bool {
    is_mixed(bytes)
        && bytes.iter().any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_lowercase)
        && bytes.iter().filter(|it| it.is_ascii_digit()).count() >= 3
}

/// `2026-11-21T10:00:00Z`, `2026/11/21`, `10:00:00.123`
fn is_time(bytes: &[u8]) -> bool {
    let plain = |it: &u8| it.is_ascii_digit() || b"-:/.TZ+".contains(it);
    let parts = |c: u8| bytes.iter().filter(|it| **it == c).count();
    bytes.iter().all(plain)
        && bytes[0].is_ascii_digit()
        && (parts(b':') == 2 || parts(b'-') == 2 || parts(b'/') == 2 || bytes.contains(&b'T'))
}

/// `127.0.0.1:7880`, `localhost:7880`, `::1`, `sfu.example.com:443`
fn is_address(word: &str) -> bool {
    let (host, port) = word.rsplit_once(':').unwrap_or((word, ""));
    let has_port = !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
    let is_four =
        |it: &str| it.split('.').count() == 4 && it.split('.').all(|it| it.parse::<u8>().is_ok());
    if is_four(if has_port { host } else { word })
        || word.matches(':').count() > 1 && word.parse::<std::net::Ipv6Addr>().is_ok()
    {
        return true;
    }
    let is_name = host.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-'));
    has_port && is_name && (host == "localhost" || host.contains('.') && code(host).is_none())
}

/// `1m30.5s`, `200ms`
fn is_duration(word: &str) -> bool {
    let mut rest = word;
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let unit =
            ["ns", "µs", "us", "ms", "s", "m", "h"].iter().find_map(|it| number.strip_prefix(it));
        match unit {
            Some(after) if number.len() < rest.len() => rest = after,
            _ => return false,
        }
    }
    true
}

fn is_uuid(bytes: &[u8]) -> bool {
    let dash = |n: usize| matches!(n, 8 | 13 | 18 | 23);
    bytes.len() == 36
        && bytes
            .iter()
            .enumerate()
            .all(|(n, it)| if dash(n) { *it == b'-' } else { it.is_ascii_hexdigit() })
}

/// `PA_7x3kQ2mZ9abc`: the kind with its underscore, and what varies.
fn livekit_id(word: &str) -> Option<(&str, &str)> {
    let (kind, id) = word.split_once('_')?;
    let is_kind = (2..=3).contains(&kind.len()) && kind.bytes().all(|it| it.is_ascii_uppercase());
    let is_id = id.len() >= 6
        && id.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'|'))
        && id.bytes().any(|it| it.is_ascii_digit() || it.is_ascii_lowercase());
    (is_kind && is_id).then(|| word.split_at(kind.len() + 1))
}

/// The file and the line of a place in code, the line empty where none is named.
fn code(word: &str) -> Option<(&str, &str)> {
    let at = word.find(':').filter(|it| word[it + 1..].starts_with(|c: char| c.is_ascii_digit()));
    let (file, line) = at.map_or((word, ""), |at| (&word[..at], &word[at + 1..]));
    let (_, ending) = file.rsplit_once('.')?;
    let is_line = line.bytes().all(|it| it.is_ascii_digit() || it == b':');
    (CODE.contains(&ending) && is_line).then_some((file, line))
}

fn is_path(word: &str) -> bool {
    let drive = word.as_bytes().get(1..3) == Some(b":\\");
    drive
        || word.matches('/').count() > 1
        || ["/", "./", "../", "~/"].iter().any(|it| word.starts_with(it) && word.len() > it.len())
}

/// Folders differ from machine to machine; the name of a file with an ending tells something.
fn path(word: &str) -> Vec<Piece<'_>> {
    let (folder, name) = word.split_at(word.rfind(['/', '\\']).map_or(0, |it| it + 1));
    if !name.contains('.') {
        return vec![Mark("<path>", word)];
    }
    let (stem, ending) = name.split_at(name.rfind('.').unwrap_or(name.len()));
    let mut all = vec![Mark("<path>", folder)];
    segments(stem, &mut all);
    all.push(Plain(ending));
    all
}

/// Numbers and ids within a word.
fn segments<'a>(word: &'a str, all: &mut Vec<Piece<'a>>) {
    for segment in word.split_inclusive(|c: char| "-_./:@~+#%&$*\\".contains(c)) {
        let bare = segment.trim_end_matches(|c: char| "-_./:@~+#%&$*\\".contains(c));
        let bytes = bare.as_bytes();
        let turns =
            bytes.windows(2).filter(|it| it[0].is_ascii_digit() != it[1].is_ascii_digit()).count();
        let is_hash =
            bytes.len() >= 6 && is_mixed(bytes) && bytes.iter().all(u8::is_ascii_hexdigit);
        if is_hash || bytes.len() >= 8 && turns > 2 {
            all.push(Mark("<id>", bare));
        } else {
            numbers(bare, all);
        }
        if bare.len() < segment.len() {
            all.push(Plain(&segment[bare.len()..]));
        }
    }
}

fn numbers<'a>(mut rest: &'a str, all: &mut Vec<Piece<'a>>) {
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        all.push(if is_digit { Mark("<number>", run) } else { Plain(run) });
        rest = after;
    }
}
