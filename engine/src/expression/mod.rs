//! What texts a step matches, and the arguments it takes from them.
//!
//! The crate `cucumber-expressions` reads Cucumber Expressions; this room turns them into regular
//! expressions, because the groups inside a parameter belong to the messages.

mod parameter;
mod suggest;

use std::fmt::Write as _;

use cucumber_expressions::{Alternative, Expression as Parsed, SingleExpression};
use regex::{Captures, Regex};
use regex_syntax::hir::{Hir, HirKind};

pub use self::parameter::{ParameterType, ParameterTypes};
pub(crate) use self::suggest::{nearest, suggestions};
use crate::messages::{Group, MatchArgument, Pattern, PatternKind};

/// What texts a step matches.
#[derive(Debug, Clone)]
pub struct Expression {
    /// As it was registered.
    pub pattern: Pattern,
    /// What every text that matches holds; among hundreds of steps it rules out nearly all at once.
    literal: String,
    regex: Regex,
    /// The groups that are arguments, with those inside them.
    groups: Vec<Shape>,
    /// The parameter type of each argument; none in regular expressions.
    types: Vec<String>,
}

/// Which group of the regular expression it is, and those inside it.
#[derive(Debug, Clone)]
struct Shape {
    index: usize,
    children: Vec<Self>,
}

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It names parameter types that nobody defined.
    #[error("no parameter type is named `{}`", names.join("`, `"))]
    UndefinedTypes {
        /// Their names.
        names: Vec<String>,
    },
    /// It breaks the rules of its language.
    #[error("{0}")]
    Invalid(String),
}

impl Expression {
    /// Reads a Cucumber Expression, such as `I have {int} cucumber(s)`.
    ///
    /// # Errors
    ///
    /// When it breaks the rules of the language, or names a parameter type that `types` lacks.
    pub fn cucumber(source: &str, types: &ParameterTypes) -> Result<Self, ExpressionError> {
        let parsed = Parsed::parse(source);
        let parsed = parsed.map_err(|it| ExpressionError::Invalid(it.to_string()))?;
        let (mut regex, mut names, mut undefined) = ("^".to_owned(), Vec::new(), Vec::new());
        let (mut run, mut longest) = (String::new(), String::new());
        for part in parsed.iter() {
            if let SingleExpression::Text(it) | SingleExpression::Whitespaces(it) = part {
                run += &unescaped(it);
            } else {
                run.clear();
            }
            if run.len() > longest.len() {
                longest.clone_from(&run);
            }
            match part {
                SingleExpression::Text(it) | SingleExpression::Whitespaces(it) => {
                    regex += &literal(it);
                }
                SingleExpression::Optional(it) => _ = write!(regex, "(?:{})?", literal(it)),
                SingleExpression::Alternation(it) => {
                    let either: Vec<String> = it.iter().map(|it| alternative(it)).collect();
                    _ = write!(regex, "(?:{})", either.join("|"));
                }
                SingleExpression::Parameter(it) => match types.get(it) {
                    Some(found) => {
                        _ = write!(regex, "({})", found.alternatives());
                        names.push(found.name.clone());
                    }
                    None => undefined.push((**it).to_string()),
                },
            }
        }
        if !undefined.is_empty() {
            return Err(ExpressionError::UndefinedTypes { names: undefined });
        }
        let expression = Self::new(PatternKind::CucumberExpression, source, &(regex + "$"), names)?;
        Ok(Self { literal: longest, ..expression })
    }

    /// Reads a regular expression; its outermost groups are the arguments.
    ///
    /// # Errors
    ///
    /// When the crate `regex` cannot read it.
    pub fn regular(source: &str) -> Result<Self, ExpressionError> {
        Self::new(PatternKind::RegularExpression, source, source, Vec::new())
    }

    fn new(
        kind: PatternKind,
        source: &str,
        regex: &str,
        types: Vec<String>,
    ) -> Result<Self, ExpressionError> {
        let invalid = |it: &dyn std::error::Error| ExpressionError::Invalid(it.to_string());
        let mut groups = Vec::new();
        shapes(&regex_syntax::parse(regex).map_err(|it| invalid(&it))?, &mut groups);
        let regex = Regex::new(regex).map_err(|it| invalid(&it))?;
        let (pattern, literal) = (Pattern { kind, source: source.to_owned() }, String::new());
        Ok(Self { pattern, literal, regex, groups, types })
    }

    /// The arguments that `text` holds, where it matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> Option<Vec<MatchArgument>> {
        if !text.contains(&self.literal) {
            return None;
        }
        let found = self.regex.captures(text)?;
        let argument = |(n, shape): (usize, &Shape)| MatchArgument {
            group: group(shape, &found, text),
            parameter_type_name: self.types.get(n).filter(|it| !it.is_empty()).cloned(),
        };
        Some(self.groups.iter().enumerate().map(argument).collect())
    }
}

/// The text of an expression as a regular expression.
fn literal(text: &str) -> String {
    regex::escape(&unescaped(text))
}

/// The text of an expression without its escapes.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    plain
}

fn alternative(parts: &[Alternative<cucumber_expressions::Spanned<'_>>]) -> String {
    let part = |it: &Alternative<cucumber_expressions::Spanned<'_>>| match it {
        Alternative::Text(it) => literal(it),
        Alternative::Optional(it) => format!("(?:{})?", literal(it)),
    };
    parts.iter().map(part).collect()
}

/// The outermost groups of a regular expression, in its order.
fn shapes(hir: &Hir, into: &mut Vec<Shape>) {
    match hir.kind() {
        HirKind::Capture(it) => {
            let mut children = Vec::new();
            shapes(&it.sub, &mut children);
            into.push(Shape { index: it.index as usize, children });
        }
        HirKind::Repetition(it) => shapes(&it.sub, into),
        HirKind::Concat(all) | HirKind::Alternation(all) => {
            all.iter().for_each(|it| shapes(it, into));
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

fn group(shape: &Shape, found: &Captures<'_>, text: &str) -> Group {
    let own = found.get(shape.index);
    Group {
        start: own.map(|it| text[..it.start()].chars().count()),
        value: own.map(|it| it.as_str().to_owned()),
        children: shape.children.iter().map(|it| group(it, found, text)).collect(),
    }
}
