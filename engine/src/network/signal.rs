//! The signal connection as it passes: the head of HTTP, then the frames of a WebSocket
//! ([RFC 6455](https://www.rfc-editor.org/rfc/rfc6455#section-5.2)), whose addresses are rewritten.

use super::{candidate::Addresses, link::Direction};

/// More than this is no signalling; it passes as it is.
const LARGEST: usize = 1 << 22;

/// What a client offers to compress, and what stands in its place so that no server takes it.
const COMPRESSION: (&[u8], &[u8]) = (b"permessage-deflate", b"permessage-nothing");

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Rewriter {
    direction: Direction,
    addresses: Addresses,
    stage: Stage,
    /// What is not complete yet.
    waiting: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The head of HTTP has not ended.
    Head,
    /// Frames follow each other.
    Frames,
    /// No WebSocket came of it.
    Other,
}

/// Where the parts of a frame lie.
struct Frame {
    payload: usize,
    end: usize,
    mask: Option<[u8; 4]>,
}

impl Rewriter {
    pub(super) fn new(direction: Direction, addresses: Addresses) -> Self {
        Self { direction, addresses, stage: Stage::Head, waiting: Vec::new() }
    }

    /// Takes what comes in, and returns what can go on.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.waiting.extend_from_slice(bytes);
        let mut done = Vec::new();
        if self.stage == Stage::Head {
            let Some(end) = find(&self.waiting, b"\r\n\r\n") else { return self.unless_large() };
            let mut head: Vec<u8> = self.waiting.drain(..end + 4).collect();
            self.stage = self.after(&head);
            replace(&mut head, COMPRESSION);
            done = head;
        }
        if self.stage == Stage::Frames {
            while let Some(frame) = frame(&self.waiting) {
                if frame.end > LARGEST {
                    self.stage = Stage::Other;
                    break;
                }
                if frame.end > self.waiting.len() {
                    return done;
                }
                self.rewrite(&frame);
                done.extend(self.waiting.drain(..frame.end));
            }
        }
        if self.stage == Stage::Other {
            done.append(&mut self.waiting);
        }
        done
    }

    /// A head that does not end is none.
    fn unless_large(&mut self) -> Vec<u8> {
        if self.waiting.len() < LARGEST {
            return Vec::new();
        }
        self.stage = Stage::Other;
        std::mem::take(&mut self.waiting)
    }

    fn after(&self, head: &[u8]) -> Stage {
        let head = head.to_ascii_lowercase();
        let is_upgrade = match self.direction {
            Direction::Up => find(&head, b"upgrade: websocket").is_some(),
            Direction::Down => head.starts_with(b"http/1.1 101"),
        };
        if is_upgrade { Stage::Frames } else { Stage::Other }
    }

    fn rewrite(&mut self, frame: &Frame) {
        let payload = &mut self.waiting[frame.payload..frame.end];
        apply(frame.mask, payload);
        self.addresses.rewrite(self.direction, payload);
        apply(frame.mask, payload);
    }
}

/// The frame that the bytes begin with, once its own head is complete.
fn frame(bytes: &[u8]) -> Option<Frame> {
    let (short, is_masked) = (bytes.get(1)? & 0x7f, bytes.get(1)? & 0x80 != 0);
    let (length, mut at) = match short {
        126 => (u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
        short => (u64::from(short), 2),
    };
    let mut mask = None;
    if is_masked {
        mask = Some(bytes.get(at..at + 4)?.try_into().ok()?);
        at += 4;
    }
    // What is too large for this machine is also too large for us.
    let end = usize::try_from(length).ok().and_then(|it| at.checked_add(it)).unwrap_or(usize::MAX);
    Some(Frame { payload: at, end, mask })
}

/// Puts the mask on, or takes it off.
fn apply(mask: Option<[u8; 4]>, payload: &mut [u8]) {
    let Some(mask) = mask else { return };
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
}

/// Replaces every occurrence by as many other bytes.
fn replace(bytes: &mut [u8], (this, other): (&[u8], &[u8])) {
    let mut at = 0;
    while let Some(found) = find(&bytes[at..], this) {
        at += found;
        bytes[at..at + this.len()].copy_from_slice(other);
        at += this.len();
    }
}

fn find(bytes: &[u8], this: &[u8]) -> Option<usize> {
    bytes.windows(this.len()).position(|it| it == this)
}
