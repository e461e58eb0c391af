//! `/search/`

use serde::Serialize;

use super::{Link, Page, Shell};

/// `/search/`: where was this seen?
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchPage {
    /// What every page has.
    pub shell: Shell,
    /// What can be found, joined with commas.
    pub kinds: String,
    /// Where to look without JavaScript.
    pub lists: Vec<Link>,
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "search.html";
}
