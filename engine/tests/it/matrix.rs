//! A matrix: only what is listed runs, and whatever is wrong is found before anything starts.

use lkreport_engine::version::matrix::Matrix;
use proptest::prelude::*;

fn ids(text: &str) -> Vec<String> {
    let matrix = Matrix::read("matrix.yaml", text).unwrap();
    matrix.combinations().iter().map(|it| it.id()).collect()
}

fn fault(text: &str) -> String {
    Matrix::read("matrix.yaml", text).unwrap_err().to_string()
}

#[test]
fn explicit_combinations_are_taken_as_they_stand() {
    let text = "combinations:\n  - {livekit: v1.10, client-js: 2.18.1}\n  - {livekit: 1.8.4}\n";
    assert_eq!(ids(text), ["client-js-2.18.1_livekit-1.10", "livekit-1.8.4"]);
}

#[test]
fn json_is_as_good() {
    let text =
        r#"{"components": {"livekit": ["1.8.4", "1.11.0"]}, "include": [{"livekit": "1.5.3"}]}"#;
    assert_eq!(ids(text), ["livekit-1.8.4", "livekit-1.11.0", "livekit-1.5.3"]);
}

#[test]
fn components_are_combined_each_with_each() {
    let text = "components:\n  livekit: [1.8.4, 1.11.0]\n  egress: [1.10.0, 1.12.0]\n\
                exclude: [{livekit: 1.8.4, egress: 1.12.0}]\n\
                include: [{livekit: 1.13.5, egress: 1.14.0}]\n";
    let expected = [
        "egress-1.10.0_livekit-1.8.4",
        "egress-1.10.0_livekit-1.11.0",
        "egress-1.12.0_livekit-1.11.0",
        "egress-1.14.0_livekit-1.13.5",
    ];
    assert_eq!(ids(text), expected);
}

#[test]
fn a_diagonal_takes_the_nth_with_the_nth_and_a_single_one_with_all() {
    let text = "mode: diagonal\ncomponents:\n  livekit: [1.8.4, 1.11.0]\n  egress: [1.10.0, 1.12.0]\n  redis: [7.2]\n";
    let expected =
        ["egress-1.10.0_livekit-1.8.4_redis-7.2", "egress-1.12.0_livekit-1.11.0_redis-7.2"];
    assert_eq!(ids(text), expected);
}

#[test]
fn a_fault_is_shown_with_its_place() {
    let text = "combinations:\n  - {livekit: 1.8.4}\n  - {livekit: 1.8.4}\n";
    let expected =
        "matrix.yaml:3:5: livekit 1.8.4 stands there twice\n  |   - {livekit: 1.8.4}\n  |     ^";
    assert_eq!(fault(text), expected);
}

#[test]
fn of_a_long_line_only_the_place_is_shown() {
    let many = r#"{"livekit": "1.8.4"}, "#.repeat(5000);
    let found = fault(&format!(r#"{{"combinations": [{many} {{"livekit": "newest"}}]}}"#));
    assert!(found.starts_with("matrix.yaml:1:110032: `newest` is no version"), "{found}");
    let [_, excerpt, caret] = found.lines().collect::<Vec<_>>()[..] else { panic!("{found}") };
    assert!(excerpt.ends_with(r#"{"livekit": "newest"}]}"#), "{found}");
    assert_eq!(excerpt.find(r#""newest"#), caret.find('^'), "{found}");
}

#[test]
fn a_fault_cannot_steer_a_terminal() {
    let named = fault("combinations:\n  - {livekit: \"\\e[2J\"}\t# \u{202e}\n");
    assert!(named.contains("[2J` is no version"), "{named}");
    assert!(!named.contains(['\u{1b}', '\t', '\u{202e}']), "{named:?}");
    let shown = fault("combinations:\n  - {livekit: newest} # \u{1b}[2J\n");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn a_name_of_no_component_is_answered_with_the_known_ones() {
    let error = |name: &str| format!("{name}=1.8.4").parse::<Matrix>().unwrap_err().to_string();
    let expected = "no component is named `livkit`; known are agents, client-js, components-react, \
                    egress, ingress, livekit, lk, minio, postgres, redis, sip, and any `sdk-…`; \
                    did you mean `livekit`?";
    assert_eq!(error("livkit"), expected);
    assert_eq!("sdk-go=1.0.5".parse::<Matrix>().unwrap().to_string(), "sdk-go 1.0.5\n");
    for wrong in ["sdk-", "sdk-Go", "", "sdk-a_b", "chromium"] {
        assert!(error(wrong).starts_with(&format!("no component is named `{wrong}`")));
        assert!(!error(wrong).contains("did you mean"));
    }
}

#[test]
fn whatever_is_wrong_is_named() {
    let wrong = [
        ("combinations:\n  - {livkit: 1.8.4}\n", 2, "no component is named `livkit`"),
        ("combinations:\n  - {livekit: newest}\n", 2, "`newest` is no version"),
        ("combinations:\n  - livekit: 1.8.4\n    livekit: 1.9.0\n", 3, "duplicate"),
        ("combinations:\n  - {}\n", 2, "a combination without components"),
        ("combination:\n  - {livekit: 1.8.4}\n", 1, "combination"),
        ("components:\n  livekit: [1.9, 1.8.4, 1.9.0]\n", 2, "livekit 1.9.0 stands there twice"),
        ("components:\n  livekit: []\n", 2, "livekit has no version"),
        ("components:\n  livekit: 1.8.4\n", 2, ""),
        ("components: {livekit: [1.8.4]}\nmode: diagonale\n", 2, "diagonale"),
        (
            "components: {livekit: [1.8.4]}\nexclude:\n  - {livekit: 1.9.0}\n",
            3,
            "nothing to exclude has livekit 1.9.0",
        ),
        (
            "components: {livekit: [1.8.4]}\ninclude:\n  - {livekit: 1.8.4}\n",
            3,
            "stands there twice",
        ),
        ("combinations:\n  - [livekit\n", 0, ""),
        (
            "mode: diagonal\ncomponents:\n  livekit: [1, 2, 3]\n  egress: [1, 2]\n",
            4,
            "egress has 2 versions, a diagonal needs 1 or 3",
        ),
    ];
    for (text, line, message) in wrong {
        let found = Matrix::read("matrix.yaml", text).unwrap_err();
        assert!(found.message.contains(message), "{text}\n{found}");
        assert!(found.line == line || line == 0, "{text}\n{found}");
        assert!(found.line == 0 || found.column > 0, "{text}\n{found}");
    }
}

#[test]
fn a_matrix_without_a_combination_is_an_error() {
    for text in [
        "",
        "{}",
        "combinations: []",
        "components: {livekit: [1.8.4]}\nexclude: [{livekit: 1.8.4}]",
    ] {
        assert!(fault(text).starts_with("matrix.yaml"), "{text}");
    }
    assert_eq!(fault("{}"), "matrix.yaml: the matrix has no combination");
}

#[test]
fn too_many_combinations_are_a_mistake() {
    let versions: Vec<_> = (0..40).map(|it| format!("1.{it}.0")).collect();
    let list = versions.join(",");
    let error = format!("livekit={list};egress={list}").parse::<Matrix>().unwrap_err();
    assert_eq!(error.to_string(), "1600 combinations are more than 1000");
    let text = format!("components:\n  livekit: [{list}]\n  egress: [{list}]\n");
    assert!(fault(&text).contains("1600 combinations are more than 1000"));
}

#[test]
fn the_inline_form_combines_each_with_each() {
    let matrix: Matrix = "livekit=1.8.4,v1.11.0;egress=1.10.0".parse().unwrap();
    let shown = "egress 1.10.0, livekit 1.8.4\negress 1.10.0, livekit 1.11.0\n";
    assert_eq!(matrix.to_string(), shown);
}

#[test]
fn whatever_is_wrong_inline_is_named() {
    for (text, message) in [
        ("", "`` is not of the form"),
        ("livekit", "`livekit` is not of the form"),
        ("livekit=", "`livekit=` is not of the form"),
        ("livekit=1.8.4;", "`` is not of the form"),
        ("livekit=1.8.4,", "`` is no version"),
        ("livekit=1.8.4,v1.8.4", "`livekit=1.8.4` stands there twice"),
        ("livekit=1.8.4;livekit=1.9", "`livekit` stands there twice"),
        ("livkit=1.8.4", "no component is named `livkit`"),
    ] {
        let error = text.parse::<Matrix>().unwrap_err().to_string();
        assert!(error.starts_with(message), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn the_inline_form_says_the_same_as_the_file(
        livekit in prop::collection::btree_set((0u8..3, 0u8..20, 0u8..20), 1..4),
        egress in prop::collection::btree_set((0u8..3, 0u8..20, 0u8..20), 1..4),
    ) {
        let list = |it: std::collections::BTreeSet<(u8, u8, u8)>| {
            let texts: Vec<_> = it.iter().map(|(a, b, c)| format!("{a}.{b}.{c}")).collect();
            texts.join(", ")
        };
        let (livekit, egress) = (list(livekit), list(egress));
        let inline: Matrix = format!("livekit={livekit}; egress={egress}").parse().unwrap();
        let text = format!("components: {{livekit: [{livekit}], egress: [{egress}]}}");
        prop_assert_eq!(inline, Matrix::read("m", &text).unwrap());
    }

    #[test]
    fn no_text_brings_it_down(text in "\\PC{0,30}|[a-z=,;.0-9\\- {}:\\[\\]\n]{0,40}") {
        // What matters is that both come back.
        let inline = text.parse::<Matrix>().map(|it| it.combinations().len());
        let file = Matrix::read("m", &text).map(|it| it.combinations().len());
        prop_assert!(inline.unwrap_or(1) > 0 && file.unwrap_or(1) > 0);
    }
}
