//! What a participant sends: a tone and a moving picture, encoded beforehand.

use std::time::{Duration, Instant};

use livekit_protocol::{self as proto, TrackSource, TrackType};
use str0m::{
    RtcError,
    format::Codec,
    media::{Frequency, MediaKind, MediaTime, Mid, Rid, Simulcast, SimulcastLayer},
};

use super::{peer::PeerConnection, state::Layer};

/// How long a frame of sound lasts; the clock of all media.
pub(super) const TICK: Duration = Duration::from_millis(20);
/// A picture lasts two frames of sound.
const TICKS_OF_PICTURE: u64 = 2;

/// `assets/README.md` says how these were made.
const TONE: &[u8] = include_bytes!("../../assets/tone.opus");
const TONE_PACKET: usize = 60;
const PICTURES: [Picture; 3] = [
    Picture {
        rid: "q",
        layer: Layer { width: 160, height: 90, bitrate: 40_000 },
        ivf: include_bytes!("../../assets/picture-160x90.ivf"),
    },
    Picture {
        rid: "h",
        layer: Layer { width: 320, height: 180, bitrate: 110_000 },
        ivf: include_bytes!("../../assets/picture-320x180.ivf"),
    },
    Picture {
        rid: "f",
        layer: Layer { width: 640, height: 360, bitrate: 260_000 },
        ivf: include_bytes!("../../assets/picture-640x360.ivf"),
    },
];
/// The one that is sent when there is only one.
const SINGLE: usize = 1;

struct Picture {
    rid: &'static str,
    layer: Layer,
    ivf: &'static [u8],
}

/// A track to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// What the others see it called.
    pub name: String,
    /// What it shows; a microphone sounds a tone of 440 Hz, all that is seen is a moving picture.
    pub source: TrackSource,
    /// Whether a picture is sent in three sizes.
    pub simulcast: bool,
}

impl Publication {
    /// A microphone.
    #[must_use]
    pub fn microphone() -> Self {
        Self { name: "microphone".into(), source: TrackSource::Microphone, simulcast: false }
    }

    /// A camera.
    #[must_use]
    pub fn camera() -> Self {
        Self { name: "camera".into(), source: TrackSource::Camera, simulcast: false }
    }

    /// A screen share.
    #[must_use]
    pub fn screen_share() -> Self {
        Self { name: "screen".into(), source: TrackSource::ScreenShare, simulcast: false }
    }

    /// The same in three sizes, if it is a picture.
    #[must_use]
    pub fn in_three_sizes(self) -> Self {
        Self { simulcast: true, ..self }
    }

    pub(super) fn kind(&self) -> MediaKind {
        match self.source {
            TrackSource::Microphone | TrackSource::ScreenShareAudio => MediaKind::Audio,
            TrackSource::Camera | TrackSource::ScreenShare | TrackSource::Unknown => {
                MediaKind::Video
            }
        }
    }

    fn pictures(&self) -> &'static [Picture] {
        if self.simulcast { &PICTURES } else { &PICTURES[SINGLE..=SINGLE] }
    }

    /// How the server is asked for it.
    pub(super) fn request(&self, cid: String) -> proto::AddTrackRequest {
        let request = proto::AddTrackRequest {
            cid,
            name: self.name.clone(),
            source: self.source.into(),
            disable_red: true,
            ..Default::default()
        };
        if self.kind() == MediaKind::Audio {
            return proto::AddTrackRequest { r#type: TrackType::Audio.into(), ..request };
        }
        let pictures = self.pictures();
        let largest = pictures.iter().map(|it| it.layer).max_by_key(|it| it.width);
        proto::AddTrackRequest {
            r#type: TrackType::Video.into(),
            width: largest.map_or(0, |it| it.width),
            height: largest.map_or(0, |it| it.height),
            layers: self.layers(),
            ..request
        }
    }

    fn layers(&self) -> Vec<proto::VideoLayer> {
        let qualities: &[proto::VideoQuality] = if self.simulcast {
            &[proto::VideoQuality::Low, proto::VideoQuality::Medium, proto::VideoQuality::High]
        } else {
            &[proto::VideoQuality::High]
        };
        let layers = self.pictures().iter().zip(qualities);
        layers
            .map(|(Picture { layer, .. }, quality)| proto::VideoLayer {
                quality: (*quality).into(),
                width: layer.width,
                height: layer.height,
                bitrate: layer.bitrate,
                ..Default::default()
            })
            .collect()
    }

    /// How the peer connection is told of its sizes.
    pub(super) fn simulcast(&self) -> Option<Simulcast> {
        (self.simulcast && self.kind() == MediaKind::Video).then(|| Simulcast {
            send: PICTURES.iter().map(|it| SimulcastLayer::new(it.rid)).collect(),
            recv: Vec::new(),
        })
    }
}

/// A track that is being sent.
pub(super) struct Sender {
    mid: Mid,
    pub(super) muted: bool,
    tick: u64,
    streams: Vec<Stream>,
}

/// The frames of one encoding, again and again.
struct Stream {
    rid: Option<Rid>,
    codec: Codec,
    frames: Vec<&'static [u8]>,
    next: usize,
}

impl Sender {
    pub(super) fn new(publication: &Publication, mid: Mid) -> Self {
        let streams = if publication.kind() == MediaKind::Audio {
            let frames = TONE.chunks_exact(TONE_PACKET).collect();
            vec![Stream { rid: None, codec: Codec::Opus, frames, next: 0 }]
        } else {
            let simulcast = publication.simulcast;
            let pictures = publication.pictures().iter();
            let streams = pictures.map(|it| Stream {
                rid: simulcast.then(|| Rid::from(it.rid)),
                codec: Codec::Vp8,
                frames: ivf_frames(it.ivf).collect(),
                next: 0,
            });
            streams.collect()
        };
        Self { mid, muted: false, tick: 0, streams }
    }

    pub(super) fn mid(&self) -> Mid {
        self.mid
    }

    /// Sends what is due at the next tick of the clock.
    pub(super) fn tick(&mut self, peer: &mut PeerConnection) -> Result<(), RtcError> {
        let tick = self.tick;
        self.tick += 1;
        for stream in &mut self.streams {
            let (each, frequency) = match stream.codec {
                Codec::Opus => (1, Frequency::FORTY_EIGHT_KHZ),
                _ => (TICKS_OF_PICTURE, Frequency::NINETY_KHZ),
            };
            if self.muted || !tick.is_multiple_of(each) {
                continue;
            }
            let time = MediaTime::new(tick * u64::from(frequency.get()) / 50, frequency);
            stream.send(peer, self.mid, time)?;
        }
        Ok(())
    }

    /// Begins again with a frame that needs none before it.
    pub(super) fn restart(&mut self, rid: Option<Rid>) {
        for stream in &mut self.streams {
            if rid.is_none() || stream.rid == rid {
                stream.next = 0;
            }
        }
    }
}

impl Stream {
    fn send(
        &mut self,
        peer: &mut PeerConnection,
        mid: Mid,
        time: MediaTime,
    ) -> Result<(), RtcError> {
        let Some(frame) = self.frames.get(self.next).copied() else { return Ok(()) };
        let Some(mut writer) = peer.rtc.writer(mid) else { return Ok(()) };
        let mut formats = writer.payload_params();
        let format = formats.find(|it| it.spec().codec == self.codec).map(|it| it.pt());
        drop(formats);
        let Some(format) = format else { return Ok(()) };
        if let Some(rid) = self.rid {
            writer = writer.rid(rid);
        }
        writer.write(format, Instant::now(), time, frame.to_vec())?;
        self.next = (self.next + 1) % self.frames.len();
        Ok(())
    }
}

/// The frames of an IVF file: a header of 32 bytes, then each frame behind its size and time.
fn ivf_frames(file: &'static [u8]) -> impl Iterator<Item = &'static [u8]> {
    let mut rest = file.get(32..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (size, behind) = rest.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
        let frame = behind.get(8..8 + size)?;
        rest = &behind[8 + size..];
        Some(frame)
    })
}
