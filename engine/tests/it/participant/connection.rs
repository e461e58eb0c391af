//! Participants whose connection breaks, and those who break it.

use std::time::Duration;

use futures_util::future::join_all;
use lkreport_engine::participant::{
    Data, Departure, Happening, Options, Participant, Publication, RequestError, State,
    TrackSource, WaitError,
};

use super::{LIMIT, ROOM, join, join_two, on_every_server, publish};
use crate::server::{Server, token, versions};

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
async fn who_leaves_right_after_coming_back_is_heard() {
    on_every_server(async |server| {
        let ann = join(server, "ann").await;
        // A server that loses a goodbye does so now and then.
        let mut leaving = Vec::new();
        for n in 1..=10 {
            leaving.push(join(server, &format!("bob {n}")).await);
        }
        ann.wait(LIMIT, |it| it.others.len() == 10).await.unwrap();
        let leave = async |bob: Participant| {
            bob.reconnect().unwrap();
            bob.wait(LIMIT, |it| it.happened(|it| *it == Happening::Reconnected)).await.unwrap();
            bob.leave().await;
        };
        join_all(leaving.into_iter().map(leave)).await;
        // The others hear of a departure within three seconds, and of who vanished much later.
        let gone = ann.wait(Duration::from_secs(6), |it| it.others.is_empty()).await;
        assert!(gone.is_ok(), "still there: {:?}", ann.state().others.keys());
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_server_is_out_once_the_limit_is_reached() {
    let Some(program) = versions().pop() else { return };
    let server = Server::start(&program).await;
    let options = Options { limit: Duration::from_secs(3), ..Options::default() };
    let ann = Participant::join(&server.url(), &token(ROOM, "ann"), options).await.unwrap();
    drop(server);
    let lost = |it: &State| matches!(it.departure, Some(Departure::Lost(_)));
    ann.wait(LIMIT, lost).await.unwrap();
    assert!(ann.state().happened(|it| *it == Happening::Reconnecting));
    let error = ann.wait(LIMIT, |_| false).await.unwrap_err();
    assert!(matches!(error, WaitError::Gone(Some(Departure::Lost(_)))), "{error}");
    assert!(matches!(ann.publish(Publication::camera()).await, Err(RequestError::Gone)));
}

#[tokio::test]
async fn who_vanishes_for_a_while_goes_on_afterwards() {
    on_every_server(async |server| {
        let (ann, bob) = (join(server, "ann").await, join(server, "bob").await);
        publish(&bob, Publication::microphone()).await;
        let frames = |it: &State| it.received("bob", TrackSource::Microphone).frames;
        ann.wait(LIMIT, |it| frames(it) > 5).await.unwrap();

        bob.vanish();
        bob.wait(LIMIT, |it| !it.is_connected()).await.unwrap();
        let silent = frames(&ann.state()) + 25;
        let nothing = ann.wait(Duration::from_secs(2), |it| frames(it) > silent).await;
        assert_eq!(nothing, Err(WaitError::Limit(Duration::from_secs(2))));

        bob.reappear().unwrap();
        ann.wait(LIMIT, |it| frames(it) > silent + 50).await.unwrap();
        bob.send(Data::reliable("here again")).unwrap();
        ann.wait(LIMIT, |it| !it.messages.is_empty()).await.unwrap();
        assert!(bob.state().is_connected());
        let gone = |it: &Happening| matches!(it, Happening::Left { .. });
        assert!(!ann.state().happened(gone));
    })
    .await;
}
