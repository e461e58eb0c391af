//! Sound, pictures and data, from one participant to another.

use livekit_api::services::room::SendDataOptions;
use lkreport_engine::participant::{
    Data, Delivery, Happening, Options, Participant, Publication, State, TrackSource, TrackType,
    VideoQuality,
};

use super::{LIMIT, ROOM, join, on_every_server, publish, rooms};
use crate::server::token;

#[tokio::test]
async fn what_one_publishes_arrives_at_another() {
    on_every_server(async |server| {
        let (ann, bob) = (join(server, "ann").await, join(server, "bob").await);
        let microphone = publish(&ann, Publication::microphone()).await;
        let camera = publish(&ann, Publication::camera()).await;
        let arrives = |it: &State| {
            it.received("ann", TrackSource::Microphone).frames > 25
                && it.received("ann", TrackSource::Camera).frames > 12
        };
        bob.wait(LIMIT, arrives).await.unwrap();
        let state = bob.state();
        let track = state.track("ann", TrackSource::Camera).unwrap();
        assert_eq!((track.kind, track.muted), (TrackType::Video, false));
        assert!(state.received("ann", TrackSource::Camera).bytes > 1000);

        ann.mute(&camera, true).unwrap();
        let muted = |it: &State| it.track("ann", TrackSource::Camera).is_some_and(|it| it.muted);
        bob.wait(LIMIT, muted).await.unwrap();
        let before = bob.state();
        let frames = |it: &State, source| it.received("ann", source).frames;
        let more_sound = frames(&before, TrackSource::Microphone) + 25;
        bob.wait(LIMIT, |it| frames(it, TrackSource::Microphone) > more_sound).await.unwrap();
        let missed = frames(&bob.state(), TrackSource::Camera);
        // Half a second of pictures are 12; a few may have been on their way.
        assert!(missed < frames(&before, TrackSource::Camera) + 4, "a muted camera sends nothing");

        ann.mute(&camera, false).unwrap();
        bob.wait(LIMIT, |it| frames(it, TrackSource::Camera) > missed).await.unwrap();

        rooms(server).mute_published_track(ROOM, "ann", &microphone, true).await.unwrap();
        let muted = |it: &State| it.member("ann").unwrap().tracks[&microphone].muted;
        ann.wait(LIMIT, muted).await.unwrap();
        bob.wait(LIMIT, muted).await.unwrap();

        ann.unpublish(&camera).unwrap();
        bob.wait(LIMIT, |it| it.track("ann", TrackSource::Camera).is_none()).await.unwrap();
        assert!(bob.state().track("ann", TrackSource::Microphone).is_some());
        assert!(ann.state().track("ann", TrackSource::Camera).is_none());
    })
    .await;
}

#[tokio::test]
async fn data_messages_arrive_in_order_with_their_sender() {
    on_every_server(async |server| {
        let (ann, bob) = (join(server, "ann").await, join(server, "bob").await);
        let cid = join(server, "cid").await;
        for number in 0..20 {
            ann.send(Data::reliable(number.to_string())).unwrap();
        }
        ann.send(Data::reliable("for bob").about("whisper").to("bob")).unwrap();
        ann.send(Data::reliable("last")).unwrap();
        let last = |it: &State| it.messages.last().is_some_and(|it| it.payload == b"last");
        bob.wait(LIMIT, last).await.unwrap();
        cid.wait(LIMIT, last).await.unwrap();

        let texts = |it: &Participant| -> Vec<String> {
            let messages = it.state().messages.into_iter();
            messages.map(|it| String::from_utf8(it.payload).unwrap()).collect()
        };
        let numbers = (0..20).map(|it| it.to_string());
        let to_all: Vec<_> = numbers.chain(["last".to_owned()]).collect();
        assert_eq!(texts(&cid), to_all);
        let messages = bob.state().messages;
        assert_eq!(messages.len(), to_all.len() + 1);
        assert!(messages.iter().all(|it| it.from.as_deref() == Some("ann")));
        assert!(messages.iter().all(|it| it.delivery == Delivery::Reliable));
        let whisper = &messages[20];
        assert_eq!(whisper.topic.as_deref(), Some("whisper"));
        assert_eq!(whisper.payload, b"for bob");

        cid.send(Data::lossy("lossy")).unwrap();
        bob.wait(LIMIT, |it| it.messages.iter().any(|it| it.delivery == Delivery::Lossy))
            .await
            .unwrap();
        assert_eq!(bob.state().messages.last().unwrap().from.as_deref(), Some("cid"));

        let from_server = SendDataOptions { topic: Some("news".to_owned()), ..Default::default() };
        rooms(server).send_data(ROOM, b"hear ye".to_vec(), from_server).await.unwrap();
        bob.wait(LIMIT, |it| it.messages.iter().any(|it| it.from.is_none())).await.unwrap();
        assert_eq!(bob.state().messages.last().unwrap().topic.as_deref(), Some("news"));

        for size in [200_000, 2_000_000] {
            let before = bob.state().messages.len();
            ann.send(Data::reliable(vec![0; size])).unwrap();
            ann.send(Data::reliable("behind one that is too large")).unwrap();
            bob.wait(LIMIT, |it| it.messages.len() > before).await.unwrap();
        }
        let not_sent = |it: &Happening| matches!(it, Happening::DataNotSent(_));
        assert!(ann.state().happened(not_sent));
    })
    .await;
}

#[tokio::test]
async fn a_picture_in_three_sizes_says_so_and_arrives() {
    on_every_server(async |server| {
        let (ann, bob) = (join(server, "ann").await, join(server, "bob").await);
        publish(&ann, Publication::screen_share().in_three_sizes()).await;
        bob.wait(LIMIT, |it| it.received("ann", TrackSource::ScreenShare).frames > 112)
            .await
            .unwrap();
        let state = bob.state();
        let track = state.track("ann", TrackSource::ScreenShare).unwrap();
        let widths: Vec<u32> = track.layers.iter().map(|it| it.width).collect();
        assert_eq!(widths, [160, 320, 640]);
        assert!(track.simulcast);
        // Of the largest a frame has some 1300 bytes, of the next some 560.
        let received = state.received("ann", TrackSource::ScreenShare);
        assert!(received.bytes / received.frames > 900, "{received:?}");

        let sid = track.sid.clone();
        bob.prefer(&sid, VideoQuality::Low).unwrap();
        // Fifty frames of the smallest are some 10 kB, of the next 28 kB.
        let mut since = received;
        let small = |it: &State| {
            let now = it.received[&sid];
            let (frames, bytes) = (now.frames - since.frames, now.bytes - since.bytes);
            if frames >= 50 {
                since = now;
            }
            frames >= 50 && bytes < 15_000
        };
        bob.wait(LIMIT, small).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_does_not_subscribe_by_itself_gets_what_it_asks_for() {
    on_every_server(async |server| {
        let ann = join(server, "ann").await;
        let options = Options { auto_subscribe: false, ..Options::default() };
        let bob = Participant::join(&server.url(), &token(ROOM, "bob"), options).await.unwrap();
        let microphone = publish(&ann, Publication::microphone()).await;
        let camera = publish(&ann, Publication::camera()).await;
        let knows = |it: &State| it.member("ann").is_some_and(|it| it.tracks.len() == 2);
        bob.wait(LIMIT, knows).await.unwrap();

        bob.subscribe(&camera, true).unwrap();
        let frames = |it: &State| it.received.get(&camera).map_or(0, |it| it.frames);
        bob.wait(LIMIT, |it| frames(it) > 25).await.unwrap();
        assert!(!bob.state().received.contains_key(&microphone));

        bob.subscribe(&camera, false).unwrap();
        bob.subscribe(&microphone, true).unwrap();
        let sound = |it: &State| it.received.get(&microphone).map_or(0, |it| it.frames);
        bob.wait(LIMIT, |it| sound(it) > 5).await.unwrap();
        let (pictures, heard) = (frames(&bob.state()), sound(&bob.state()));
        bob.wait(LIMIT, |it| sound(it) > heard + 25).await.unwrap();
        assert!(frames(&bob.state()) < pictures + 4, "pictures come that nobody asked for");
    })
    .await;
}
