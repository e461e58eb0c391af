//! Versions and ranges mean what people mean by them.

use std::collections::BTreeMap;

use lkreport_engine::version::{Combination, Range, Version};
use proptest::prelude::*;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn range(text: &str) -> Range {
    text.parse().unwrap()
}

#[test]
fn a_version_is_shown_as_asked_for_and_compared_by_meaning() {
    for (asked, shown) in
        [("v1.8.4", "1.8.4"), ("1.9", "1.9"), (" 7 ", "7"), ("V1.9.0-rc1", "1.9.0-rc1")]
    {
        assert_eq!(version(asked).to_string(), shown);
    }
    assert_eq!(version("1.9"), version("v1.9.0"));
    let mut several = ["1.10.1", "1.9.0", "2024.1.02", "1.9.0-rc1", "1.9.11"].map(version);
    several.sort();
    let shown = several.map(|it| it.to_string());
    assert_eq!(shown, ["1.9.0-rc1", "1.9.0", "1.9.11", "1.10.1", "2024.1.02"]);
}

#[test]
fn what_is_no_version_is_named() {
    for text in
        ["", "v", "latest", "1.", ".1", "1..2", "1.2.3.4", "1.9-", "+1", "1.9.0-a_b", "1.-2"]
    {
        let error = text.parse::<Version>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{text}` is no version")), "{error}");
    }
}

#[test]
fn a_range_holds_what_all_its_comparisons_hold() {
    let holds = |range_: &str, it: &str| range(range_).holds(&version(it));
    assert!(holds(">=1.5.0, <1.5.2", "1.5.1"));
    assert!(!holds(">=1.5.0, <1.5.2", "1.5.2"));
    assert!(holds("=1.9.10", "v1.9.10"));
    assert!(holds("*", "0.1"));
}

#[test]
fn a_pre_release_stands_before_its_release() {
    let holds = |range_: &str, it: &str| range(range_).holds(&version(it));
    assert!(holds(">=1.8.0", "1.9.0-rc1"));
    assert!(!holds(">=1.9.0", "1.9.0-rc1"));
    assert!(holds("<1.9.0", "1.9.0-rc1"));
    assert!(!holds("=1.9.0", "1.9.0-rc1"));
    assert!(holds("1.9", "1.9.0-rc1"));
}

#[test]
fn what_is_no_range_is_named() {
    let error = ">=1.5.0 and 2".parse::<Range>().unwrap_err().to_string();
    assert!(error.starts_with("`>=1.5.0 and 2` is no range of versions ("), "{error}");
}

#[test]
fn a_combination_is_named_by_its_sorted_components() {
    let versions = [("livekit", "v1.8.4"), ("client-js", "2.18.1")];
    let versions = versions.map(|(name, it)| (name.to_owned(), version(it)));
    let combination = Combination::new(BTreeMap::from(versions));
    assert_eq!(combination.id(), "client-js-2.18.1_livekit-1.8.4");
    assert_eq!(combination.to_string(), "client-js 2.18.1, livekit 1.8.4");
}

proptest! {
    #[test]
    fn numbers_are_compared_by_value(a in any::<[u16; 3]>(), b in any::<[u16; 3]>()) {
        let text = |[x, y, z]: [u16; 3]| version(&format!("v{x}.{y}.{z}"));
        prop_assert_eq!(text(a).cmp(&text(b)), a.cmp(&b));
    }

    #[test]
    fn a_pre_release_is_less_than_its_release(a in any::<[u16; 3]>(), pre in "[a-z][a-z0-9]{0,5}") {
        let [x, y, z] = a;
        let release = version(&format!("{x}.{y}.{z}"));
        let before = version(&format!("{x}.{y}.{z}-{pre}"));
        prop_assert!(before < release);
    }

    #[test]
    fn any_text_is_a_version_that_reads_as_itself_or_an_error(text in "\\PC{0,12}|[v0-9.\\-+rc]{0,12}") {
        if let Ok(read) = text.parse::<Version>() {
            prop_assert_eq!(version(&read.to_string()), read);
        }
    }
}
