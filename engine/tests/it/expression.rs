//! Expressions: what they match, what they take, and what is said where none matches.

use lkreport_engine::{
    context::Context,
    error::StepResult,
    expression::{Expression, ExpressionError, ParameterTypes},
    registry::Registry,
    run::Options,
};

use crate::{of, run};

fn values(expression: &str, text: &str) -> Option<Vec<String>> {
    let expression = Expression::cucumber(expression, &ParameterTypes::default()).unwrap();
    let arguments = expression.matches(text)?;
    Some(arguments.into_iter().map(|it| it.group.value.unwrap()).collect())
}

#[test]
fn expressions_match_as_cucumber_wants_it() {
    let table: &[(&str, &str, Option<&[&str]>)] = &[
        ("{int} cuke(s)", "1 cuke", Some(&["1"])),
        ("{int} cuke(s)", "-22 cukes", Some(&["-22"])),
        ("{int} cuke(s)", "1 cukess", None),
        ("a/an {word}", "an apple", Some(&["apple"])),
        ("a/an {word}", "the apple", None),
        ("{string} and {string}", r#""a \"b\"" and 'c'"#, Some(&[r#""a \"b\"""#, "'c'"])),
        ("{float} s", ".5 s", Some(&[".5"])),
        ("{float} s", "-1.5E-3 s", Some(&["-1.5E-3"])),
        ("{} and all", "this and all", Some(&["this"])),
        (r"50% \(half\) \{x} a\/b.", "50% (half) {x} a/b.", Some(&[])),
        ("a.b", "axb", None),
    ];
    for (expression, text, expected) in table {
        let expected = expected.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(values(expression, text), expected, "`{expression}` and `{text}`");
    }
}

#[test]
fn places_of_arguments_count_characters() {
    let expression = Expression::cucumber("Zoë isst {int}", &ParameterTypes::default()).unwrap();
    assert_eq!(expression.matches("Zoë isst 3").unwrap()[0].group.start, Some(9));
}

#[test]
fn what_is_no_expression_is_said_to_be_none() {
    let types = ParameterTypes::default();
    let undefined = Expression::cucumber("{colour} and {size}", &types).unwrap_err();
    let names = vec!["colour".to_owned(), "size".to_owned()];
    assert_eq!(undefined, ExpressionError::UndefinedTypes { names });
    for source in ["{int", "(a", "a (b(c))"] {
        let error = Expression::cucumber(source, &types).unwrap_err();
        assert!(matches!(error, ExpressionError::Invalid(_)), "`{source}`: {error}");
    }
    assert!(matches!(Expression::regular("(").unwrap_err(), ExpressionError::Invalid(_)));
}

async fn nothing(_: &mut (), _: Context) -> StepResult {
    Ok(())
}

#[tokio::test]
async fn an_undefined_step_names_the_nearest_and_an_ambiguous_one_all() {
    let mut registry = Registry::new(|| ());
    registry.step("a room {string} exists", nothing).step("the server stops", nothing);
    registry.step_regex("^two (.*)$", nothing).step_regex("^(.*) of them$", nothing);
    let feature = "Feature: F\n  Scenario: S\n    Given a room \"x\" exist\n    And two of them\n";
    let (summary, envelopes) = run(registry, feature, Options::default()).await;
    let messages: Vec<&str> = summary.cases[0].attempts[0]
        .steps
        .iter()
        .map(|it| it.message.as_deref().unwrap())
        .collect();
    let undefined = "no step matches `a room \"x\" exist`; known: `a room {string} exists`";
    let ambiguous = "more than one step matches `two of them`: `^two (.*)$`, `^(.*) of them$`";
    assert_eq!(messages, [undefined, ambiguous]);
    let snippet = &of(&envelopes, "suggestion")[0]["snippets"][0]["code"];
    let begin = "// known: a room {string} exists\nregistry.step(\"a room {string} exist\", ";
    assert!(snippet.as_str().unwrap().starts_with(begin), "{snippet}");
    assert!(!summary.is_success());
}

#[tokio::test]
async fn a_faulty_registry_runs_nothing_and_says_where_the_fault_is() {
    let mut registry = Registry::new(|| ());
    registry.step("a (b", nothing).step("c", nothing);
    let feature = "Feature: F\n  Scenario: S\n    Given c\n";
    let (summary, envelopes) = run(registry, feature, Options::default()).await;
    let blocked = summary.blocked.unwrap();
    assert!(blocked.contains("expression.rs:") && blocked.contains("`a (b`"), "{blocked}");
    assert_eq!(of(&envelopes, "testRunFinished")[0]["message"], blocked);
    assert!(of(&envelopes, "testCaseStarted").is_empty());
}
