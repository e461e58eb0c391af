//! What drives the engine: `run`, `steps`.

mod dry;
mod features;
mod log;
mod run;
mod steps;
mod watch;

pub(super) use self::{run::run, steps::steps};
