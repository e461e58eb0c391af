//! Participants, proved against real servers of every version there is.

mod connection;
mod media;

use std::{collections::HashMap, time::Duration};

use livekit_api::{
    access_token::VideoGrants,
    services::room::{RoomClient, UpdateParticipantOptions},
};
use livekit_protocol::ParticipantPermission;
use lkreport_engine::participant::{
    Data, Departure, DisconnectReason, Happening, JoinError, Member, Options, Participant,
    Publication, RequestError,
};
use tokio::task::LocalSet;

use crate::server::{KEY, SECRET, Server, grants, token, token_with, versions};

const LIMIT: Duration = Duration::from_secs(30);
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

/// Publishes, and waits until it has a sid.
async fn publish(participant: &Participant, publication: Publication) -> String {
    let source = publication.source;
    let sid = participant.publish(publication).await.unwrap();
    let own = &participant.state().own;
    assert_eq!(own.tracks[&sid].source, source);
    sid
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

#[tokio::test]
async fn what_is_not_allowed_does_not_happen() {
    on_every_server(async |server| {
        let mute =
            VideoGrants { can_publish: Some(false), can_publish_data: Some(true), ..grants(ROOM) };
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
        let allow = UpdateParticipantOptions {
            permission: Some(ParticipantPermission {
                can_publish: true,
                can_publish_data: true,
                can_subscribe: true,
                ..Default::default()
            }),
            ..Default::default()
        };
        rooms(server).update_participant(ROOM, "mute", allow).await.unwrap();
        mute.wait(LIMIT, |it| it.permission.publish).await.unwrap();
        assert!(mute.state().happened(|it| matches!(it, Happening::Permission(_))));
        publish(&mute, Publication::camera()).await;

        let sid = publish(&deaf, Publication::microphone()).await;
        mute.wait(LIMIT, |it| it.received.contains_key(&sid)).await.unwrap();

        mute.send(Data::reliable("hello")).unwrap();
        deaf.wait(LIMIT, |it| !it.messages.is_empty()).await.unwrap();
        assert_eq!(deaf.state().messages[0].from.as_deref(), Some("mute"));

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
