//! What makes the networks of people: a relay where one can stand before the server, else their browsers.

use crate::{
    browser::{NoNetwork, feasible},
    component::Component,
    context::Context,
    error::{StepError, StepResult},
    network::{By, Cable, Profile, judge, measure},
    world::World,
};

/// How often a network is measured that is not as it should be.
const TRIES: usize = 3;

/// What makes a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// A relay of our own, for whoever takes part.
    Relay,
    /// A browser of Chromium, for a window of its own.
    DevTools,
}

impl World {
    /// What makes the networks of people: the relay, where it can stand before the servers.
    pub(super) fn means(&self) -> Means {
        match self.setup.stack.running(Component::Livekit) {
            Some(_) => Means::DevTools,
            None => Means::Relay,
        }
    }

    /// Makes the network of a person another one, once it was seen to do what it should.
    pub(super) async fn change(
        &mut self,
        step: &Context,
        person: &str,
        profile: Profile,
    ) -> StepResult {
        // Without a browser there is nothing to measure yet: then it is done before they connect.
        if self.means() == Means::Relay || self.people.contains_key(person) {
            self.verify(step, person, &profile).await?;
        }
        self.give(person, profile).await
    }

    /// Gives a person a network, measured or not.
    pub(in crate::steps) async fn give(&mut self, person: &str, profile: Profile) -> StepResult {
        Ok(self.networks.set(person, profile, self.by()).await?)
    }

    /// What shall make networks; the kernel has no part in what browsers make.
    fn by(&self) -> By {
        match self.means() {
            Means::Relay => self.setup.network.by,
            Means::DevTools => By::Relay,
        }
    }

    /// Lets the browser of a person make their network.
    pub(super) async fn emulate(&mut self, step: &Context, person: &str) -> StepResult {
        let Some(line) = self.networks.of(person).cloned() else { return Ok(()) };
        if !self.people.contains_key(person) {
            return Err(StepError::Unsupported(format!(
                "the server runs already, so no relay can stand before its media, and `{person}` is in no browser that makes networks"
            )));
        }
        self.verify(step, person, &line.profile()).await?;
        match self.people.get_mut(person) {
            Some(page) => page.emulate(line).await.map_err(not_made),
            None => Ok(()),
        }
    }

    /// Makes sure that a network does what it should, once in an attempt.
    async fn verify(&mut self, step: &Context, person: &str, profile: &Profile) -> StepResult {
        let text = profile.to_string();
        if text.is_empty() || self.networks.verified.contains(&text) {
            return Ok(());
        }
        let means = self.means();
        let (wanted, left_out) = match means {
            Means::Relay => (profile.clone(), Vec::new()),
            Means::DevTools => feasible(profile),
        };
        let cable = self.networks.cable(self.by()).await?;
        let mut tries = 1;
        let measured = loop {
            let measured = match means {
                Means::Relay => measure(&wanted, cable.clone()).await?,
                Means::DevTools => self.person(person)?.measure(&wanted).await.map_err(not_made)?,
            };
            match judge(&wanted, &measured) {
                Ok(()) => break measured,
                // A machine that was busy for a moment says nothing of the network.
                Err(wrong) if tries < TRIES => step.log(&format!("{wrong}; measured again")),
                Err(wrong) => {
                    return Err(StepError::assertion(format!("{wrong}; it is {text}: {measured}")));
                }
            }
            tries += 1;
        };
        let by = match (means, left_out.as_slice()) {
            (Means::Relay, _) => self.by_relay(profile, cable.as_deref()),
            (Means::DevTools, []) => "the DevTools of the browser do it".to_owned(),
            (Means::DevTools, left) => {
                format!("the DevTools of the browser do it, without {}", left.join(" and "))
            }
        };
        step.log(&format!("the network of `{person}`: {text}; {by}; measured: {measured}"));
        self.networks.verified.insert(text);
        Ok(())
    }

    /// Who does what of a network that a relay makes.
    fn by_relay(&self, profile: &Profile, cable: Option<&Cable>) -> String {
        let alone = "a relay does it";
        let part = cable.and_then(|it| it.kernel.part(profile));
        match (part, &self.networks.refused) {
            (Some(part), _) => format!("{alone}, {part}"),
            (None, Some(why)) => format!("{alone} (`tc` cannot have a part in it: {why})"),
            (None, None) => alone.to_owned(),
        }
    }
}

fn not_made(why: NoNetwork) -> StepError {
    match why {
        NoNetwork::Unable(kind) => StepError::Unsupported(format!(
            "the server runs already, so no relay can stand before its media, and {}",
            NoNetwork::Unable(kind)
        )),
        NoNetwork::Page(error) => error.into(),
    }
}
