//! The program as a user runs it: what it is given, what it writes, how it exits.

mod build;
mod commands;
mod configuration;
#[cfg(feature = "engine")]
mod features;
#[cfg(feature = "fetch")]
mod fetch;
mod identity;
mod killing;
mod markdown;
