//! What was typed about what stands beside results.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// What a build takes in besides results.
#[derive(Debug, Args, Clone, Default)]
pub(in crate::cli) struct Beside {
    /// Feature files or folders of them, which become pages [default: features/, where there is one]
    #[arg(long, value_name = "PATH", num_args = 1.., value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) features: Vec<PathBuf>,
    /// Where each feature goes as a markdown page, with an index [default: none]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::cli) features_markdown: Option<PathBuf>,
    /// Release notes, or folders of them, one a component [default: releases/, where there is one]
    #[arg(long, value_name = "PATH", num_args = 1.., value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) releases: Vec<PathBuf>,
}
