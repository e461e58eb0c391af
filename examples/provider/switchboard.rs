//! Which provider a room is on: flags decide when it is made, and it stays there.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::bail;
use axum::http::StatusCode;

use super::Kind;
use crate::service::Refusal;

/// Assigns rooms to providers.
pub(crate) struct Switchboard(Mutex<State>);

struct State {
    /// `FEATURE_LIVEKIT`: without it, all goes to the previous provider.
    is_on: bool,
    /// With it, how many of a hundred rooms go to LiveKit.
    share: u32,
    /// What is left of the share; a room for LiveKit takes a hundred.
    credit: u32,
    homes: BTreeMap<String, Kind>,
}

impl Switchboard {
    /// Reads `FEATURE_LIVEKIT` and `PROVIDER_TYPE`, which is `livekit` unless it is said.
    pub(crate) fn new(flag: &str, provider: Option<&str>) -> anyhow::Result<Self> {
        let Ok(is_on) = flag.parse() else {
            bail!("FEATURE_LIVEKIT is `{flag}`, not true or false");
        };
        let share = match provider {
            None | Some("livekit") => 100,
            Some("previous") => 0,
            Some(other) => bail!("PROVIDER_TYPE is `{other}`, not livekit or previous"),
        };
        Ok(Self(Mutex::new(State { is_on, share, credit: 0, homes: BTreeMap::new() })))
    }

    /// Chooses the provider of a new room.
    pub(crate) fn assign(&self, room: &str) -> Result<Kind, Refusal> {
        let mut state = self.state();
        if state.homes.contains_key(room) {
            let why = format!("there is a room {room:?} already");
            return Err(Refusal::new(StatusCode::CONFLICT, "ROOM_EXISTS", why));
        }
        let kind = state.next();
        state.homes.insert(room.to_owned(), kind);
        Ok(kind)
    }

    /// The provider of a room.
    pub(crate) fn of(&self, room: &str) -> Result<Kind, Refusal> {
        let home = self.state().homes.get(room).copied();
        let why = || format!("there is no room {room:?}");
        home.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "ROOM_NOT_FOUND", why()))
    }

    /// Takes it that a room was never made.
    pub(crate) fn forget(&self, room: &str) {
        self.state().homes.remove(room);
    }

    /// Changes what is given; what holds from now on.
    pub(crate) fn set(
        &self,
        flag: Option<&str>,
        share: Option<&str>,
    ) -> Result<(bool, u32), Refusal> {
        let flag = flag.map(str::parse).transpose();
        let flag = flag.map_err(|_| Refusal::invalid("FEATURE_LIVEKIT is true or false"))?;
        let number = |it: &str| it.parse().ok().filter(|it| *it <= 100);
        let wrong = || Refusal::invalid("the share is a number from 0 to 100");
        let share = share.map(|it| number(it).ok_or_else(wrong)).transpose()?;
        let mut state = self.state();
        state.is_on = flag.unwrap_or(state.is_on);
        if let Some(share) = share {
            (state.share, state.credit) = (share, 0);
        }
        Ok((state.is_on, state.share))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Spreads the rooms evenly: of any hundred in a row, LiveKit gets exactly its share.
    fn next(&mut self) -> Kind {
        if !self.is_on {
            return Kind::Previous;
        }
        self.credit += self.share;
        if self.credit < 100 {
            return Kind::Previous;
        }
        self.credit -= 100;
        Kind::Livekit
    }
}
