//! Which connections were measured for an attempt.

use crate::model::{AttemptName, Case, Connection, Metrics};

/// The connections that were measured for attempt `n` of `case`, counted from 0, by participant.
///
/// Those that name no attempt are left out: of which attempt they tell is known by their time alone.
pub fn connections<'a>(
    metrics: &'a Metrics,
    case: &'a Case,
    n: usize,
) -> impl Iterator<Item = (&'a str, &'a Connection)> {
    let belongs =
        move |label: &str| AttemptName::parse(label).is_some_and(|it| it.is_of(case, n + 1));
    metrics.connections.iter().filter_map(move |(name, it)| {
        let (who, label) = parts(name);
        label.filter(|label| belongs(label)).map(|_| (who, it))
    })
}

/// Whose a connection is, by its name `component/participant/attempt`, and of which attempt.
#[must_use]
pub fn parts(name: &str) -> (&str, Option<&str>) {
    let Some((component, rest)) = name.split_once('/') else { return (name, None) };
    match rest.rsplit_once('/') {
        Some((who, label)) if !who.is_empty() => (who, Some(label)),
        _ if rest.is_empty() => (component, None),
        _ => (rest, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_whose_and_of_which_attempt() {
        assert_eq!(parts("client-js/Ada/joins-1"), ("Ada", Some("joins-1")));
        assert_eq!(parts("client-js/team/Ada/joins-1"), ("team/Ada", Some("joins-1")));
        assert_eq!(parts("client-js/Ada"), ("Ada", None));
        assert_eq!(parts("client-js"), ("client-js", None));
    }
}
