//! `lkreport matrix` and `lkreport badge`: what a repository shows of its report.

use std::fmt::Write;

use anyhow::Context;

use super::{
    args::{self, Global},
    build::{Known, explain, recall, with_matrix, write_matrix},
    catalogue,
    config::{self, Config},
    output::{Answer, Talk, print},
};
use crate::{
    history::{Past, Store},
    render::{badges, markdown},
    report::{Report, summarise},
};

pub(super) fn run(args: &args::Matrix, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let config = config::of_history(args.history.as_ref(), None, global)?;
    let config = config.read_at(args.url.as_deref());
    let (past, report) = judge(&config, global, talk)?;
    let block = markdown::matrix(&past, &report, config.url.as_deref());
    let Some(file) = args.matrix.as_ref().or(config.matrix.as_ref()) else {
        anyhow::ensure!(
            !args.check,
            "no file to check: name it with `--matrix FILE` or as `file` in `[matrix]` of the configuration"
        );
        print(&block)?;
        return Ok(Answer::Yes);
    };
    if !args.check {
        write_matrix(file, &block, talk)?;
        return Ok(Answer::Yes);
    }
    let (old, new) = with_matrix(file, &block)?;
    if old.as_deref() == Some(&new) {
        return Ok(Answer::Yes);
    }
    talk.say(&format!(
        "{}: out of date; `lkreport matrix --matrix {0}` brings it up to date",
        file.display()
    ));
    Ok(Answer::No)
}

pub(super) fn badge(args: &args::Badge, global: &Global, talk: &Talk) -> anyhow::Result<Answer> {
    let config = config::of_history(args.history.as_ref(), None, global)?;
    let config = config.read_at(args.url.as_deref());
    let (past, report) = judge(&config, global, talk)?;
    let mut text = String::new();
    for (name, badge) in badges::named(&past, &report) {
        if args.name.as_ref().is_some_and(|it| !name.contains(it)) {
            continue;
        }
        if args.markdown {
            let url = config.url.as_ref().context(
                "where the site is read is not known: give `--url`, or set `url` in `[site]` of the configuration",
            )?;
            let label = badge.label.replace(['[', ']'], "");
            _ = writeln!(text, "[![{label}]({url}/badges/{name}.svg)]({url}/)");
        } else {
            _ = writeln!(text, "{name}: {}: {}", badge.label, badge.message);
        }
    }
    print(&text)?;
    Ok(Answer::Yes)
}

fn judge(config: &Config, global: &Global, talk: &Talk) -> anyhow::Result<(Past, Report)> {
    let store = Store::open(&config.history)?;
    let past = recall(&store, &[], config, talk)?;
    let mut report = summarise(&past, &config.settings);
    let archive = Known::new(&past, &store, Vec::new());
    explain(config, &archive, &mut report, catalogue::load(global, talk)?)?;
    Ok((past, report))
}
