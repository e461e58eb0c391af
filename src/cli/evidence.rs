//! Gathers what failed attempts of a run left behind: logs, screenshots, recordings, output.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsStr,
    fs::{self, File},
    io::BufReader,
    path::{Component, Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use lkreport_contract::mask::Masker;

use super::read::Found;
use crate::{
    ingest::{
        self, Clock, Evidence, Intake, LogAsk, LogWindow, MediaAttempt, MediaCase, MediaFile,
        component_of, keep_log, match_media, media_type,
    },
    model::{Artifact, ArtifactKind, Attempt, AttemptName, Case, Problem, Run, slug},
};

/// A folder outside the history in which the evidence of one run is gathered; made when first used.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
}

/// A larger file is not kept: it would fill the history for the sake of one failure.
const LARGEST: u64 = 64 << 20;

impl Spool {
    pub(super) const fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether `place` is one of ours; a foreign path may lead anywhere from here.
    fn holds(&self, place: &str) -> bool {
        let is_plain = |it: Component<'_>| matches!(it, Component::Normal(_));
        Path::new(place).components().all(is_plain) && self.folder.join(place).is_file()
    }

    fn write(&self, place: &str, bytes: &[u8]) -> std::io::Result<()> {
        let path = self.folder.join(place);
        fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        fs::write(path, bytes)
    }
}

impl Evidence for Spool {
    /// Named by content, so that no foreign name becomes a path and the same file is kept once.
    fn keep(&self, name: &str, media_type: &str, bytes: &[u8]) -> Option<Box<str>> {
        let place = format!("artifacts/{}", safe_name(name, media_type, bytes));
        self.write(&place, bytes).ok()?;
        Some(place.into())
    }
}

/// What tells contents apart.
fn digest(content: &[u8]) -> String {
    blake3::hash(content).to_hex()[..12].to_owned()
}

/// The digest in a place that [`safe_name`] made.
fn content_of(place: &str) -> &str {
    let name = place.rsplit('/').next().unwrap_or(place);
    name.split(['-', '.']).next().unwrap_or(name)
}

/// A name that no browser takes for a page or a script, whatever the file calls itself.
fn safe_name(name: &str, media_type: &str, content: &[u8]) -> String {
    let hash = digest(content);
    let stem = slug(Path::new(name).file_stem().unwrap_or_default().to_string_lossy().as_ref());
    let joint = if stem.is_empty() { "" } else { "-" };
    let extension = match media_type.split(';').next().unwrap_or_default().trim() {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/avif" => "avif",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "audio/ogg" => "ogg",
        "audio/mpeg" => "mp3",
        "audio/wav" => "wav",
        it if it.starts_with("text/") || it.ends_with("json") || it.ends_with("xml") => "txt",
        _ => "bin",
    };
    format!("{hash}{joint}{stem}.{extension}")
}

/// What is at hand when the evidence of a run is gathered.
pub(super) struct Gather<'a> {
    pub(super) masker: &'a Masker,
    pub(super) spool: &'a Spool,
    /// The folder of the run's results.
    pub(super) home: &'a Path,
    /// All files below it.
    pub(super) files: &'a [&'a Found],
    /// Those of them that are logs.
    pub(super) logs: &'a [&'a Found],
}

impl Gather<'_> {
    /// Keeps what belongs to failed attempts of `run` and lets go of the rest.
    pub(super) fn gather(&self, run: &mut Run) {
        self.attach_media(run);
        let mut missing = Vec::new();
        let mut intake = Intake::new(self.masker, self.spool);
        for attempt in run.cases.iter_mut().flat_map(|case| &mut case.attempts) {
            let failed = attempt.outcome.is_failing();
            let Some(detail) = &mut attempt.detail else { continue };
            // A picture that was attached and lies in the folder too is shown once.
            let mut contents = HashSet::new();
            detail.artifacts.retain_mut(|it| {
                failed && self.settle(it, &mut intake, &mut missing, &mut contents)
            });
        }
        missing.sort();
        missing.dedup();
        run.problems.extend(missing);
        count_masked(run, &intake);
        self.keep_logs(run);
    }

    /// Makes an artifact's place one of the evidence; `false` where there is nothing to show, or its
    /// content is among the `contents` that the attempt has already.
    fn settle(
        &self,
        it: &mut Artifact,
        intake: &mut Intake<'_>,
        missing: &mut Vec<Problem>,
        contents: &mut HashSet<String>,
    ) -> bool {
        if it.kind == ArtifactKind::Link {
            return true;
        }
        if self.spool.holds(&it.place) {
            return contents.insert(content_of(&it.place).to_owned());
        }
        let Some(path) = self.inside(&it.place) else {
            let message = "an attachment that the results name is not in their folder";
            missing.push(Problem::of_file(it.place.to_string(), message));
            return false;
        };
        let small = fs::metadata(&path).is_ok_and(|it| it.len() <= LARGEST);
        let Some(bytes) = fs::read(&path).ok().filter(|_| small) else {
            let message = "an attachment is too large to be kept, or cannot be read";
            missing.push(Problem::of_file(it.place.to_string(), message));
            return false;
        };
        if contents.contains(&digest(&bytes)) {
            return false;
        }
        let (media_type, kind) = media_type(&it.place);
        let Some(place) = intake.file(&it.place, media_type, &bytes) else { return false };
        contents.insert(content_of(&place).to_owned());
        (it.place, it.kind, it.media_type) = (place, kind, media_type.into());
        it.bytes = bytes.len() as u64;
        true
    }

    /// The file that a foreign path means, if it lies in the folder of the results and nowhere else.
    fn inside(&self, place: &str) -> Option<PathBuf> {
        let home = self.home.canonicalize().ok()?;
        let named = Path::new(place);
        let whole = home.join(named).canonicalize();
        // Test runners of containers write paths of their own file system; its end may still fit.
        let by_name = || {
            let name = named.file_name()?;
            self.files
                .iter()
                .map(|it| &it.path)
                .find(|it| it.file_name() == Some(name))?
                .canonicalize()
                .ok()
        };
        whole.ok().or_else(by_name).filter(|it| it.starts_with(&home) && it.is_file())
    }

    fn attach_media(&self, run: &mut Run) {
        let is_media = |it: &&&Found| {
            let (_, kind) = media_type(&it.name);
            matches!(kind, ArtifactKind::Image | ArtifactKind::Video | ArtifactKind::Audio)
                || ["flv", "mkv"].iter().any(|end| it.path.extension().is_some_and(|it| it == *end))
        };
        let files: Vec<&Found> = self.files.iter().filter(is_media).copied().collect();
        if files.is_empty() {
            return;
        }
        let media: Vec<MediaFile> = files
            .iter()
            .map(|it| MediaFile {
                path: it
                    .path
                    .strip_prefix(self.home)
                    .unwrap_or(&it.path)
                    .to_string_lossy()
                    .into_owned(),
                modified: modified(&it.path),
            })
            .collect();
        let cases: Vec<MediaCase> =
            run.cases.iter().map(|it| media_case(it, &run.head.suite)).collect();
        let (places, _) = match_media(&media, &cases);
        for place in places {
            let path = &media[place.file].path;
            let artifact = Artifact {
                kind: place.kind,
                name: path.rsplit('/').next().unwrap_or(path).into(),
                media_type: place.media_type.into(),
                place: path.as_str().into(),
                bytes: 0,
            };
            let attempt = &mut run.cases[place.case].attempts[place.attempt];
            if attempt.outcome.is_failing() {
                attempt.detail_mut().artifacts.push(artifact);
            }
        }
    }

    /// Keeps of each log the lines around the failures; a run without a failure needs none.
    fn keep_logs(&self, run: &mut Run) {
        if self.logs.is_empty() {
            return;
        }
        let windows = failing(run, |_, _| true);
        let failed = !windows.is_empty() || run.cases.iter().any(|it| it.outcome().is_failing());
        if !failed {
            return;
        }
        let clock = Clock::utc(run.head.started.to_zoned(TimeZone::UTC).year());
        let mut names: HashMap<String, usize> = HashMap::new();
        for file in self.logs {
            let Ok(opened) = File::open(&file.path) else { continue };
            let mut opened = BufReader::new(opened);
            let Ok(mut input) = ingest::plain_log(&mut opened) else { continue };
            let folder = file.path.parent().and_then(Path::file_name).and_then(OsStr::to_str);
            let attempt = folder.filter(|it| is_stamped(it));
            let own = attempt.and_then(AttemptName::parse);
            let own = own.map(|name| failing(run, |case, n| name.is_of(case, n)));
            if own.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let windows = own.as_ref().unwrap_or(&windows);
            let ask = LogAsk { clock: clock.clone(), windows, tail: true };
            let mut intake = Intake::new(self.masker, self.spool);
            let (mut kept, problem) = keep_log(&file.name, &mut input, &ask, &mut intake);
            kept.summary.attempt = attempt.map(|it| intake.text(it, usize::MAX).into_string());
            run.problems.extend(problem);
            count_masked(run, &intake);
            let first: String =
                kept.lines.iter().take(20).map(|it| format!("{}\n", it.text)).collect();
            let stem = file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let name =
                component_of(&file.name, &first).map_or_else(|| slug(&stem), ToOwned::to_owned);
            let n = names.entry(name.clone()).or_default();
            *n += 1;
            let name = if *n == 1 { name } else { format!("{name}-{n}") };
            if let Err(error) =
                self.spool.write(&format!("logs/{name}.log"), kept.to_text().as_bytes())
            {
                run.problems.push(Problem::of_file(
                    file.name.as_str(),
                    format!("could not be kept: {error}"),
                ));
            }
        }
    }
}

/// What was masked in evidence counts like what was masked in the results.
fn count_masked(run: &mut Run, intake: &Intake<'_>) {
    for (kind, n) in intake.masked() {
        *run.head.masked.entry((*kind).to_owned()).or_default() += n;
    }
}

/// Whether a folder is that of an attempt, as our engine names it.
fn is_stamped(folder: &str) -> bool {
    AttemptName::parse(folder).is_some_and(|it| it.second.is_some())
}

fn modified(path: &Path) -> Option<Timestamp> {
    Timestamp::try_from(fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// What files may call a case.
fn media_case(case: &Case, suite: &str) -> MediaCase {
    let last = case.path.last().map_or("", AsRef::as_ref);
    let class = last.rsplit(['.', '/']).next().unwrap_or(last);
    MediaCase {
        names: vec![
            format!("{}-{}", slug(&case.name), case.id(suite)),
            case.name.to_string(),
            format!("{class}-{}", case.name),
            format!("{last} {}", case.name),
        ],
        attempts: case
            .attempts
            .iter()
            .map(|it| MediaAttempt { span: span(it), failed: it.outcome.is_failing() })
            .collect(),
    }
}

fn span(attempt: &Attempt) -> Option<(Timestamp, Timestamp)> {
    let started = attempt.started?;
    let took = SignedDuration::try_from(attempt.duration.unwrap_or_default()).ok()?;
    Some((started, started.checked_add(took).ok()?))
}

/// The failing attempts of a run for which `is_meant` holds, by their numbers from 1.
fn failing(run: &Run, is_meant: impl Fn(&Case, usize) -> bool) -> Vec<LogWindow> {
    let (suite, is_meant) = (&run.head.suite, &is_meant);
    let windows = run.cases.iter().flat_map(|case| {
        let attempts = (1..).zip(&case.attempts).filter(|(_, it)| it.outcome.is_failing());
        attempts.filter(|(n, _)| is_meant(case, *n)).filter_map(move |(n, it)| {
            let (started, ended) = span(it)?;
            let slug = format!("{}-{}", slug(&case.name), case.id(suite));
            let said = it.detail.iter().flat_map(|it| &it.failures);
            let names = said.flat_map(|it| ingest::names_in(&it.text)).collect();
            let ids = vec![format!("{slug}-{n}").into(), case.name.clone()];
            Some(LogWindow { started, ended, ids, names })
        })
    });
    windows.collect()
}
