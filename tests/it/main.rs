//! The one integration binary: everything is proved through the borders of the program.

mod cli;
mod cucumber;
mod history;
mod junit;
mod logs;
mod site;
mod tidy;
