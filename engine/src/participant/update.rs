//! How what the server says changes what a participant knows.

use jiff::Timestamp;
use livekit_protocol::{
    self as proto, participant_info, request_response::Reason, signal_response::Message,
};

use super::{
    event::Happening,
    state::{Member, Permission, Room, State, Track},
};

impl State {
    /// Takes in what the server said of the room; what concerns connections is not for here.
    pub(super) fn apply(&mut self, message: &Message, at: Timestamp) {
        match message {
            Message::RoomUpdate(update) => {
                if let Some(room) = &update.room {
                    self.update_room(room, at);
                }
            }
            Message::Update(update) => {
                for participant in &update.participants {
                    self.update_participant(participant, at);
                }
            }
            Message::TrackPublished(published) => {
                if let Some(track) = &published.track {
                    let mut own = self.own.clone();
                    own.tracks.insert(track.sid.clone(), Track::from(track));
                    self.update_own(own, at);
                }
            }
            Message::TrackUnpublished(unpublished) => {
                self.remove_own_track(&unpublished.track_sid, at);
            }
            Message::Mute(mute) => self.mute_own_track(&mute.sid, mute.muted, at),
            Message::SubscriptionPermissionUpdate(update) => {
                let (sid, allowed) = (update.track_sid.clone(), update.allowed);
                self.tell(Happening::SubscriptionAllowed { sid, allowed }, at);
            }
            Message::SubscriptionResponse(response) => {
                let reason = response.err().as_str_name().to_owned();
                let sid = response.track_sid.clone();
                self.tell(Happening::SubscriptionFailed { sid, reason }, at);
            }
            Message::RequestResponse(response)
                if !matches!(response.reason(), Reason::Ok | Reason::Queued) =>
            {
                let reason = response.reason().as_str_name().to_owned();
                let words = response.message.clone();
                self.tell(Happening::RequestRefused { reason, words }, at);
            }
            _ => {}
        }
    }

    /// Notes that an own track sends, or not.
    pub(super) fn mute_own_track(&mut self, sid: &str, muted: bool, at: Timestamp) {
        let mut own = self.own.clone();
        if let Some(track) = own.tracks.get_mut(sid) {
            track.muted = muted;
        }
        self.update_own(own, at);
    }

    /// Notes that an own track is gone.
    pub(super) fn remove_own_track(&mut self, sid: &str, at: Timestamp) {
        let mut own = self.own.clone();
        own.tracks.remove(sid);
        self.update_own(own, at);
    }

    fn update_room(&mut self, room: &proto::Room, at: Timestamp) {
        let metadata = (self.room.metadata != room.metadata).then(|| room.metadata.clone());
        self.room = Room::from(room);
        if let Some(metadata) = metadata {
            self.tell(Happening::RoomMetadata(metadata), at);
        }
    }

    pub(super) fn update_participant(&mut self, info: &proto::ParticipantInfo, at: Timestamp) {
        let gone = info.state() == participant_info::State::Disconnected;
        let member = Member::from(info);
        if info.sid == self.own.sid {
            self.update_permission(info.permission.as_ref(), at);
            self.update_own_from(member, at);
            return;
        }
        let known = self.others.get(&info.identity);
        let same = known.filter(|it| it.sid == info.sid).cloned();
        match (gone, same) {
            (true, Some(before)) => {
                self.tell_tracks(
                    &before,
                    &Member { identity: before.identity.clone(), ..Member::default() },
                    at,
                );
                self.others.remove(&info.identity);
                self.tell(Happening::Left { identity: info.identity.clone() }, at);
            }
            // An earlier session of an identity may end after the next one has begun.
            (true, None) => {}
            // Updates may overtake one another, so an older one than the last is not news.
            (false, Some(before)) if member.version < before.version => {}
            (false, Some(before)) => {
                self.tell_changes(&before, &member, at);
                self.others.insert(member.identity.clone(), member);
            }
            (false, None) => {
                self.tell(Happening::Joined { identity: member.identity.clone() }, at);
                self.tell_tracks(&Member::default(), &member, at);
                self.others.insert(member.identity.clone(), member);
            }
        }
    }

    fn update_own_from(&mut self, mut member: Member, at: Timestamp) {
        if member.version < self.own.version {
            return;
        }
        // The server tells which tracks it accepts and drops; here it may still list one that was
        // taken back, and not yet one that it has accepted.
        let mut tracks = self.own.tracks.clone();
        for (sid, track) in &mut tracks {
            if let Some(now) = member.tracks.remove(sid) {
                *track = now;
            }
        }
        member.tracks = tracks;
        self.update_own(member, at);
    }

    fn update_own(&mut self, member: Member, at: Timestamp) {
        let before = std::mem::replace(&mut self.own, member.clone());
        self.tell_changes(&before, &member, at);
    }

    fn update_permission(
        &mut self,
        permission: Option<&proto::ParticipantPermission>,
        at: Timestamp,
    ) {
        let Some(permission) = permission.map(Permission::from) else { return };
        if self.permission != permission {
            self.permission = permission;
            self.tell(Happening::Permission(permission), at);
        }
    }

    fn tell_changes(&mut self, before: &Member, now: &Member, at: Timestamp) {
        let identity = || now.identity.clone();
        if before.name != now.name {
            self.tell(Happening::Name { identity: identity(), name: now.name.clone() }, at);
        }
        if before.metadata != now.metadata {
            let metadata = now.metadata.clone();
            self.tell(Happening::Metadata { identity: identity(), metadata }, at);
        }
        if before.attributes != now.attributes {
            let attributes = now.attributes.clone();
            self.tell(Happening::Attributes { identity: identity(), attributes }, at);
        }
        self.tell_tracks(before, now, at);
    }

    fn tell_tracks(&mut self, before: &Member, now: &Member, at: Timestamp) {
        let identity = || now.identity.clone();
        for (sid, track) in &before.tracks {
            if !now.tracks.contains_key(sid) {
                let (sid, source) = (sid.clone(), track.source);
                let gone = Happening::TrackUnpublished { identity: identity(), sid, source };
                self.tell(gone, at);
            }
        }
        for (sid, track) in &now.tracks {
            let known = before.tracks.get(sid);
            if known.is_none() {
                let (sid, source) = (sid.clone(), track.source);
                let new = Happening::TrackPublished { identity: identity(), sid, source };
                self.tell(new, at);
            }
            if known.is_some_and(|it| it.muted != track.muted) {
                let (sid, muted) = (sid.clone(), track.muted);
                self.tell(Happening::TrackMuted { identity: identity(), sid, muted }, at);
            }
        }
    }
}
