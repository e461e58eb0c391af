//! Templates into pages: the embedded ones, and a user's directory that overrides them file by file.
//!
//! Knows no page kind; a view names its template itself.

use std::{
    io,
    path::{Path, PathBuf},
};

use include_dir::{Dir, include_dir};
use tera::{Context, Kwargs, State, Tera, Value};

use super::{
    escape::{escape, markdown_cell, script_json},
    view::Page,
};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The files that a browser gets besides pages, by their path below `assets/`.
pub static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/site/assets");

/// Renders views.
pub struct Engine {
    tera: Tera,
}

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A user's template cannot be read.
    #[error("{path}: cannot read the template: {source}")]
    Read {
        /// The template.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A template is wrong, or does not fit its view; says where.
    #[error("template: {0}")]
    Template(#[from] tera::Error),
}

impl Engine {
    /// Loads the templates; those in `overrides` go before the embedded ones of the same path.
    ///
    /// # Errors
    /// Fails where a user's template cannot be read or parsed.
    pub fn new(overrides: Option<&Path>) -> Result<Self, EngineError> {
        let mut tera = Tera::default();
        tera.autoescape_on([".html", ".xml", ".svg"]);
        tera.set_escape_fn(|text, out| out.write_all(escape(text).as_bytes()));
        tera.register_filter("json", json);
        tera.register_filter("markdown_cell", cell);
        let mut templates = Vec::new();
        collect_embedded(&EMBEDDED, &mut templates);
        if let Some(folder) = overrides {
            override_from(folder, &mut templates)?;
        }
        tera.add_raw_templates(templates)?;
        Ok(Self { tera })
    }

    /// The page that a view describes.
    ///
    /// # Errors
    /// Fails where a user's template asks for what the view does not have.
    pub fn page<P: Page>(&self, page: &P) -> Result<String, EngineError> {
        let context = Context::from_serialize(page)?;
        Ok(self.tera.render(P::TEMPLATE, &context)?)
    }
}

fn collect_embedded(folder: &Dir<'_>, templates: &mut Vec<(String, String)>) {
    for file in folder.files() {
        let name = file.path().to_string_lossy().replace('\\', "/");
        templates.push((name, String::from_utf8_lossy(file.contents()).into_owned()));
    }
    for inner in folder.dirs() {
        collect_embedded(inner, templates);
    }
}

/// Puts a user's templates in the place of those of the same path, and new ones behind them.
fn override_from(folder: &Path, templates: &mut Vec<(String, String)>) -> Result<(), EngineError> {
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| EngineError::Read {
            path: error.path().unwrap_or(folder).to_owned(),
            source: error.into(),
        })?;
        let path = entry.path();
        // What editors and systems leave beside templates is none.
        if !entry.file_type().is_file() || path.extension().is_none_or(|it| it != "html") {
            continue;
        }
        let text = std::fs::read_to_string(path)
            .map_err(|source| EngineError::Read { path: path.to_owned(), source })?;
        let inner = path.strip_prefix(folder).unwrap_or(path);
        let name = inner.to_string_lossy().replace('\\', "/");
        match templates.iter_mut().find(|it| it.0 == name) {
            Some(template) => template.1 = text,
            None => templates.push((name, text)),
        }
    }
    Ok(())
}

fn json(value: &Value, _: Kwargs, _: &State) -> Result<Value, tera::Error> {
    script_json(value)
        .map(|json| Value::safe_string(&json))
        .map_err(|error| tera::Error::message(format!("not JSON: {error}")))
}

fn cell(text: &str, _: Kwargs, _: &State) -> Value {
    Value::safe_string(&markdown_cell(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_of_the_user_goes_before_ours() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("404.html"), "{{ shell.title }}!").expect("written");
        std::fs::write(folder.path().join(".swp"), b"\xff").expect("written");
        let engine = Engine::new(Some(folder.path())).expect("templates");
        let page = crate::render::look::not_found();
        assert_eq!(engine.page(&page).expect("a page"), "Not here!");
    }
}
