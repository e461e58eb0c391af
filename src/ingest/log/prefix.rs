//! What the runtime writes before each line of a program: compose, Kubernetes, Docker, journald, syslog.

use jiff::Timestamp;

use super::time::{Clock, clock_time, date_time, month, number};

/// A line without its prefixes.
pub(super) struct Bare<'a> {
    /// What the program wrote.
    pub(super) text: &'a [u8],
    /// When the runtime took it in.
    pub(super) time: Option<Timestamp>,
}

/// Takes all prefixes off; there may be two, such as compose around Docker's timestamps.
pub(super) fn strip<'a>(line: &'a [u8], clock: &Clock) -> Bare<'a> {
    let mut bare = Bare { text: line, time: None };
    for _ in 0..3 {
        let next = compose(bare.text)
            .map(|text| (text, None))
            .or_else(|| kubectl(bare.text).map(|text| (text, None)))
            .or_else(|| stamped(bare.text, clock))
            .or_else(|| syslog(bare.text, clock));
        let Some((text, time)) = next else { break };
        bare = Bare { text, time: time.or(bare.time) };
    }
    bare
}

type Rest<'a> = Option<(&'a [u8], Option<Timestamp>)>;

/// `livekit-1  | …`, as `docker compose logs` aligns it.
fn compose(line: &[u8]) -> Option<&[u8]> {
    let name = line
        .iter()
        .take(80)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        .count();
    if name == 0 || line.get(name) != Some(&b' ') {
        return None;
    }
    let bar = name + line[name..].iter().take(60).take_while(|b| **b == b' ').count();
    let rest = line.get(bar..)?.strip_prefix(b"|")?;
    Some(rest.strip_prefix(b" ").unwrap_or(rest))
}

/// `[pod/livekit-0/server] …`, as `kubectl logs --prefix` writes it.
fn kubectl(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"[pod/")?;
    let end = rest.iter().take(300).position(|b| *b == b']')?;
    rest[end + 1..].strip_prefix(b" ")
}

/// A timestamp that is followed by a stream name
/// ([CRI](https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md)),
/// or by a line that has a time or a shape of its own (`docker logs -t`), or by a journald unit.
fn stamped<'a>(line: &'a [u8], clock: &Clock) -> Rest<'a> {
    if !line.first()?.is_ascii_digit() {
        return None;
    }
    let (time, end) = date_time(line, clock)?;
    let rest = line.get(end..)?.strip_prefix(b" ")?;
    for stream in [b"stdout ", b"stderr "] {
        if let Some(rest) = rest.strip_prefix(stream) {
            let tag = rest.iter().position(|b| *b == b' ').map_or(rest.len(), |it| it + 1);
            return Some((&rest[tag..], Some(time)));
        }
    }
    if let Some(text) = unit(rest) {
        return Some((text, Some(time)));
    }
    // Docker writes nine digits of a second; a program that does so as well loses nothing but them.
    let nanos = line.get(19) == Some(&b'.') && end == 30;
    let own = date_time(rest, clock).is_some() || rest.starts_with(b"{") || redis(rest);
    (nanos || own).then_some((rest, Some(time)))
}

/// Whether this is the head of a line of Redis.
fn redis(line: &[u8]) -> bool {
    let pid = line.iter().take_while(|b| b.is_ascii_digit()).count();
    pid > 0 && line.get(pid) == Some(&b':') && line.get(pid + 2) == Some(&b' ')
}

/// `<13>Mar  7 19:57:53 host unit[17]: …` ([RFC 3164](https://www.rfc-editor.org/rfc/rfc3164)) and
/// `<34>1 2026-03-07T19:57:53Z host unit 17 - - …` ([RFC 5424](https://www.rfc-editor.org/rfc/rfc5424)).
fn syslog<'a>(line: &'a [u8], clock: &Clock) -> Rest<'a> {
    let mut rest = line;
    if let Some(inner) = line.strip_prefix(b"<") {
        let close = inner.iter().take(4).position(|b| *b == b'>')?;
        rest = &inner[close + 1..];
        if let Some(modern) = rest.strip_prefix(b"1 ") {
            let (time, end) = date_time(modern, clock)?;
            let fields = modern[end..].splitn(7, |b| *b == b' ');
            return Some((fields.last()?, Some(time)));
        }
    }
    let month = month(rest, 0)?;
    let day = number(rest, 4, 2).or_else(|| number(rest, 5, 1))?;
    let (time, end) = clock_time(rest, 7, [i64::from(clock.year), month, day], clock)?;
    Some((unit(rest.get(end..)?.strip_prefix(b" ")?)?, Some(time)))
}

/// What follows `host unit[17]: `.
fn unit(line: &[u8]) -> Option<&[u8]> {
    let host = line.iter().take(254).position(|b| *b == b' ')?;
    let rest = &line[host + 1..];
    let colon = rest.iter().take(200).position(|b| matches!(b, b':' | b' '))?;
    let named = rest[..colon].ends_with(b"]") || !line[..host].contains(&b':') && colon > 2;
    if rest[colon] != b':' || !named || host == 0 {
        return None;
    }
    // A host name has no characters that only sentences and levels have.
    let is_host =
        line[..host].iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let is_unit =
        rest[..colon].iter().all(|b| b.is_ascii_alphanumeric() || b"._-@[]/()".contains(b));
    let is_level = super::Level::of_word(&line[..host]).is_some();
    (is_host && is_unit && !is_level && rest[..colon].ends_with(b"]"))
        .then(|| rest[colon + 1..].trim_ascii_start())
}
