//! What stands where in an attempt, for who looks at it while a step has the world.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use super::Place;
use crate::component::Component;

/// A place as others see it; whether something runs there, and what, is found out by looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sight {
    /// What the scenario calls it.
    pub(crate) name: String,
    /// What it is.
    pub(crate) component: Component,
    /// Where everybody reaches it.
    pub(crate) host: IpAddr,
    /// Its ports over TCP, by name.
    pub(crate) addresses: Vec<(&'static str, SocketAddr)>,
    /// Its files.
    pub(crate) directory: PathBuf,
    /// What it says.
    pub(crate) log: PathBuf,
}

/// The places of one attempt, in the order in which they were chosen.
#[derive(Debug, Clone, Default)]
pub struct Sights(Arc<Mutex<Vec<Sight>>>);

impl Sights {
    /// Notes a place, instead of one that had its name before.
    pub(crate) fn note(&self, place: &Place) {
        let sight = Sight {
            name: place.name.clone(),
            component: place.component,
            host: place.host,
            addresses: place.addresses().collect(),
            directory: place.directory.clone(),
            log: place.log.clone(),
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|it| it.name != sight.name);
        all.push(sight);
    }

    /// All places.
    pub(crate) fn all(&self) -> Vec<Sight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
