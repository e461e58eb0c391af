//! A feature of the report, and the cases that its elements make.

use std::{collections::HashMap, mem, sync::Arc};

use super::{
    super::{
        Ingested, Intake,
        cucumber::{Ending, feature_path},
    },
    Reading, example,
    pull::{Json, Result},
    scenario::{self, Element},
    step::Part,
};
use crate::model::{Attempt, Case};

/// What a feature says of itself, whose fields come in any order.
#[derive(Default)]
struct Feature {
    uri: String,
    name: String,
    id: String,
    tags: Vec<String>,
    scenarios: Vec<Scenario>,
    open: Option<Open>,
}

/// A scenario whose background may still come, as cucumber-rs writes it.
struct Open {
    element: Element,
    background: Vec<Part>,
    ending: Ending,
}

/// A scenario that waits for its siblings and for the name of its feature.
struct Scenario {
    id: String,
    line: u64,
    rule: Option<Box<str>>,
    name: Box<str>,
    tags: Vec<String>,
    attempts: Vec<Attempt>,
    steps: Vec<example::StepText>,
}

/// Takes a feature; what came before damage is kept.
pub(super) fn read(
    json: &mut Json<'_>,
    into: &mut Ingested,
    reading: &mut Reading<'_, '_>,
) -> Result<()> {
    let line = json.line;
    let mut feature = Feature::default();
    let mut background = Vec::new();
    let result = json.fields(|json, key| {
        match key {
            "uri" => feature.uri = json.text()?,
            "name" => feature.name = json.text()?,
            "id" => feature.id = json.text()?,
            "tags" => feature.tags = scenario::tags(json)?,
            "location" => {
                let location = json.text()?;
                if feature.uri.is_empty() {
                    feature.uri = location;
                }
            }
            "metadata" => metadata(json, into, reading.intake)?,
            "elements" => json.each(|json| {
                let mut element = Element::default();
                let result = scenario::read(json, &mut element, reading);
                let ending = if result.is_ok() { Ending::Finished } else { Ending::Cut };
                feature.take(element, ending, &mut background, reading.intake);
                result
            })?,
            _ => json.skip()?,
        }
        Ok(())
    });
    if matches!(result, Ok(false)) {
        into.problem(line, "a feature is not an object");
    }
    // A background without a scenario is in no case.
    into.said.failed_outside_cases |= background.iter().any(Part::is_failing);
    feature.finish(into, reading.intake);
    result.map(drop)
}

/// What multiple-cucumber-html-reporter lets people add: `{"browser": {"name": "chrome"}}`, or a list
/// of names and values.
fn metadata(json: &mut Json<'_>, into: &mut Ingested, intake: &mut Intake<'_>) -> Result<()> {
    json.each(|json| {
        let mut pairs: Vec<(String, String)> = Vec::new();
        json.fields(|json, key| {
            if json.peek()? != b'{' {
                pairs.push((key.to_owned(), json.text()?));
                return Ok(());
            }
            json.fields(|json, inner| {
                pairs.push((format!("{key}.{inner}"), json.text()?));
                Ok(())
            })
            .map(drop)
        })?;
        if let [(name_key, name), (value_key, value)] = pairs.as_slice()
            && (name_key.as_str(), value_key.as_str()) == ("name", "value")
        {
            pairs = vec![(name.clone(), value.clone())];
        }
        for (name, value) in pairs {
            let (name, value) = (intake.line(&name), intake.line(&value));
            into.said.properties.entry(name.into()).or_insert_with(|| value.into());
        }
        Ok(())
    })
}

impl Feature {
    /// Takes in an element; the steps of a background wait for the scenario that follows, unless they
    /// say that they belong to the one before.
    fn take(
        &mut self,
        element: Element,
        ending: Ending,
        background: &mut Vec<Part>,
        intake: &mut Intake<'_>,
    ) {
        if element.is_background() {
            let open = self.open.as_mut().filter(|it| element.is_background_of(&it.element));
            let belongs_to = open.map_or(background, |it| &mut it.background);
            // behave lists the steps of a background once more in each scenario, and only there with results.
            belongs_to.extend(element.into_parts().filter(Part::has_result));
            return;
        }
        self.settle(intake);
        // A scenario that was cut off before its name was read is nobody's.
        if ending == Ending::Cut && element.name.is_empty() {
            return;
        }
        self.open = Some(Open { element, background: mem::take(background), ending });
    }

    /// Ends the scenario that is open.
    fn settle(&mut self, intake: &mut Intake<'_>) {
        let Some(Open { element, background, ending }) = self.open.take() else { return };
        let (rule, name) = rule_and_name(&element.id, &element.name)
            .map_or((None, element.name.as_str()), |(rule, name)| (Some(rule), name));
        self.scenarios.push(Scenario {
            id: element.id.clone(),
            line: element.line,
            rule: rule.map(|it| intake.line(it)),
            name: intake.line(without_row(name)),
            tags: element.tags.clone(),
            steps: element.steps.iter().filter_map(Part::step_text).collect(),
            attempts: element.attempts(background, ending, intake),
        });
    }

    fn finish(mut self, into: &mut Ingested, intake: &mut Intake<'_>) {
        self.settle(intake);
        let examples = self.examples();
        let path = self.path(intake);
        let name = Some(self.name.as_str()).filter(|it| !it.is_empty());
        let name: Option<Arc<str>> = name.map(|it| intake.line(it).into());
        let mut tag_sets: HashMap<Vec<String>, Arc<[Arc<str>]>> = HashMap::new();
        for (scenario, example) in mem::take(&mut self.scenarios).into_iter().zip(examples) {
            let rule = self.rule(&scenario).map(|it| intake.line(it).into());
            let tags = tag_sets.entry(scenario.tags).or_insert_with_key(|own| {
                let mut tags: Vec<&String> = self.tags.iter().chain(own).collect();
                let mut seen = std::collections::HashSet::new();
                tags.retain(|it| seen.insert(*it));
                tags.into_iter().map(|it| intake.line(it).into()).collect()
            });
            into.push(Case {
                path: Arc::clone(&path),
                feature: name.clone(),
                rule,
                name: scenario.name,
                example: example.iter().map(|it| intake.line(it)).collect(),
                tags: Arc::clone(tags),
                attempts: scenario.attempts,
                measured: None,
            });
        }
    }

    /// The path of the file; where cucumber-jvm is cut off before it, what the ids say of the feature.
    fn path(&self, intake: &mut Intake<'_>) -> Arc<[Arc<str>]> {
        let path = feature_path(&self.uri);
        let ids = self.scenarios.iter().map(|it| it.id.split(';').next().unwrap_or_default());
        let named = [path.as_str(), &self.name, &self.id].into_iter().chain(ids);
        let path = named.into_iter().find(|it| !it.is_empty()).unwrap_or("feature without a name");
        [Arc::from(intake.line(path))].into()
    }

    /// The rule, which only the id tells: `feature;rule;scenario`.
    fn rule<'a>(&self, scenario: &'a Scenario) -> Option<&'a str> {
        if let Some(rule) = &scenario.rule {
            return Some(rule);
        }
        let mut parts = scenario.id.split(';');
        let is_feature = same_id(parts.next()?, &self.name);
        let (rule, name) = (parts.next()?, parts.next()?);
        let is_rule = is_feature && !same_id(rule, &scenario.name) && same_id(name, &scenario.name);
        (is_rule && !rule.is_empty()).then_some(rule)
    }

    /// The values that tell scenarios of one name apart, for each of them.
    fn examples(&self) -> Vec<Vec<String>> {
        let mut groups: HashMap<(Option<&str>, &str), Vec<usize>> = HashMap::new();
        for (place, scenario) in self.scenarios.iter().enumerate() {
            groups.entry((self.rule(scenario), &scenario.name)).or_default().push(place);
        }
        let mut examples = vec![Vec::new(); self.scenarios.len()];
        for places in groups.into_values().filter(|it| it.len() > 1) {
            let siblings: Vec<example::Sibling<'_>> = places
                .iter()
                .map(|it| &self.scenarios[*it])
                .map(|it| example::Sibling { id: &it.id, line: it.line, steps: &it.steps })
                .collect();
            for (place, values) in places.iter().zip(example::tell_apart(&siblings)) {
                examples[*place] = values;
            }
        }
        examples
    }
}

/// cucumber-rs puts the rule in front of the name: of `Full Alice joins`, the id is `feature/full/alice-joins`.
fn rule_and_name<'n>(id: &str, name: &'n str) -> Option<(&'n str, &'n str)> {
    let letters = |it: &str| it.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "");
    let mut parts = id.rsplitn(3, '/').map(letters);
    let (scenario, rule) = (parts.next()?, parts.next()?);
    parts.next()?;
    let halves = name.match_indices(' ').map(|(at, _)| (&name[..at], &name[at + 1..]));
    halves.into_iter().find(|(first, rest)| letters(first) == rule && letters(rest) == scenario)
}

/// behave puts the place of an example's row behind the name: `Publish -- @1.2 codecs`.
fn without_row(name: &str) -> &str {
    let Some((title, row)) = name.rsplit_once(" -- @") else { return name };
    let place = row.split(' ').next().unwrap_or_default();
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let is_place =
        place.split_once('.').is_some_and(|(table, row)| is_number(table) && is_number(row));
    if is_place { title } else { name }
}

/// Whether an id is made of a name; each Cucumber replaces other letters by dashes.
fn same_id(id: &str, name: &str) -> bool {
    let plain = |it: &str| -> String {
        it.chars()
            .map(|c| if c.is_alphanumeric() { c } else { '-' })
            .collect::<String>()
            .to_lowercase()
    };
    plain(id) == plain(name)
}
