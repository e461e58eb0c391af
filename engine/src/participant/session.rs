//! The life of a participant: what the server says, what its user wants, and media, in one loop.

use std::{collections::BTreeMap, io, net::IpAddr, sync::Arc};

use jiff::Timestamp;
use livekit_protocol::{
    self as proto, SessionDescription, SignalTarget, leave_request::Action,
    signal_request::Message as Request, signal_response::Message as Response,
};
use livekit_signaling::{SignalClient, SignalEvent, SignalEvents};
use str0m::RtcError;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, Interval, MissedTickBehavior, interval, sleep_until},
};

use super::{
    command::Command,
    error::{JoinError, RequestError},
    event::{Departure, Happening, LinkName},
    join::Options,
    media::{Publication, TICK},
    peer::{PeerConnection, Wake},
    publisher::Publisher,
    resume::{Resumed, Resuming, resumed},
    state::State,
    subscriber::{Inbox, Subscriber, tell_link},
};

/// How a session ends.
pub(super) enum End {
    /// Nothing is left of it.
    Over,
    /// It is there and does not answer.
    Silent,
}

/// What makes the loop turn.
enum Turn {
    Signal(Option<SignalEvent>),
    Resumed(Resumed),
    Command(Option<Command>),
    Subscriber(Wake),
    Publisher(Wake),
    Tick,
    Limit,
}

/// A participant that has joined, or is about to.
pub(super) struct Session {
    pub(super) signal: Arc<SignalClient>,
    pub(super) signals: SignalEvents,
    /// The way back, while it is being tried.
    pub(super) resuming: Option<Resuming>,
    commands: mpsc::UnboundedReceiver<Command>,
    pub(super) state: watch::Sender<State>,
    pub(super) options: Options,
    ip: IpAddr,
    subscriber: Subscriber,
    pub(super) publisher: Option<Publisher>,
    /// What arrives where this side sends, which is so for those who may not subscribe.
    inbox: Inbox,
    /// Whether the server makes the first connection.
    subscriber_first: bool,
    /// Publications that the server has not answered, by the id that this side gave them.
    pub(super) asked:
        BTreeMap<String, (Publication, oneshot::Sender<Result<String, RequestError>>)>,
    /// The ids that this side gave to tracks, by their sids.
    pub(super) published: BTreeMap<String, String>,
    pub(super) publications: usize,
    joining: Option<Joining>,
    clock: Interval,
    sending: bool,
}

/// What the server gives to those it lets in.
pub(super) type Signal = (SignalClient, proto::JoinResponse, SignalEvents);

/// The connections that a session begins with.
pub(super) struct Peers {
    pub(super) ip: IpAddr,
    pub(super) subscriber: PeerConnection,
    /// The server waits for it if it does not make the first connection itself.
    pub(super) publisher: Option<Publisher>,
}

/// Somebody waits for the join.
pub(super) struct Joining {
    pub(super) joined: oneshot::Sender<Result<watch::Receiver<State>, JoinError>>,
    pub(super) until: Instant,
}

impl Session {
    /// A session that the server has accepted.
    pub(super) fn new(
        (signal, join, signals): Signal,
        commands: mpsc::UnboundedReceiver<Command>,
        joining: Joining,
        peers: Peers,
        options: Options,
    ) -> Self {
        let mut clock = interval(TICK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        Self {
            signal: Arc::new(signal),
            signals,
            resuming: None,
            commands,
            options,
            state: watch::Sender::new(State::new(&join, Timestamp::now())),
            ip: peers.ip,
            subscriber: Subscriber::new(peers.subscriber),
            publisher: peers.publisher,
            inbox: Inbox::default(),
            subscriber_first: join.subscriber_primary,
            asked: BTreeMap::new(),
            published: BTreeMap::new(),
            publications: 0,
            joining: Some(joining),
            clock,
            sending: false,
        }
    }

    /// Lives until the session ends.
    pub(super) async fn run(&mut self) -> End {
        self.sending = false;
        let mut acted = self.negotiate().await.map(|()| None);
        loop {
            match acted {
                Ok(None) => {}
                Ok(Some(end)) => return end,
                Err(error) => return self.depart(Departure::Lost(error.to_string())),
            }
            if self.is_ready()
                && let Some(Joining { joined, .. }) = self.joining.take()
            {
                let _ = joined.send(Ok(self.state.subscribe()));
            }
            let turn = self.turn().await;
            acted = self.act(turn).await;
        }
    }

    /// Keeps everything open until it is told to answer again; whether it is.
    pub(super) fn stay_silent(&mut self) -> bool {
        while let Some(command) = self.commands.blocking_recv() {
            if matches!(command, Command::Reappear) {
                self.state.send_modify(|it| it.reappear(Timestamp::now()));
                return true;
            }
        }
        false
    }

    /// Waits for whatever comes first; nothing is lost of the rest.
    async fn turn(&mut self) -> Turn {
        let sending = self.publisher.as_ref().is_some_and(Publisher::is_sending);
        if sending && !self.sending {
            // The time before is no time that was missed.
            self.clock.reset();
        }
        self.sending = sending;
        let until = self.joining.as_ref().map(|it| it.until);
        tokio::select! {
            it = self.signals.recv() => Turn::Signal(it),
            it = resumed(self.resuming.as_mut()) => Turn::Resumed(it),
            it = self.commands.recv() => Turn::Command(it),
            it = self.subscriber.peer.wake() => Turn::Subscriber(it),
            it = wake(self.publisher.as_mut()) => Turn::Publisher(it),
            _ = self.clock.tick(), if sending => Turn::Tick,
            () = reached(until) => Turn::Limit,
        }
    }

    async fn act(&mut self, turn: Turn) -> Result<Option<End>, RtcError> {
        match turn {
            Turn::Signal(Some(SignalEvent::Message(message))) => self.hear(*message).await,
            Turn::Signal(Some(SignalEvent::Close(_))) if self.options.resume => self.resume().await,
            Turn::Signal(Some(SignalEvent::Close(why))) => {
                Ok(Some(self.depart(Departure::Lost(why.into_owned()))))
            }
            Turn::Resumed(resumed) => self.take_resumed(resumed).await,
            // The participant was dropped, which is to vanish.
            Turn::Signal(None) | Turn::Command(None) => Ok(Some(End::Over)),
            Turn::Command(Some(command)) => self.obey(command).await,
            Turn::Subscriber(wake) => {
                let events = self.subscriber.peer.take(wake).await?;
                self.take_subscriber(&events);
                Ok(None)
            }
            Turn::Publisher(wake) => {
                let Some(publisher) = &mut self.publisher else { return Ok(None) };
                let events = publisher.peer.take(wake).await?;
                self.take_publisher(events).await?;
                Ok(None)
            }
            Turn::Tick => {
                let Some(publisher) = &mut self.publisher else { return Ok(None) };
                let sent = publisher.tick();
                let events = publisher.peer.drain().await?;
                if let Err(error) = sent {
                    self.tell(Happening::NegotiationFailed(error.to_string()));
                }
                self.take_publisher(events).await?;
                Ok(None)
            }
            Turn::Limit => {
                if let Some(Joining { joined, .. }) = self.joining.take() {
                    let _ = joined.send(Err(JoinError::no_media(self.options.limit)));
                }
                Ok(Some(End::Over))
            }
        }
    }

    fn take_subscriber(&mut self, events: &[str0m::Event]) {
        let (now, subscriber) = (Timestamp::now(), &mut self.subscriber);
        self.state.send_if_modified(|state| {
            let news = tell_link(&subscriber.peer, LinkName::Subscriber, state, now);
            events.iter().for_each(|it| subscriber.note(it, state, now));
            news || !events.is_empty()
        });
    }

    pub(super) async fn take_publisher(
        &mut self,
        mut events: Vec<str0m::Event>,
    ) -> Result<(), RtcError> {
        let Some(publisher) = &mut self.publisher else { return Ok(()) };
        let (now, inbox) = (Timestamp::now(), &mut self.inbox);
        events.extend(publisher.peer.drain().await?);
        events.iter().for_each(|it| publisher.note(it));
        let failed = publisher.send_waiting();
        let more = publisher.peer.drain().await?;
        more.iter().for_each(|it| publisher.note(it));
        events.extend(more);
        self.state.send_if_modified(|state| {
            let news = tell_link(&publisher.peer, LinkName::Publisher, state, now);
            events.iter().for_each(|it| inbox.note(it, state, now));
            let news = news || !events.is_empty() || !failed.is_empty();
            failed.into_iter().for_each(|it| state.tell(Happening::DataNotSent(it), now));
            news
        });
        Ok(())
    }

    /// Takes in what the server says.
    pub(super) async fn hear(&mut self, message: Response) -> Result<Option<End>, RtcError> {
        self.state.send_modify(|it| it.apply(&message, Timestamp::now()));
        match message {
            Response::Offer(offer) => self.answer(&offer).await?,
            Response::Answer(answer) => {
                let Some(publisher) = &mut self.publisher else { return Ok(None) };
                let taken = publisher.answer(&answer);
                let events = publisher.peer.drain().await?;
                if let Err(error) = taken {
                    self.tell(Happening::NegotiationFailed(error));
                }
                self.take_publisher(events).await?;
                self.negotiate().await?;
            }
            Response::Trickle(candidate) => self.add_candidate(&candidate).await?,
            Response::TrackPublished(published) => {
                let sid = published.track.map(|it| it.sid).unwrap_or_default();
                self.accept(published.cid, sid).await?;
            }
            Response::TrackUnpublished(it) => self.unpublish(&it.track_sid).await?,
            Response::Mute(it) => self.mute(&it.sid, it.muted),
            Response::RequestResponse(it) => self.refuse(it),
            Response::Leave(leave) => return Ok(self.leave_as_told(&leave)),
            _ => {}
        }
        Ok(None)
    }

    fn leave_as_told(&mut self, leave: &proto::LeaveRequest) -> Option<End> {
        match leave.action() {
            Action::Resume => None,
            Action::Disconnect | Action::Reconnect => {
                Some(self.depart(Departure::Removed(leave.reason())))
            }
        }
    }

    async fn answer(&mut self, offer: &SessionDescription) -> Result<(), RtcError> {
        let answer = self.subscriber.answer(offer);
        let events = self.subscriber.peer.drain().await?;
        self.take_subscriber(&events);
        match answer {
            Ok(answer) => self.signal.send(Request::Answer(answer)).await,
            Err(error) => self.tell(Happening::NegotiationFailed(error)),
        }
        Ok(())
    }

    async fn add_candidate(&mut self, it: &proto::TrickleRequest) -> Result<(), RtcError> {
        let peer = match it.target() {
            SignalTarget::Subscriber => Some(&mut self.subscriber.peer),
            SignalTarget::Publisher => self.publisher.as_mut().map(|it| &mut it.peer),
        };
        if let Some(peer) = peer {
            peer.add_remote_candidate(&it.candidate_init);
        }
        let events = self.subscriber.peer.drain().await?;
        self.take_subscriber(&events);
        if let Some(publisher) = &mut self.publisher {
            let events = publisher.peer.drain().await?;
            self.take_publisher(events).await?;
        }
        Ok(())
    }

    /// The server lets a track be published.
    async fn accept(&mut self, cid: String, sid: String) -> Result<(), RtcError> {
        let Some((publication, published)) = self.asked.remove(&cid) else { return Ok(()) };
        match self.publisher().await {
            Ok(publisher) => {
                publisher.publish(cid.clone(), publication);
                self.published.insert(sid.clone(), cid);
                self.negotiate().await?;
                let _ = published.send(Ok(sid));
            }
            Err(error) => {
                let _ = published.send(Err(RequestError::NoSocket(error)));
            }
        }
        Ok(())
    }

    fn refuse(&mut self, it: proto::RequestResponse) {
        let (reason, words) = (it.reason().as_str_name().to_owned(), it.message.clone());
        let Some(proto::request_response::Request::AddTrack(add)) = it.request else { return };
        if let Some((_, published)) = self.asked.remove(&add.cid) {
            let _ = published.send(Err(RequestError::Refused { reason, words }));
        }
    }

    /// The connection that sends, made when it is first needed.
    pub(super) async fn publisher(&mut self) -> io::Result<&mut Publisher> {
        let publisher = match self.publisher.take() {
            Some(it) => it,
            None => Publisher::new(self.ip).await?,
        };
        Ok(self.publisher.insert(publisher))
    }

    /// Says to the server what is to be sent, if there is news.
    pub(super) async fn negotiate(&mut self) -> Result<(), RtcError> {
        if let Some(offer) = self.publisher.as_mut().and_then(Publisher::offer) {
            self.signal.send(Request::Offer(offer)).await;
        }
        self.take_publisher(Vec::new()).await
    }

    fn is_ready(&self) -> bool {
        if self.subscriber_first {
            self.subscriber.is_ready()
        } else {
            self.publisher.as_ref().is_some_and(|it| it.peer.connected)
        }
    }

    pub(super) fn tell(&self, what: Happening) {
        self.state.send_modify(|it| it.tell(what, Timestamp::now()));
    }

    pub(super) fn depart(&mut self, why: Departure) -> End {
        if let Some(Joining { joined, .. }) = self.joining.take() {
            let _ = joined.send(Err(JoinError::Removed(why.clone())));
        }
        self.state.send_modify(|it| it.depart(why, Timestamp::now()));
        End::Over
    }
}

async fn wake(publisher: Option<&mut Publisher>) -> Wake {
    match publisher {
        Some(it) => it.wake().await,
        None => std::future::pending().await,
    }
}

async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}
