//! Files that tests name in what they print: a line `[[ATTACHMENT|path]]`
//! ([JUnit Attachments](https://plugins.jenkins.io/junit-attachments/)).
//!
//! A path stays text here; whoever opens files decides what may be opened.

use memchr::memmem;

use super::super::Intake;
use crate::model::{Artifact, ArtifactKind};

const BEGIN: &str = "[[ATTACHMENT|";

/// The longest path in bytes; longer ones are no paths.
const LONGEST: usize = 4096;

/// More artifacts of one attempt than this are not listed.
const MOST: usize = 100;

/// Finds the paths in an output that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Attachments {
    paths: Vec<Box<str>>,
    unfinished: String,
}

impl Attachments {
    /// Looks through the next piece.
    pub(super) fn push(&mut self, piece: &str) {
        if self.unfinished.is_empty() {
            self.unfinished = self.scan(piece).to_owned();
        } else {
            let mut text = std::mem::take(&mut self.unfinished);
            text.push_str(piece);
            self.unfinished = self.scan(&text).to_owned();
        }
    }

    /// Takes the paths in `text` and gives back the end that may be the beginning of another.
    fn scan<'t>(&mut self, mut text: &'t str) -> &'t str {
        while let Some(begin) = memmem::find(text.as_bytes(), BEGIN.as_bytes()) {
            let path = &text[begin + BEGIN.len()..];
            let near = &path[..path.floor_char_boundary(LONGEST)];
            let line = near.split(['\n', '\r']).next().unwrap_or_default();
            match line.find("]]") {
                Some(end) => {
                    if self.paths.len() < MOST && !line[..end].trim().is_empty() {
                        self.paths.push(line[..end].trim().into());
                    }
                    text = &path[end..];
                }
                None if line.len() == path.len() => return &text[begin..],
                None => text = path,
            }
        }
        let open = (1..BEGIN.len().min(text.len() + 1)).rev();
        let open = open.into_iter().find(|n| text.ends_with(&BEGIN[..*n]));
        &text[text.len() - open.unwrap_or(0)..]
    }

    /// The artifacts so far; begins anew.
    pub(super) fn take(&mut self, intake: &mut Intake<'_>) -> Vec<Artifact> {
        self.unfinished.clear();
        self.paths.drain(..).filter_map(|path| artifact(&path, intake)).collect()
    }
}

/// The artifact at `path`, where that can be a path.
pub(in crate::ingest) fn artifact(path: &str, intake: &mut Intake<'_>) -> Option<Artifact> {
    let path = path.trim();
    if path.is_empty() || path.len() > LONGEST {
        return None;
    }
    let name = path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, it)| it).to_ascii_lowercase();
    let (kind, media_type) = shown_as(&ending);
    Some(Artifact {
        kind,
        name: intake.line(name),
        media_type: media_type.into(),
        place: intake.line(path),
        bytes: 0,
    })
}

/// How a file is shown, told from the ending of its name.
fn shown_as(ending: &str) -> (ArtifactKind, &'static str) {
    match ending {
        "png" => (ArtifactKind::Image, "image/png"),
        "jpg" | "jpeg" => (ArtifactKind::Image, "image/jpeg"),
        "gif" => (ArtifactKind::Image, "image/gif"),
        "webp" => (ArtifactKind::Image, "image/webp"),
        "avif" => (ArtifactKind::Image, "image/avif"),
        "webm" => (ArtifactKind::Video, "video/webm"),
        "mp4" | "m4v" => (ArtifactKind::Video, "video/mp4"),
        "ogv" => (ArtifactKind::Video, "video/ogg"),
        "mov" => (ArtifactKind::Video, "video/quicktime"),
        "flv" => (ArtifactKind::File, "video/x-flv"),
        "ogg" | "opus" | "oga" => (ArtifactKind::Audio, "audio/ogg"),
        "wav" => (ArtifactKind::Audio, "audio/wav"),
        "mp3" => (ArtifactKind::Audio, "audio/mpeg"),
        "m4a" => (ArtifactKind::Audio, "audio/mp4"),
        "txt" | "log" | "md" | "out" | "err" => (ArtifactKind::Text, "text/plain"),
        "csv" => (ArtifactKind::Text, "text/csv"),
        "json" | "har" => (ArtifactKind::Text, "application/json"),
        "ndjson" | "jsonl" => (ArtifactKind::Text, "application/x-ndjson"),
        "xml" => (ArtifactKind::Text, "application/xml"),
        "yaml" | "yml" => (ArtifactKind::Text, "application/yaml"),
        // Pages and drawings can hold scripts, so they are never shown in place.
        "html" | "htm" => (ArtifactKind::File, "text/html"),
        "svg" => (ArtifactKind::File, "image/svg+xml"),
        "zip" => (ArtifactKind::File, "application/zip"),
        "gz" => (ArtifactKind::File, "application/gzip"),
        "pdf" => (ArtifactKind::File, "application/pdf"),
        _ => (ArtifactKind::File, "application/octet-stream"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_across_pieces() {
        let text = "a [[ATTACHMENT|/tmp/a.png]]\nb\n[[ATTACHMENT|é b.webm]][[ATTACHMENT|]]\n\
            [[ATTACHMENT|cut\nhere]] [[ATTACHMENT|../../etc/passwd]] [[ATTA";
        for cut in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            let mut found = Attachments::default();
            found.push(&text[..cut]);
            found.push(&text[cut..]);
            let paths: Vec<&str> = found.paths.iter().map(AsRef::as_ref).collect();
            assert_eq!(paths, ["/tmp/a.png", "é b.webm", "../../etc/passwd"], "cut at {cut}");
        }
    }

    #[test]
    fn an_endless_path_is_no_path() {
        let mut found = Attachments::default();
        found.push(BEGIN);
        for _ in 0..1000 {
            found.push(&"x".repeat(1000));
        }
        assert!(found.paths.is_empty() && found.unfinished.len() < 10_000);
    }
}
