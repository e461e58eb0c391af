//! The site that the program makes from results, and that it is always the same.

mod breakages;
mod cells;
mod changes;
mod evidence;
mod families;
mod features;
mod large;
mod lists;
mod moments;
mod published;
mod releases;
mod same;
mod search;
mod shifts;
mod slices;
mod timeline;
mod trends;
mod wording;
