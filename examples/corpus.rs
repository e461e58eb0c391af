//! Writes the input that speed and memory are measured on: the same arguments, the same bytes.
//!
//! It makes results that look like real ones in size and shape; nobody should read meaning into them.

use std::{
    env,
    fmt::Write as _,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

use anyhow::{Context, bail};
use jiff::{SignedDuration, Timestamp};

const USAGE: &str = "usage: corpus cases N FILES DIR   JUnit cases in so many files
       corpus output BYTES DIR    one JUnit file whose bulk is system-out
       corpus log BYTES DIR       one log of a LiveKit server
       corpus runs N CASES DIR    a folder for each run: run.json and junit.xml";

const AREAS: [&str; 8] =
    ["rooms", "tracks", "egress", "ingress", "sip", "agents", "webhooks", "simulcast"];
const DOES: [&str; 6] = ["joins", "publishes", "subscribes", "mutes", "reconnects", "leaves"];
const LEVELS: [&str; 4] = ["INFO", "INFO", "DEBUG", "WARN"];
const SERVERS: [&str; 5] = ["1.8.4", "1.9.0", "1.10.1", "1.11.0", "1.13.5"];
const CLIENTS: [&str; 3] = ["2.15.0", "2.16.1", "2.18.0"];

/// 2025-01-01T00:00:00Z, when the first run began.
const FIRST_RUN: i64 = 1_735_689_600;

/// A sequence of numbers that is the same everywhere
/// ([xorshift64*](https://www.jstatsoft.org/article/view/v008i14)).
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len() as u64) as usize]
    }
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["cases", n, files, dir] => cases(number(n)?, number(files)?, Path::new(dir)),
        ["output", bytes, dir] => output(number(bytes)?, Path::new(dir)),
        ["log", bytes, dir] => log(number(bytes)?, Path::new(dir)),
        ["runs", n, cases, dir] => runs(number(n)?, number(cases)?, Path::new(dir)),
        _ => bail!("{USAGE}"),
    }
}

fn number(text: &str) -> anyhow::Result<u64> {
    let number = text.replace('_', "").parse().ok().filter(|it| *it > 0);
    number.with_context(|| format!("`{text}` is not a number above 0"))
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let file = File::create(path).with_context(|| path.display().to_string())?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}

/// `n` cases, as evenly as it goes, in `files` files of one class each.
fn cases(n: u64, files: u64, dir: &Path) -> anyhow::Result<()> {
    for file in 0..files {
        let first = n * file / files;
        let count = n * (file + 1) / files - first;
        let area = AREAS[file as usize % AREAS.len()];
        let class = format!("io.example.{area}.Suite{file:04}Test");
        let mut out = create(&dir.join(format!("TEST-{class}.xml")))?;
        let began = Timestamp::from_second(FIRST_RUN)?;
        suite(
            &mut out,
            &Suite { class: &class, count, began, fails: 50 },
            &mut Dice::new(file + 1),
        )?;
    }
    Ok(())
}

/// A file of JUnit XML to be written.
struct Suite<'a> {
    class: &'a str,
    count: u64,
    began: Timestamp,
    /// One case in so many fails.
    fails: u64,
}

fn suite(out: &mut impl Write, suite: &Suite<'_>, dice: &mut Dice) -> io::Result<()> {
    let Suite { class, count, began, fails } = *suite;
    let mut body = String::new();
    let mut failures = 0;
    for case in 0..count {
        let failed = dice.roll(fails) == 0;
        failures += u64::from(failed);
        one_case(&mut body, class, case, failed, dice);
    }
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuite name=\"{class}\" tests=\"{count}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" \
         timestamp=\"{began}\" time=\"{count}.0\">\n{body}</testsuite>"
    )
}

fn one_case(out: &mut String, class: &str, case: u64, failed: bool, dice: &mut Dice) {
    let does = DOES[case as usize % DOES.len()];
    let (seconds, millis) = (dice.roll(3), dice.roll(1000));
    let head = format!(
        "  <testcase classname=\"{class}\" name=\"participant {case} {does} while others watch\" \
         time=\"{seconds}.{millis:03}\""
    );
    let talks = dice.roll(10) == 0;
    // A `String` takes all that is written to it.
    _ = match (failed, talks) {
        (false, false) => writeln!(out, "{head}/>"),
        (false, true) => writeln!(
            out,
            "{head}>\n    <system-out><![CDATA[{}]]></system-out>\n  </testcase>",
            lines(20, dice)
        ),
        (true, _) => writeln!(out, "{head}>\n{}  </testcase>", failure(class, does, dice)),
    };
}

fn failure(class: &str, does: &str, dice: &mut Dice) -> String {
    let waited = dice.roll(30) + 1;
    let mut text = format!(
        "    <failure type=\"java.util.concurrent.TimeoutException\" message=\"{does}: no answer after \
         {waited} s\">java.util.concurrent.TimeoutException: {does}: no answer after {waited} s\n"
    );
    for _ in 0..30 {
        let (place, line) = (dice.pick(&AREAS), dice.roll(400) + 1);
        _ = writeln!(
            text,
            "\tat io.example.{place}.Steps.{does}(Steps.java:{line}) ~[tests.jar:na]"
        );
    }
    _ = writeln!(text, "\tat {class}.run({class}.java:12)</failure>");
    text
}

/// Lines of a server's log, as zap's console encoder prints them.
fn lines(count: u64, dice: &mut Dice) -> String {
    let mut text = String::new();
    for line in 0..count {
        let (level, area, does) = (dice.pick(&LEVELS), dice.pick(&AREAS), dice.pick(&DOES));
        let (room, millis) = (dice.roll(100_000), dice.roll(1000));
        _ = writeln!(
            text,
            "2025-01-01T00:00:{:02}.{millis:03}Z\t{level}\tlivekit\t{area}/session.go:{line}\tparticipant \
             {does}\t{{\"room\": \"room-{room}\", \"participant\": \"PA_{room:08}\"}}",
            line % 60
        );
    }
    text
}

/// One case that printed about `bytes` bytes, between two that printed nothing.
fn output(bytes: u64, dir: &Path) -> anyhow::Result<()> {
    let mut out = create(&dir.join("junit.xml"))?;
    let quiet = |name| format!("  <testcase classname=\"io.example.Output\" name=\"{name}\"/>\n");
    writeln!(out, "<testsuite name=\"io.example.Output\" tests=\"3\">")?;
    write!(out, "{}", quiet("before"))?;
    write!(
        out,
        "  <testcase classname=\"io.example.Output\" name=\"talks\"><system-out><![CDATA["
    )?;
    fill(&mut out, bytes)?;
    write!(out, "]]></system-out></testcase>\n{}</testsuite>\n", quiet("after"))?;
    Ok(out.flush()?)
}

fn log(bytes: u64, dir: &Path) -> anyhow::Result<()> {
    let mut out = create(&dir.join("logs/livekit.log"))?;
    fill(&mut out, bytes)?;
    Ok(out.flush()?)
}

/// Repeats a stretch of log until about `bytes` bytes are written.
fn fill(out: &mut impl Write, bytes: u64) -> io::Result<()> {
    let stretch = lines(6_000, &mut Dice::new(1));
    for _ in 0..bytes.div_ceil(stretch.len() as u64) {
        out.write_all(stretch.as_bytes())?;
    }
    Ok(())
}

/// `n` runs, one an hour, each on the next of fifteen combinations.
fn runs(n: u64, cases: u64, dir: &Path) -> anyhow::Result<()> {
    for run in 0..n {
        let folder = dir.join(format!("run-{run:05}"));
        let began = Timestamp::from_second(FIRST_RUN + 3600 * run.cast_signed())?;
        let ended = began + SignedDuration::from_mins(9);
        let server = SERVERS[run as usize % SERVERS.len()];
        let client = CLIENTS[run as usize / SERVERS.len() % CLIENTS.len()];
        write!(
            create(&folder.join("run.json"))?,
            "{{\"id\": \"run-{run:05}\", \"suite\": \"smoke\", \"started\": \"{began}\", \"finished\": \"{ended}\",\n \
             \"commit\": \"{:040x}\", \"branch\": \"main\", \"runtime\": \"process\",\n \
             \"versions\": {{\"livekit\": \"{server}\", \"client-js\": \"{client}\"}}}}\n",
            run / 15
        )?;
        let mut out = create(&folder.join("junit.xml"))?;
        let class = "io.example.smoke.SmokeTest";
        let dice = &mut Dice::new(run + 1);
        suite(&mut out, &Suite { class, count: cases, began, fails: 100 }, dice)?;
    }
    Ok(())
}
