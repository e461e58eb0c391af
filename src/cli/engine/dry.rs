//! `lkreport run --list` and `--dry-run`: what would run, and whether every step is known.

use std::collections::BTreeMap;

use lkreport_engine::{dry::Matches, feature::Source, run::Selection, steps::listed};

use super::super::output::{Answer, counted, print};

pub(super) fn run(sources: &[Source], selection: &Selection, list: bool) -> anyhow::Result<Answer> {
    let all = listed();
    let needs = all.known.iter().filter_map(|it| Some((it.expression.as_str(), it.pending?)));
    let needs: BTreeMap<&str, &str> = needs.collect();
    let dry = all.registry.dry(sources, selection);
    let (mut text, mut steps, mut wrong) = (String::new(), 0, 0);
    let mut pending: BTreeMap<&str, usize> = BTreeMap::new();
    for (file, error) in &dry.syntax_errors {
        text += &format!("{file}:{error}\n");
    }
    for scenario in &dry.scenarios {
        let pickle = &scenario.pickle;
        if list {
            text += &format!("{}:{}  {}\n", pickle.uri, pickle.location.line, pickle.name);
        }
        for (step, matches) in pickle.steps.iter().zip(&scenario.matches) {
            steps += 1;
            let problem = match matches {
                Matches::One(expression) => {
                    if let Some(needs) = needs.get(expression.as_str()) {
                        *pending.entry(needs).or_default() += 1;
                    }
                    continue;
                }
                Matches::None(near) if near.is_empty() => "no step matches".to_owned(),
                Matches::None(near) => format!("no step matches; near: `{}`", near.join("`, `")),
                Matches::Several(all) => format!("several steps match: `{}`", all.join("`, `")),
            };
            wrong += 1;
            if !list {
                let place = step.location;
                text += &format!("{}:{}: {}: {problem}\n", pickle.uri, place.line, step.text);
            }
        }
    }
    if !list {
        let scenarios = counted(dry.scenarios.len(), "scenario");
        text += &format!("{scenarios}, {}: ", counted(steps, "step"));
        let count: usize = pending.values().sum();
        let needs: Vec<String> =
            pending.iter().map(|(needs, n)| format!("{n} need {needs}")).collect();
        let needs =
            if needs.is_empty() { String::new() } else { format!(" ({})", needs.join(", ")) };
        text += &format!("{wrong} undefined or ambiguous, {count} pending{needs}\n");
    }
    print(&text)?;
    anyhow::ensure!(dry.syntax_errors.is_empty(), "some feature files could not be read");
    Ok(if wrong == 0 || list { Answer::Yes } else { Answer::No })
}
