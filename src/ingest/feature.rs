//! Feature files, as the documents that they are.

use lkreport_contract::{
    gherkin,
    mask::{Masked, Masker},
};

use super::cucumber::feature_path;
use crate::model::{FeatureFile, Problem};

/// Reads a feature file that stands at `path`; `None` where it holds no feature.
///
/// # Errors
/// All that is wrong with it, each with its line.
pub fn read_feature(
    path: &str,
    bytes: &[u8],
    (masker, masked): (&Masker, &mut Masked),
) -> Result<Option<FeatureFile>, Vec<Problem>> {
    let Ok(text) = str::from_utf8(bytes) else {
        return Err(vec![Problem::of_file(path, "this is not UTF-8")]);
    };
    // Masked as a whole, so that no part of it can be forgotten; masks keep the lines.
    let text = masker.mask(text, masked);
    match gherkin::parse(&text) {
        Ok(document) => Ok(FeatureFile::new(feature_path(path), document)),
        Err(errors) => {
            let problem = |it: gherkin::SyntaxError| {
                Problem::at(
                    path,
                    it.place.line.into(),
                    format!("column {}: {}", it.place.column, it.message),
                )
            };
            Err(errors.into_iter().map(problem).collect())
        }
    }
}
