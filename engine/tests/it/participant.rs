//! Participants, proved against real servers of every version there is.

use std::{collections::HashMap, time::Duration};

use livekit_api::{
    access_token::VideoGrants,
    services::room::{RoomClient, SendDataOptions, UpdateParticipantOptions},
};
use lkreport_engine::participant::{
    Data, Delivery, Departure, DisconnectReason, Happening, JoinError, Member, Options,
    Participant, Publication, RequestError, State, TrackSource, TrackType, VideoQuality, WaitError,
};

use tokio::task::LocalSet;

use crate::server::{KEY, SECRET, Server, grants, token, token_with, versions};

const LIMIT: Duration = Duration::from_secs(10);
const ROOM: &str = "room";

/// Runs this on a server of each version, on all at once.
async fn on_every_server(test: impl AsyncFn(&Server) + Copy + 'static) {
    let servers = LocalSet::new();
    let mut tests = Vec::new();
    for program in versions() {
        let name = program.display().to_string();
        let on_one = async move { test(&Server::start(&program).await).await };
        tests.push((name, servers.spawn_local(on_one)));
    }
    servers.await;
    for (program, test) in tests {
        assert!(test.await.is_ok(), "with {program}");
    }
}

async fn join(server: &Server, identity: &str) -> Participant {
    let token = token(ROOM, identity);
    Participant::join(&server.url(), &token, Options::default()).await.unwrap()
}

/// Two who see each other.
async fn join_two(server: &Server) -> (Participant, Participant) {
    let (ann, bob) = (join(server, "ann").await, join(server, "bob").await);
    ann.wait(LIMIT, |it| it.others.contains_key("bob")).await.unwrap();
    bob.wait(LIMIT, |it| it.others.contains_key("ann")).await.unwrap();
    (ann, bob)
}

fn rooms(server: &Server) -> RoomClient {
    // The client makes TLS ready even where it needs none.
    rustls::crypto::ring::default_provider().install_default().ok();
    RoomClient::with_api_key(&server.api(), KEY, SECRET)
}

#[tokio::test]
async fn participants_see_each_other_come_and_go() {
    on_every_server(async |server| {
        let (ann, bob) = join_two(server).await;
        let state = bob.state();
        assert!(state.is_connected());
        assert_eq!((state.room.name.as_str(), state.own.identity.as_str()), (ROOM, "bob"));
        assert!(state.own.sid.starts_with("PA_"));
        assert!(state.permission.publish && state.permission.subscribe);

        bob.leave().await;
        ann.wait(LIMIT, |it| it.others.is_empty()).await.unwrap();
        let events = ann.events();
        let bobs: Vec<_> = events
            .iter()
            .map(|it| &it.what)
            .filter(|it| matches!(it, Happening::Joined { .. } | Happening::Left { .. }))
            .collect();
        let identity = || "bob".to_owned();
        let expected =
            [Happening::Joined { identity: identity() }, Happening::Left { identity: identity() }];
        assert_eq!(bobs, expected.iter().collect::<Vec<_>>());
        assert!(events.is_sorted_by_key(|it| it.at));
    })
    .await;
}

#[tokio::test]
async fn what_the_application_writes_on_a_room_and_on_participants_is_seen() {
    on_every_server(async |server| {
        let (ann, bob) = join_two(server).await;
        let rooms = rooms(server);
        rooms.update_room_metadata(ROOM, "of the room").await.unwrap();
        let of_bob = UpdateParticipantOptions {
            metadata: "of bob".to_owned(),
            attributes: HashMap::from([("mood".to_owned(), "good".to_owned())]),
            ..Default::default()
        };
        rooms.update_participant(ROOM, "bob", of_bob).await.unwrap();

        for participant in [&ann, &bob] {
            // Servers before 1.7 know no attributes.
            let old = participant.state().server_version.starts_with("1.5.");
            let mood = |it: &Member| it.attributes.get("mood").is_some_and(|it| it == "good");
            let seen = participant.wait(LIMIT, |it| {
                let bob = it.member("bob").filter(|it| it.metadata == "of bob");
                it.room.metadata == "of the room" && bob.is_some_and(|it| old || mood(it))
            });
            seen.await.unwrap();
            let state = participant.state();
            assert!(state.happened(|it| *it == Happening::RoomMetadata("of the room".into())));
            let metadata =
                Happening::Metadata { identity: "bob".into(), metadata: "of bob".into() };
            assert!(state.happened(|it| *it == metadata));
        }
    })
    .await;
}

#[tokio::test]
async fn whom_the_server_removes_knows_why() {
    on_every_server(async |server| {
        let (ann, bob) = join_two(server).await;
        rooms(server).remove_participant(ROOM, "bob").await.unwrap();
        bob.wait(LIMIT, |it| it.departure.is_some()).await.unwrap();
        let removed = Departure::Removed(DisconnectReason::ParticipantRemoved);
        assert_eq!(bob.state().departure, Some(removed));
        assert!(!bob.state().is_connected());
        ann.wait(LIMIT, |it| it.happened(|it| matches!(it, Happening::Left { .. }))).await.unwrap();

        let again = join(server, "ann").await;
        ann.wait(LIMIT, |it| it.departure.is_some()).await.unwrap();
        let replaced = Departure::Removed(DisconnectReason::DuplicateIdentity);
        assert_eq!(ann.state().departure, Some(replaced));
        assert!(again.state().is_connected());
    })
    .await;
}

/// Signed with the right secret, and expired in 2020.
const EXPIRED: &str = concat!(
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
    "eyJpc3MiOiJkZXZrZXkiLCJzdWIiOiJhbm4iLCJuYmYiOjE1Nzc4MzY4MDAsImV4cCI6MTU3Nzg0MDQw",
    "MCwidmlkZW8iOnsicm9vbSI6InJvb20iLCJyb29tSm9pbiI6dHJ1ZX19.",
    "csZKBE76-f_zurAkWgdgn0WjQXCnHj0lRlpdTlLByqo"
);

#[tokio::test]
async fn who_is_refused_knows_the_status_and_the_words() {
    on_every_server(async |server| {
        let wrong = token_with("some-other-secret-of-32-characters", "ann", grants(ROOM));
        for (token, said) in [(wrong.as_str(), "token"), (EXPIRED, "expired")] {
            let refused = Participant::join(&server.url(), token, Options::default()).await;
            let Err(JoinError::Refused { status, words }) = refused else {
                panic!("{refused:?}");
            };
            assert_eq!(status, 401);
            assert!(words.contains(said), "{words}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_room_that_is_not_there_is_not_found() {
    for program in versions() {
        let server = Server::start_with(&program, "room: {auto_create: false}\n").await;
        let token = token(ROOM, "ann");
        let refused = Participant::join(&server.url(), &token, Options::default()).await;
        let Err(JoinError::Refused { status, words }) = refused else { panic!("{refused:?}") };
        assert_eq!(status, 404);
        assert!(words.contains("exist"), "{words}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_a_cause() {
    use lkreport_engine::error::{Class, StepError};
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("ws://127.0.0.1:{port}");
    let error = Participant::join(&url, &token(ROOM, "ann"), Options::default()).await;
    let StepError::Failed(failure) = StepError::from(error.unwrap_err()) else { panic!() };
    assert_eq!(failure.class, Class::ConnectionRefused);
    assert!(failure.message.contains(&url), "{}", failure.message);

    rustls::crypto::ring::default_provider().install_default().ok();
    let secure = url.replace("ws:", "wss:");
    let error = Participant::join(&secure, &token(ROOM, "ann"), Options::default()).await;
    assert!(matches!(error, Err(JoinError::Unreachable { .. })), "{error:?}");
}

/// Publishes, and waits until it has a sid.
async fn publish(participant: &Participant, publication: Publication) -> String {
    let source = publication.source;
    let sid = participant.publish(publication).await.unwrap();
    let own = &participant.state().own;
    assert_eq!(own.tracks[&sid].source, source);
    sid
}

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
async fn what_is_not_allowed_does_not_happen() {
    on_every_server(async |server| {
        let mute = VideoGrants { can_publish: Some(false), ..grants(ROOM) };
        let deaf = VideoGrants { can_subscribe: Some(false), ..grants(ROOM) };
        let with = async |identity, grants| {
            let token = token_with(SECRET, identity, grants);
            let options = Options { limit: Duration::from_secs(2), ..Options::default() };
            Participant::join(&server.url(), &token, options).await.unwrap()
        };
        let (mute, deaf) = (with("mute", mute).await, with("deaf", deaf).await);
        assert!(!mute.state().permission.publish);
        assert!(!deaf.state().permission.subscribe);
        let refused = mute.publish(Publication::camera()).await.unwrap_err();
        // Servers before 1.9 refuse without a word.
        match refused {
            RequestError::Refused { reason, .. } => assert_eq!(reason, "NOT_ALLOWED"),
            other => assert!(matches!(other, RequestError::NoAnswer(_)), "{other}"),
        }
        let sid = publish(&deaf, Publication::microphone()).await;
        mute.wait(LIMIT, |it| it.received.contains_key(&sid)).await.unwrap();

        deaf.allow_only(&["nobody"]).unwrap();
        let forbidden = Happening::SubscriptionAllowed { sid: sid.clone(), allowed: false };
        mute.wait(LIMIT, |it| it.happened(|it| *it == forbidden)).await.unwrap();
        deaf.allow_only(&["mute"]).unwrap();
        let allowed = Happening::SubscriptionAllowed { sid, allowed: true };
        mute.wait(LIMIT, |it| it.happened(|it| *it == allowed)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_participant_describes_itself() {
    on_every_server(async |server| {
        let (ann, bob) = join_two(server).await;
        ann.describe("Ann", "hello", [].into()).unwrap();
        bob.wait(LIMIT, |it| {
            it.member("ann").is_some_and(|it| it.name == "Ann" && it.metadata == "hello")
        })
        .await
        .unwrap();
        ann.wait(LIMIT, |it| it.own.metadata == "hello").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_is_dropped_or_vanishes_does_not_say_goodbye() {
    on_every_server(async |server| {
        let (ann, bob) = join_two(server).await;
        let cid = join(server, "cid").await;
        bob.vanish();
        bob.wait(LIMIT, |it| it.departure == Some(Departure::Vanished)).await.unwrap();
        drop(cid);
        let left = |it: &State, identity: &str| {
            let left = Happening::Left { identity: identity.to_owned() };
            it.events.iter().find(|it| it.what == left).map(|it| it.at)
        };
        let both = |it: &State| left(it, "bob").is_some() && left(it, "cid").is_some();
        ann.wait(Duration::from_secs(60), both).await.unwrap();
        // Who says goodbye is gone for the others within the three seconds of an update.
        let vanished = bob.events().last().unwrap().at;
        for identity in ["bob", "cid"] {
            let missed = left(&ann.state(), identity).unwrap().duration_since(vanished);
            assert!(missed.as_secs() > 5, "{identity} was gone after {missed}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_signal_connection_comes_back() {
    on_every_server(async |server| {
        let (ann, bob) = (join(server, "ann").await, join(server, "bob").await);
        let sid = publish(&ann, Publication::camera()).await;
        let frames = |it: &State| it.received.get(&sid).map_or(0, |it| it.frames);
        bob.wait(LIMIT, |it| frames(it) > 5).await.unwrap();
        for participant in [&ann, &bob] {
            let back = |it: &State| it.happened(|it| *it == Happening::Reconnected);
            participant.reconnect().unwrap();
            participant.wait(LIMIT, back).await.unwrap();
            let again = frames(&bob.state()) + 25;
            bob.wait(LIMIT, |it| frames(it) > again).await.unwrap();
            assert!(participant.state().is_connected());
        }
        publish(&ann, Publication::microphone()).await;
        bob.wait(LIMIT, |it| it.received("ann", TrackSource::Microphone).frames > 5).await.unwrap();
        let gone = |it: &Happening| matches!(it, Happening::Left { .. });
        assert!(!ann.state().happened(gone) && !bob.state().happened(gone));
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_server_is_out_once_the_limit_is_reached() {
    let Some(program) = versions().pop() else { return };
    let server = Server::start(&program).await;
    let options = Options { limit: Duration::from_secs(1), ..Options::default() };
    let ann = Participant::join(&server.url(), &token(ROOM, "ann"), options).await.unwrap();
    drop(server);
    let lost = |it: &State| matches!(it.departure, Some(Departure::Lost(_)));
    ann.wait(LIMIT, lost).await.unwrap();
    assert!(ann.state().happened(|it| *it == Happening::Reconnecting));
    let error = ann.wait(LIMIT, |_| false).await.unwrap_err();
    assert!(matches!(error, WaitError::Gone(Some(Departure::Lost(_)))), "{error}");
    assert!(matches!(ann.publish(Publication::camera()).await, Err(RequestError::Gone)));
}
