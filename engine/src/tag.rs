//! Tag expressions: `@smoke and not (@slow or @wip)`.
//!
//! `not` binds tighter than `and`, and `and` tighter than `or`. A backslash before `(`, `)`, a blank
//! or a backslash makes it part of a tag. The empty expression holds for everything.

use std::{fmt, str::FromStr};

/// Which scenarios something is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagExpression {
    source: String,
    root: Node,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Any,
    Tag(String),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

/// Why a tag expression cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{source_text}`: {message}")]
pub struct TagError {
    source_text: String,
    message: String,
}

impl TagExpression {
    /// Whether it holds for something with these tags, each with its `@`.
    pub fn holds<'a>(&self, tags: impl Iterator<Item = &'a str> + Clone) -> bool {
        self.root.holds(&tags)
    }
}

impl Node {
    fn holds<'a>(&self, tags: &(impl Iterator<Item = &'a str> + Clone)) -> bool {
        match self {
            Self::Any => true,
            Self::Tag(name) => tags.clone().any(|it| it == name),
            Self::Not(it) => !it.holds(tags),
            Self::And(left, right) => left.holds(tags) && right.holds(tags),
            Self::Or(left, right) => left.holds(tags) || right.holds(tags),
        }
    }
}

impl fmt::Display for TagExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl FromStr for TagExpression {
    type Err = TagError;

    fn from_str(source: &str) -> Result<Self, TagError> {
        let wrong = |message| TagError { source_text: source.to_owned(), message };
        let tokens = tokens(source).map_err(wrong)?;
        if tokens.is_empty() {
            return Ok(Self { source: source.to_owned(), root: Node::Any });
        }
        let mut reader = Reader { tokens: &tokens, depth: 0 };
        let root = reader.either().map_err(wrong)?;
        match reader.tokens.first() {
            None => Ok(Self { source: source.to_owned(), root }),
            Some(token) => Err(wrong(format!("expected `and` or `or`, found {token}"))),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Not,
    And,
    Or,
    Tag(String),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Open => "(",
            Self::Close => ")",
            Self::Not => "not",
            Self::And => "and",
            Self::Or => "or",
            Self::Tag(name) => name,
        };
        write!(f, "`{word}`")
    }
}

fn tokens(source: &str) -> Result<Vec<Token>, String> {
    let (mut tokens, mut word, mut escaped) = (Vec::new(), String::new(), false);
    let mut chars = source.chars();
    let end = |word: &mut String, escaped: &mut bool, tokens: &mut Vec<Token>| {
        let word = std::mem::take(word);
        match (word.as_str(), std::mem::take(escaped)) {
            ("", _) => {}
            ("not", false) => tokens.push(Token::Not),
            ("and", false) => tokens.push(Token::And),
            ("or", false) => tokens.push(Token::Or),
            _ => tokens.push(Token::Tag(word)),
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c) if matches!(c, '(' | ')' | '\\') || c.is_whitespace() => {
                    escaped = true;
                    word.push(c);
                }
                Some(c) => return Err(format!("`\\` may not stand before `{c}`")),
                None => return Err("it ends with a `\\`".to_owned()),
            },
            '(' | ')' => {
                end(&mut word, &mut escaped, &mut tokens);
                tokens.push(if c == '(' { Token::Open } else { Token::Close });
            }
            c if c.is_whitespace() => end(&mut word, &mut escaped, &mut tokens),
            c => word.push(c),
        }
    }
    end(&mut word, &mut escaped, &mut tokens);
    Ok(tokens)
}

/// Deeper nesting is no expression that a person wrote.
const DEEPEST: usize = 64;

struct Reader<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl Reader<'_> {
    fn takes(&mut self, token: &Token) -> bool {
        let takes = self.tokens.first() == Some(token);
        if takes {
            self.tokens = &self.tokens[1..];
        }
        takes
    }

    fn either(&mut self) -> Result<Node, String> {
        let mut left = self.both()?;
        while self.takes(&Token::Or) {
            left = Node::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Node, String> {
        let mut left = self.one()?;
        while self.takes(&Token::And) {
            left = Node::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let node = self.operand();
        self.depth -= 1;
        node
    }

    fn operand(&mut self) -> Result<Node, String> {
        let Some((token, rest)) = self.tokens.split_first() else {
            return Err("it ends where a tag was expected".to_owned());
        };
        self.tokens = rest;
        match token {
            Token::Tag(name) => Ok(Node::Tag(name.clone())),
            Token::Not => Ok(Node::Not(Box::new(self.one()?))),
            Token::Open => {
                let node = self.either()?;
                if self.takes(&Token::Close) {
                    return Ok(node);
                }
                Err("a `(` is never closed".to_owned())
            }
            _ => Err(format!("expected a tag, found {token}")),
        }
    }
}
