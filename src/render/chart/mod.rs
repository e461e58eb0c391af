//! Charts as SVG: small, without fonts, coloured by classes so that they follow light and dark.
//!
//! Every one has a title, a description that says the finding, and links to what it shows.

mod bars;
mod frame;
mod histogram;
mod lanes;
mod line;
mod moment;
mod strip;

pub use bars::{Bar, BarChart, bars};
pub use frame::{Frame, Unit};
pub use histogram::{Class, Histogram, histogram};
pub use lanes::{LaneBar, LaneChart, LaneRow, lanes};
pub use line::{LineChart, Point, line};
pub use moment::{Event, curve, events};
pub use strip::{StripMark, spark, strip};
