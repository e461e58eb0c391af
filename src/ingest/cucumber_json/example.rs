//! The values of example rows, which Cucumber JSON does not hold.
//!
//! Scenarios of one name in one feature are the rows of an outline, or one scenario that was tried
//! again. Rows are told apart by what differs in their steps, never by their place: a row keeps its
//! identity when another is put above it.

use std::collections::HashMap;

/// What a step says and with which arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct StepText {
    /// The text without its keyword.
    pub(super) text: Box<str>,
    /// The arguments that the step definition took from the text.
    pub(super) arguments: Box<[Box<str>]>,
    /// Table or doc string.
    pub(super) block: Box<str>,
}

/// A scenario among others of its name.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Sibling<'a> {
    /// Its id in the report.
    pub(super) id: &'a str,
    /// Its line in the feature file.
    pub(super) line: u64,
    /// Its steps without hooks and background.
    pub(super) steps: &'a [StepText],
}

/// For each sibling the values that tell it from the others; the same for attempts at one scenario.
///
/// Where nothing differs but the place, the second and later ones get a number.
pub(super) fn tell_apart(siblings: &[Sibling<'_>]) -> Vec<Vec<String>> {
    let mut rows: Vec<&Sibling<'_>> = Vec::new();
    let mut row_of: HashMap<&Sibling<'_>, usize> = HashMap::new();
    for sibling in siblings {
        row_of.entry(sibling).or_insert_with(|| {
            rows.push(sibling);
            rows.len() - 1
        });
    }
    let steps: Vec<&[StepText]> = rows.iter().map(|it| it.steps).collect();
    let columns = columns(&steps);
    let mut seen: HashMap<Vec<String>, u32> = HashMap::new();
    let values: Vec<Vec<String>> = (0..rows.len())
        .map(|row| {
            let mut values: Vec<String> = columns.iter().map(|it| it[row].to_owned()).collect();
            let times = seen.entry(values.clone()).or_insert(0);
            *times += 1;
            if *times > 1 {
                values.push(format!("#{times}"));
            }
            values
        })
        .collect();
    siblings.iter().map(|it| values[row_of[it]].clone()).collect()
}

/// What differs between the rows, one column for each place that does.
fn columns<'a>(rows: &[&'a [StepText]]) -> Vec<Vec<&'a str>> {
    let count = rows[0].len();
    if rows.iter().any(|it| it.len() != count) {
        return Vec::new();
    }
    let mut columns = Vec::new();
    for place in 0..count {
        let steps: Vec<&StepText> = rows.iter().map(|it| &it[place]).collect();
        if differs(steps.iter().map(|it| &it.text)) {
            columns.extend(text_columns(&steps));
        }
        if differs(steps.iter().map(|it| &it.block)) {
            columns.push(steps.iter().map(|it| it.block.as_ref()).collect());
        }
    }
    // The same parameter may stand in several steps.
    let mut distinct: Vec<Vec<&str>> = Vec::new();
    for column in columns {
        if !distinct.contains(&column) {
            distinct.push(column);
        }
    }
    distinct
}

/// The arguments that differ, else the words that do, else the whole texts.
fn text_columns<'a>(steps: &[&'a StepText]) -> Vec<Vec<&'a str>> {
    let arguments =
        steps.iter().map(|it| it.arguments.iter().map(|it| bare(it)).collect()).collect();
    let words = steps.iter().map(|it| it.text.split_whitespace().map(bare).collect()).collect();
    let whole = || vec![steps.iter().map(|it| it.text.as_ref()).collect()];
    let found = [arguments, words].into_iter().map(differing).find(|it| !it.is_empty());
    found.unwrap_or_else(whole)
}

/// Of rows of equal length, the columns that differ.
fn differing(rows: Vec<Vec<&str>>) -> Vec<Vec<&str>> {
    let width = rows[0].len();
    if rows.iter().any(|it| it.len() != width) {
        return Vec::new();
    }
    let columns = (0..width).map(|place| rows.iter().map(|it| it[place]).collect::<Vec<_>>());
    columns.filter(|it| differs(it.iter())).collect()
}

/// A value without the quotes and commas that the step puts around it.
fn bare(text: &str) -> &str {
    text.trim_matches(['"', '\'', ',', ';'])
}

fn differs<T: PartialEq>(mut items: impl Iterator<Item = T>) -> bool {
    items.next().is_some_and(|first| items.any(|it| it != first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(texts: &[&str]) -> Vec<StepText> {
        let step = |text: &&str| {
            let (text, arguments) = text.split_once(" | ").unwrap_or((text, ""));
            let arguments = arguments.split_whitespace().map(Into::into).collect();
            StepText { text: text.into(), arguments, block: "".into() }
        };
        texts.iter().map(step).collect()
    }

    fn check(rows: &[(&str, u64, &[&str])], expected: &[&[&str]]) {
        let texts: Vec<Vec<StepText>> = rows.iter().map(|it| steps(it.2)).collect();
        let siblings: Vec<Sibling<'_>> = rows
            .iter()
            .zip(&texts)
            .map(|((id, line, _), steps)| Sibling { id, line: *line, steps })
            .collect();
        assert_eq!(tell_apart(&siblings), expected);
    }

    #[test]
    fn rows_are_told_apart_by_what_their_steps_say() {
        check(
            &[
                ("f;s;;2", 9, &["codec \"opus\" | \"opus\"", "2 people talk \"opus\""]),
                ("f;s;;3", 10, &["codec \"red\" | \"red\"", "3 people talk \"red\""]),
            ],
            &[&["opus", "2"], &["red", "3"]],
        );
        check(
            &[("f;s", 3, &["one two"]), ("f;s", 3, &["one or two"])],
            &[&["one two"], &["one or two"]],
        );
    }

    #[test]
    fn the_same_again_is_an_attempt_and_elsewhere_a_duplicate() {
        check(&[("f;s", 3, &["a"]), ("f;s", 3, &["a"]), ("f;s", 8, &["a"])], &[&[], &[], &["#2"]]);
    }
}
