//! The one integration binary: everything is proved through the borders of the program.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "these are tests")]

mod check;
mod cli;
mod cucumber;
mod desk;
mod drafts;
mod gate;
mod gherkin;
#[cfg(feature = "engine")]
mod health;
mod history;
mod junit;
mod known_issues;
mod logs;
mod named_secrets;
#[cfg(feature = "engine")]
mod run;
mod schemas;
mod site;
#[cfg(feature = "engine")]
mod stack;
mod tidy;
mod verdicts;
