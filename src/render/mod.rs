//! How it looks: templates become pages; charts, badges and formats feed them.
//!
//! Invariant: nothing here decides what is said, and `publish` is the only writer.

mod address;
pub mod api;
pub mod badge;
pub mod badges;
pub mod chart;
pub mod engine;
pub mod escape;
pub mod feature_markdown;
pub mod format;
pub mod mark;
pub mod markdown;
mod notes;
mod pages;
mod publish;
pub mod row;
pub mod search;
mod site;
mod summary;
pub mod view;

#[cfg(test)]
mod look;

pub use pages::{coverage, family_href as family_page};
pub use publish::{PublishError, Published};
pub use site::{Archive, Look, SiteError, site};
pub use summary::{LONGEST, Summary};

use publish::Site;
