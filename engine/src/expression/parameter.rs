//! Parameter types: what may stand in the braces of a Cucumber Expression.

/// What one kind of parameter matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterType {
    /// What stands in the braces.
    pub name: String,
    /// Each of them alone is enough.
    pub regexes: Vec<String>,
    /// Whether suggestions for undefined steps use it.
    pub is_suggested: bool,
}

impl ParameterType {
    /// One regular expression that matches what any of them does.
    pub(super) fn alternatives(&self) -> String {
        match self.regexes.as_slice() {
            [one] => one.clone(),
            several => {
                let each: Vec<String> = several.iter().map(|it| format!("(?:{it})")).collect();
                each.join("|")
            }
        }
    }
}

/// The parameter types that expressions may name.
#[derive(Debug, Clone)]
pub struct ParameterTypes(Vec<ParameterType>);

/// Name, expression, and whether suggestions use it.
///
/// The float of the original looks ahead, which our regular expressions cannot; this one matches the
/// same numbers. The groups inside `string` are those of the original, because messages show them.
const BUILT_IN: &[(&str, &str, bool)] = &[
    ("int", r"-?\d+", true),
    ("float", FLOAT, true),
    ("string", r#""([^"\\]*(\\.[^"\\]*)*)"|'([^'\\]*(\\.[^'\\]*)*)'"#, true),
    ("word", r"[^\s]+", false),
    ("", r".*", false),
    ("byte", r"-?\d+", false),
    ("short", r"-?\d+", false),
    ("long", r"-?\d+", false),
    ("biginteger", r"-?\d+", false),
    ("double", FLOAT, false),
    ("bigdecimal", FLOAT, false),
];

const FLOAT: &str = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:E[-+]?\d+)?";

impl Default for ParameterTypes {
    fn default() -> Self {
        let built_in = BUILT_IN.iter().map(|(name, regex, is_suggested)| ParameterType {
            name: (*name).to_owned(),
            regexes: vec![(*regex).to_owned()],
            is_suggested: *is_suggested,
        });
        Self(built_in.collect())
    }
}

impl ParameterTypes {
    /// The one of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ParameterType> {
        self.0.iter().find(|it| it.name == name)
    }

    /// A further one; says no where the name is taken.
    pub(crate) fn add(&mut self, one: ParameterType) -> bool {
        let is_new = self.get(&one.name).is_none();
        if is_new {
            self.0.push(one);
        }
        is_new
    }

    /// Those that suggestions use.
    pub(super) fn suggested(&self) -> impl Iterator<Item = &ParameterType> {
        self.0.iter().filter(|it| it.is_suggested)
    }
}
