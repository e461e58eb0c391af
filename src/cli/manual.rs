//! `lkreport completions` and `lkreport man`, made from the arguments themselves.

use clap::CommandFactory;

use super::{
    args::{Cli, Completions},
    output::{Answer, print},
};

pub(super) fn completions(args: &Completions) -> anyhow::Result<Answer> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "lkreport", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Answer::Yes)
}

/// One page for the program and all its commands.
pub(super) fn man() -> anyhow::Result<Answer> {
    let command = Cli::command();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands().filter(|it| it.get_name() != "help") {
        let man = clap_mangen::Man::new(sub.clone());
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
        man.render_extra_section(&mut page)?;
    }
    print(&String::from_utf8_lossy(&page))?;
    Ok(Answer::Yes)
}

#[cfg(test)]
mod tests {
    use clap::{Command, Parser};

    use super::*;

    /// The arguments of the examples in the help of a command; what a shell does is left out.
    fn examples(command: &Command) -> Vec<Vec<String>> {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = help.lines().filter(|it| it.starts_with("  lkreport "));
        let typed = |it: &str| it.split(['#', '|', '>']).next().unwrap_or_default().to_owned();
        lines.map(|it| typed(it).split_whitespace().map(ToOwned::to_owned).collect()).collect()
    }

    fn check_examples(command: &Command, name: &str) {
        let examples = examples(command);
        assert!((1..=5).contains(&examples.len()), "{name}: {examples:?}");
        for example in examples {
            assert!(example.join(" ").starts_with(name), "{name}: {example:?}");
            let parsed = Cli::try_parse_from(&example);
            assert!(parsed.is_ok(), "{example:?}: {:?}", parsed.err());
        }
        for inner in command.get_subcommands().filter(|it| it.get_name() != "help") {
            check_examples(inner, &format!("{name} {}", inner.get_name()));
        }
    }

    #[test]
    fn every_help_ends_with_examples_that_can_be_typed() {
        for command in Cli::command().get_subcommands().filter(|it| it.get_name() != "help") {
            check_examples(command, &format!("lkreport {}", command.get_name()));
        }
    }

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }
}
