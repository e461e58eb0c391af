//! What drives the engine: `run`, `steps`, and what stands around it: `stack`, `health`, `token`, `meet`.

mod combinations;
mod doctor;
mod dry;
mod features;
mod health;
mod log;
mod meet;
mod playing;
mod programs;
mod resume;
mod run;
mod settings;
mod stack;
mod steps;
mod token;
mod watch;

pub(super) use self::{
    health::health, meet::meet, run::run, settings::profile as network, stack::stack, steps::steps,
    token::token,
};
