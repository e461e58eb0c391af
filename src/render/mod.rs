//! How it looks: templates become pages; charts, badges and formats feed them.
//!
//! Invariant: nothing here decides what is said; a view holds finished words.

pub mod badge;
pub mod chart;
pub mod engine;
pub mod escape;
pub mod format;
pub mod mark;
pub mod row;
pub mod view;

#[cfg(test)]
mod look;
