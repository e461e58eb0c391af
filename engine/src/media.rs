//! Media to publish: a short clip, over and over.
//!
//! A publisher that reaches the end of its file takes the track back, so the file has to be longer than a
//! scenario; the clips themselves stay small. How they were made stands beside them.

use std::{sync::LazyLock, time::Duration};

/// Two seconds of a moving picture, VP8 in IVF.
const VIDEO: &[u8] = include_bytes!("../assets/publisher/video.ivf");

/// Two seconds of a tone, Opus in Ogg, a packet to each page.
const AUDIO: &[u8] = include_bytes!("../assets/publisher/audio.ogg");

/// Of each clip.
const LENGTH: Duration = Duration::from_secs(2);

/// What a page of the audio lasts, in samples.
const SAMPLES: u64 = 960;

/// A moving picture of at least this length, as an IVF file.
#[must_use]
pub fn video(length: Duration) -> Vec<u8> {
    const HEAD: usize = 32;
    let (head, body) = VIDEO.split_at(HEAD);
    let frames = frames(body);
    let (mut file, mut time) = (head.to_vec(), 0_u64);
    for frame in again(length).flat_map(|()| frames.iter()) {
        file.extend_from_slice(&u32::try_from(frame.len()).unwrap_or(u32::MAX).to_le_bytes());
        file.extend_from_slice(&time.to_le_bytes());
        file.extend_from_slice(frame);
        time += 1;
    }
    file
}

/// A tone of at least this length, as an Ogg file.
#[must_use]
pub fn audio(length: Duration) -> Vec<u8> {
    const FIRST: u8 = 2;
    let pages = pages(AUDIO);
    let (heads, sound) = pages.split_at(pages.len().min(2));
    let mut file = Vec::new();
    for (number, page) in heads.iter().enumerate() {
        append(&mut file, page, if number == 0 { FIRST } else { 0 }, 0, number);
    }
    for (number, page) in again(length).flat_map(|()| sound.iter()).enumerate() {
        let end = SAMPLES * (number as u64 + 1);
        append(&mut file, page, 0, end, number + heads.len());
    }
    file
}

/// As many rounds as the length takes.
fn again(length: Duration) -> impl Iterator<Item = ()> {
    std::iter::repeat_n((), length.as_secs().div_ceil(LENGTH.as_secs()) as usize)
}

/// The frames behind the head of an IVF file: each has its size and its time before it.
fn frames(mut body: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while let Some((size, rest)) = body.split_first_chunk::<4>() {
        let size = u32::from_le_bytes(*size) as usize;
        let Some(frame) = rest.get(8..8 + size) else { break };
        frames.push(frame);
        body = &rest[8 + size..];
    }
    frames
}

/// The pages of an Ogg file ([RFC 3533](https://www.rfc-editor.org/rfc/rfc3533#section-6)).
fn pages(mut rest: &[u8]) -> Vec<&[u8]> {
    let mut pages = Vec::new();
    while let Some(table) = rest.get(27..).and_then(|it| it.get(..usize::from(rest[26]))) {
        let size = 27 + table.len() + table.iter().map(|it| usize::from(*it)).sum::<usize>();
        let Some(page) = rest.get(..size) else { break };
        pages.push(page);
        rest = &rest[size..];
    }
    pages
}

/// Appends a page with another kind, end and number, and the checksum that they make.
fn append(file: &mut Vec<u8>, page: &[u8], kind: u8, end: u64, number: usize) {
    let start = file.len();
    file.extend_from_slice(page);
    let page = &mut file[start..];
    page[5] = kind;
    page[6..14].copy_from_slice(&end.to_le_bytes());
    page[18..22].copy_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    page[22..26].fill(0);
    let sum = checksum(page);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
}

/// The CRC of Ogg: 0x04c11db7, from 0, nothing turned round.
fn checksum(page: &[u8]) -> u32 {
    page.iter()
        .fold(0_u32, |sum, byte| (sum << 8) ^ TABLE[(sum >> 24) as usize ^ usize::from(*byte)])
}

static TABLE: LazyLock<[u32; 256]> = LazyLock::new(|| {
    let step = |sum: u32| if sum >> 31 == 1 { (sum << 1) ^ 0x04c1_1db7 } else { sum << 1 };
    std::array::from_fn(|byte| (0..8).fold((byte as u32) << 24, |sum, _| step(sum)))
});
