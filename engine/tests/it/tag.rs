//! Tag expressions, after the test data of Cucumber's own parser.

use lkreport_engine::tag::TagExpression;

fn holds(expression: &str, tags: &str) -> bool {
    let expression: TagExpression = expression.parse().unwrap();
    expression.holds(tags.split(' ').filter(|it| !it.is_empty()))
}

#[test]
fn expressions_hold_as_the_grammar_says() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("", &["", "@a"], &[]),
        ("@a and @b", &["@a @b", "@b @a @c"], &["", "@a", "@b", "@aa @b"]),
        ("@a or @b", &["@a", "@b", "@a @b"], &["", "@c"]),
        ("not @a", &["", "@b"], &["@a", "@a @b"]),
        ("not @a or @b", &["", "@b", "@a @b"], &["@a"]),
        ("not (@a or @b)", &["", "@c"], &["@a", "@b"]),
        ("@a or @b and @c", &["@a", "@b @c"], &["@b", "@c"]),
        ("(@a or @b) and @c", &["@a @c", "@b @c"], &["@a", "@c"]),
        ("not not @a", &["@a"], &[""]),
        ("not @a and not @b", &["", "@c"], &["@a", "@b"]),
        (r"@x\(1\) or @y\ z", &["@x(1)"], &["@x", "@y"]),
        (r"not\\", &[r"not\"], &[""]),
        ("((@a))", &["@a"], &["@b"]),
        ("@and and @or", &["@and @or"], &["@and"]),
    ];
    for (expression, yes, no) in table {
        for tags in *yes {
            assert!(holds(expression, tags), "`{expression}` holds for `{tags}`");
        }
        for tags in *no {
            assert!(!holds(expression, tags), "`{expression}` does not hold for `{tags}`");
        }
    }
}

#[test]
fn what_is_no_expression_is_said_to_be_none() {
    let deep = "(".repeat(100_000);
    let table = [
        ("@a @b", "`@a @b`: expected `and` or `or`, found `@b`"),
        ("@a and", "`@a and`: it ends where a tag was expected"),
        ("or @a", "`or @a`: expected a tag, found `or`"),
        ("(@a", "`(@a`: a `(` is never closed"),
        ("@a)", "`@a)`: expected `and` or `or`, found `)`"),
        ("()", "`()`: expected a tag, found `)`"),
        (r"@a\b", r"`@a\b`: `\` may not stand before `b`"),
        (r"@a\", r"`@a\`: it ends with a `\`"),
    ];
    for (expression, error) in table {
        assert_eq!(expression.parse::<TagExpression>().unwrap_err().to_string(), error);
    }
    let error = deep.parse::<TagExpression>().unwrap_err().to_string();
    assert!(error.ends_with("it is nested too deeply"));
}
