//! stub

use std::io::BufRead;

use super::{Ingested, Intake};

/// Reads.
pub(super) fn read(_input: &mut dyn BufRead, _into: &mut Ingested, _intake: &mut Intake<'_>) {}
