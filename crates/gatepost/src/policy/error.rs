//! Why a policy document was refused, and where in it.

use std::fmt::{self, Write as _};

/// A place in a document: `site.gates.chat.background.floor`, `org_roles.guest.grants[0]`.
///
/// Keys that are not `[A-Za-z0-9_-]+` are quoted, list positions count from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl KeyPath {
    /// The path of nested keys.
    pub(crate) fn of<const N: usize>(keys: [&str; N]) -> Self {
        Self(
            keys.into_iter()
                .map(|key| Step::Key(key.to_owned()))
                .collect(),
        )
    }

    pub(crate) fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    pub(crate) fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether its last step is this key.
    pub(crate) fn ends_at(&self, key: &str) -> bool {
        matches!(self.0.last(), Some(Step::Key(last)) if last == key)
    }

    /// The path without this key as its last step.
    pub(crate) fn above(mut self, key: &str) -> Self {
        if self.ends_at(key) {
            self.0.pop();
        }
        self
    }

    /// Whether it names the document as a whole.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&serde_path_to_error::Path> for KeyPath {
    fn from(path: &serde_path_to_error::Path) -> Self {
        use serde_path_to_error::Segment;

        let steps = path.iter().filter_map(|segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Enum { variant } => Some(Step::Key(variant.clone())),
            Segment::Unknown => None,
        });
        Self(steps.collect())
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
                    if !key.is_empty() && key.bytes().all(bare) {
                        f.write_str(key)?;
                    } else {
                        // JSON's quoting is TOML's basic string as well; of the control
                        // characters it escapes only those before the blank.
                        let quoted = serde_json::to_string(key).map_err(|_| fmt::Error)?;
                        for c in quoted.chars() {
                            if c.is_control() {
                                write!(f, "\\u{:04x}", u32::from(c))?;
                            } else {
                                f.write_char(c)?;
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The key at fault; the root where the text is not TOML or JSON at all.
    pub path: KeyPath,
    /// The line it stands on, counted from 1, where the document was read from text.
    pub line: Option<usize>,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(path: KeyPath, message: impl Into<String>) -> Self {
        Self {
            path,
            line: None,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_root() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// A policy document was refused; nothing of it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    problems: Vec<Problem>,
    syntax: bool,
}

impl PolicyError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self {
            problems,
            syntax: false,
        }
    }

    pub(crate) fn syntax(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            syntax: true,
        }
    }

    /// Everything that is wrong, in the order of the document's keys.
    ///
    /// A document whose shape is wrong is read no further, so that is the only problem told then.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether the text is not TOML or JSON at all.
    pub fn is_syntax(&self) -> bool {
        self.syntax
    }

    pub(crate) fn problems_mut(&mut self) -> &mut [Problem] {
        &mut self.problems
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("policy refused")?;
        for (position, problem) in self.problems.iter().enumerate() {
            write!(f, "{} {problem}", if position == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}
