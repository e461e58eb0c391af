//! What is wrong with a file of rules.

use lkreport_engine::version::rules;

use super::{Finding, features::offset};

/// The first error of a file of rules, also where a file that was read `earlier` has one of its ids.
pub(super) fn check(earlier: &[(String, String)], name: &str, text: &str) -> Vec<Finding> {
    let earlier = earlier.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let fault = rules::read(earlier.chain([(name, text)])).err();
    let finding = |it: lkreport_engine::version::Fault| {
        let start = offset(text, it.line, it.column);
        let line = text[start..].lines().next().unwrap_or_default();
        Finding { message: it.message, span: start..start + line.trim_end().len() }
    };
    fault.map(finding).into_iter().collect()
}
