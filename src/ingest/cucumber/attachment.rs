//! Files that a scenario attached, in every way in which Cucumbers write them.
//!
//! Foreign HTML is kept as plain text, and SVG is offered for download only, because both can hold scripts.

use std::borrow::Cow;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use lkreport_contract::outcome::OUTCOME_MEDIA_TYPE;

use super::{
    super::{Intake, junit::artifact},
    Tried,
};
use crate::model::{Artifact, ArtifactKind};

/// What Cucumbers give to lines that a scenario logged.
const LOG: &str = "text/x.cucumber.log+plain";

/// Base64 with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A file as a report holds it.
#[derive(Debug)]
pub(in crate::ingest) struct Attachment<'a> {
    /// What it is called, or nothing.
    pub(in crate::ingest) name: &'a str,
    /// Its media type.
    pub(in crate::ingest) media_type: &'a str,
    /// What is in it.
    pub(in crate::ingest) body: Body<'a>,
}

/// How the content of an attachment is written.
#[derive(Debug)]
pub(in crate::ingest) enum Body<'a> {
    /// As it is.
    Plain(&'a str),
    /// In base64.
    Base64(&'a str),
    /// The report does not say whether in base64.
    Either(&'a str),
    /// Elsewhere.
    Url(&'a str),
}

/// Puts an attachment where it belongs; otherwise says why not, as a lower-case fragment.
pub(in crate::ingest) fn take_in(
    attachment: &Attachment<'_>,
    tried: &mut Tried,
    intake: &mut Intake<'_>,
) -> Result<(), String> {
    let media_type = intake.line(attachment.media_type.trim());
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = is_text(&essence);
    let bytes: Cow<'_, [u8]> = match attachment.body {
        Body::Url(url) => {
            let beside = is_path(url).then(|| artifact(url, intake)).flatten();
            tried.artifact(match beside {
                Some(it) => it,
                None => link(attachment.name, url, &media_type, intake)?,
            });
            return Ok(());
        }
        Body::Plain(text) => text.as_bytes().into(),
        Body::Either(text) if is_text => {
            decode(text).filter(|it| reads_as_text(it)).map_or(text.as_bytes().into(), Cow::Owned)
        }
        Body::Either(text) if essence == "image/svg+xml" && text.trim_start().starts_with('<') => {
            text.as_bytes().into()
        }
        Body::Either(text) | Body::Base64(text) => decode(text)
            .ok_or_else(|| format!("an attachment of type `{media_type}` is not base64"))?
            .into(),
    };
    match essence.as_str() {
        OUTCOME_MEDIA_TYPE => {
            let stated = serde_json::from_slice(&bytes);
            tried.stated = Some(stated.map_err(|it| format!("not an outcome: {it}"))?);
        }
        LOG => tried.output(&String::from_utf8_lossy(&bytes)),
        "text/uri-list" => {
            let urls = String::from_utf8_lossy(&bytes);
            for url in urls.lines().filter(|it| !it.trim().is_empty() && !it.starts_with('#')) {
                tried.artifact(link(attachment.name, url, &media_type, intake)?);
            }
        }
        _ => {
            let name = Name::of(attachment.name, &essence, tried.artifacts.len(), intake);
            let kept_as = if essence.contains("html") { "text/plain" } else { &media_type };
            if let Some(place) = intake.file(&name.file, kept_as, &bytes) {
                tried.artifact(Artifact {
                    kind: kind(&essence),
                    name: name.shown,
                    media_type: kept_as.into(),
                    place,
                    bytes: bytes.len() as u64,
                });
            }
        }
    }
    Ok(())
}

/// Whether an address is a path beside the results: it has no scheme and no host.
fn is_path(url: &str) -> bool {
    let first = url.trim().split(['/', '?', '#']).next().unwrap_or_default();
    !url.trim().starts_with("//") && !first.contains(':')
}

/// An attachment that stands elsewhere. Only web addresses become links: any other could run a script.
fn link(
    name: &str,
    url: &str,
    media_type: &str,
    intake: &mut Intake<'_>,
) -> Result<Artifact, String> {
    let place = intake.line(url.trim());
    let lower = place.to_ascii_lowercase();
    if !lower.starts_with("https://") && !lower.starts_with("http://") {
        return Err(format!("an attachment of type `{media_type}` is no web address"));
    }
    let name = if name.trim().is_empty() { place.clone() } else { intake.line(name.trim()) };
    Ok(Artifact { kind: ArtifactKind::Link, name, media_type: media_type.into(), place, bytes: 0 })
}

/// Decodes base64, also with line breaks or as a `data:` address.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let text =
        text.strip_prefix("data:").and_then(|it| it.split_once(";base64,")).map_or(text, |it| it.1);
    BASE64.decode(text).ok().or_else(|| {
        let joined: Vec<u8> = text.bytes().filter(|it| !matches!(it, b'\r' | b'\n')).collect();
        (joined.len() < text.len()).then(|| BASE64.decode(joined).ok()).flatten()
    })
}

/// Whether decoding gave text: many words, such as `test`, are base64 by chance.
fn reads_as_text(bytes: &[u8]) -> bool {
    let is_plain = |c: char| !c.is_control() || c.is_whitespace() || c == '\u{1b}';
    !bytes.is_empty() && std::str::from_utf8(bytes).is_ok_and(|it| it.chars().all(is_plain))
}

fn is_text(essence: &str) -> bool {
    let structured = ["json", "xml", "javascript", "yaml", "x-ndjson"];
    essence.starts_with("text/")
        || essence.is_empty()
        || (essence.starts_with("application/")
            && structured.iter().any(|it| essence.ends_with(it)))
}

fn kind(essence: &str) -> ArtifactKind {
    match essence.split_once('/') {
        Some(("image", "png" | "jpeg" | "jpg" | "gif" | "webp" | "avif" | "bmp")) => {
            ArtifactKind::Image
        }
        Some(("video", _)) => ArtifactKind::Video,
        Some(("audio", _)) => ArtifactKind::Audio,
        _ if is_text(essence) => ArtifactKind::Text,
        _ => ArtifactKind::File,
    }
}

/// What an attachment is called, for people and as a file.
struct Name {
    shown: Box<str>,
    file: String,
}

impl Name {
    fn of(name: &str, essence: &str, place: usize, intake: &mut Intake<'_>) -> Self {
        let (what, ending) = by_type(essence);
        let shown = match name.trim() {
            "" => format!("{what} {}", place + 1).into(),
            name => intake.line(name),
        };
        // Only the last part of a path counts, and only letters that every file system takes.
        let last = shown.rsplit(['/', '\\']).next().unwrap_or_default();
        let plain = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' };
        let stem: String = last.chars().map(plain).take(60).collect();
        let stem = stem.trim_matches(['.', '-']);
        let stem = if stem.is_empty() { what } else { stem };
        let has_ending = stem.rsplit_once('.').is_some_and(|it| it.1.eq_ignore_ascii_case(ending));
        let file = if has_ending { stem.to_owned() } else { format!("{stem}.{ending}") };
        Self { shown, file }
    }
}

/// What an unnamed attachment of this type is called, and how its file's name ends.
fn by_type(essence: &str) -> (&'static str, &'static str) {
    match essence {
        "image/png" => ("screenshot", "png"),
        "image/jpeg" | "image/jpg" => ("screenshot", "jpg"),
        "image/gif" => ("image", "gif"),
        "image/webp" => ("image", "webp"),
        "image/avif" => ("image", "avif"),
        "image/svg+xml" => ("drawing", "svg"),
        "video/webm" => ("recording", "webm"),
        "video/mp4" => ("recording", "mp4"),
        "video/x-flv" => ("recording", "flv"),
        "audio/ogg" => ("recording", "ogg"),
        "application/json" => ("data", "json"),
        "application/pdf" => ("document", "pdf"),
        "application/zip" => ("archive", "zip"),
        it if is_text(it) => ("text", "txt"),
        _ => ("attachment", "bin"),
    }
}
