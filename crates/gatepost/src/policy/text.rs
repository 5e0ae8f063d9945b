//! A document as text: TOML or JSON, read into the model with places for what is wrong.

use serde::de::IgnoredAny;

use super::PolicyDocument;
use super::error::{KeyPath, PolicyError, Problem};
use super::locate::Places;
use super::moment::NATIVE_MOMENT;
use super::strict::Table;
use crate::snapshot::Snapshot;

/// How a policy document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a policy document is TOML or JSON, by definition"
)]
pub enum PolicyFormat {
    /// TOML 1.0.
    Toml,
    /// JSON (RFC 8259).
    Json,
}

impl PolicyFormat {
    /// The format that a file's name tells: JSON where it ends in `.json`, else TOML.
    pub fn of_file_name(name: &str) -> Self {
        let json = name.len() >= 5
            && name
                .get(name.len() - 5..)
                .is_some_and(|end| end.eq_ignore_ascii_case(".json"));
        if json { Self::Json } else { Self::Toml }
    }
}

/// A policy document's text, kept beside its model so that errors can name lines.
///
/// ```
/// use gatepost::PolicyText;
///
/// let text = PolicyText::toml("version = 1\n[site.gates.chat]\nswitch = \"on\"\n");
/// let error = text.compile(1).unwrap_err();
/// assert_eq!(error.problems()[0].to_string(), "line 2: `site.gates.chat`: no resource `chat` is declared");
/// ```
#[derive(Clone, Debug)]
pub struct PolicyText {
    text: String,
    format: PolicyFormat,
}

impl PolicyText {
    /// A document in the given format.
    pub fn new(format: PolicyFormat, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            format,
        }
    }

    /// A TOML document.
    pub fn toml(text: impl Into<String>) -> Self {
        Self::new(PolicyFormat::Toml, text)
    }

    /// A JSON document.
    pub fn json(text: impl Into<String>) -> Self {
        Self::new(PolicyFormat::Json, text)
    }

    /// A document as it was read from a file.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the line when the bytes are not UTF-8.
    pub fn from_bytes(format: PolicyFormat, bytes: Vec<u8>) -> Result<Self, PolicyError> {
        String::from_utf8(bytes)
            .map(|text| Self { text, format })
            .map_err(|error| {
                let good = error.utf8_error().valid_up_to();
                let line = 1 + error
                    .as_bytes()
                    .iter()
                    .take(good)
                    .filter(|byte| **byte == b'\n')
                    .count();
                let mut problem = Problem::new(KeyPath::default(), "is not UTF-8");
                problem.line = Some(line);
                PolicyError::syntax(problem)
            })
    }

    /// Reads the model: the shape of the document, not yet what its names mean.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with path and line of a key that may not stand where it does.
    pub fn parse(&self) -> Result<PolicyDocument, PolicyError> {
        match self.format {
            PolicyFormat::Toml => self.parse_toml(),
            PolicyFormat::Json => self.parse_json(),
        }
    }

    /// Reads and compiles the document as the given policy version.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with path and line of everything that is wrong.
    pub fn compile(&self, version: u64) -> Result<Snapshot, PolicyError> {
        let document = self.parse()?;
        Snapshot::compile(&document, version).map_err(|mut error| {
            self.place(error.problems_mut());
            error
        })
    }

    /// Fills in the lines of problems that have only a path.
    pub(crate) fn place(&self, problems: &mut [Problem]) {
        let places = Places::of(&self.text, self.format);
        for problem in problems {
            problem
                .line
                .get_or_insert_with(|| places.line(&problem.path));
        }
    }

    fn parse_toml(&self) -> Result<PolicyDocument, PolicyError> {
        let tree = toml::Deserializer::parse(&self.text)
            .map_err(|error| PolicyError::syntax(self.toml_problem(KeyPath::default(), &error)))?;
        let read = serde_path_to_error::deserialize::<_, Table<PolicyDocument>>(tree);
        read.map(|Table(document)| document).map_err(|error| {
            let path = KeyPath::from(error.path());
            PolicyError::new(vec![self.toml_problem(path, error.inner())])
        })
    }

    fn toml_problem(&self, path: KeyPath, error: &toml::de::Error) -> Problem {
        let places = Places::of(&self.text, self.format);
        let line = error
            .span()
            .map_or_else(|| places.line(&path), |span| places.line_at(span.start));
        let message = if path.ends_at(NATIVE_MOMENT) {
            "invalid type: a date-time, expected a table".to_owned()
        } else {
            error.message().to_owned()
        };
        Problem {
            path: path.above(NATIVE_MOMENT),
            line: Some(line),
            message,
        }
    }

    fn parse_json(&self) -> Result<PolicyDocument, PolicyError> {
        let mut reader = serde_json::Deserializer::from_str(&self.text);
        let read = serde_path_to_error::deserialize::<_, Table<PolicyDocument>>(&mut reader);
        let Table(document) = read.map_err(|error| {
            // The reader stops at the first thing wrong: what follows need not be JSON.
            if let Err(error) = serde_json::from_str::<IgnoredAny>(&self.text) {
                return json_problem(KeyPath::default(), &error);
            }
            json_problem(KeyPath::from(error.path()), error.inner())
        })?;
        reader
            .end()
            .map_err(|error| json_problem(KeyPath::default(), &error))?;
        Ok(document)
    }
}

fn json_problem(path: KeyPath, error: &serde_json::Error) -> PolicyError {
    let line = (error.line() > 0).then(|| error.line());
    // The place is told apart; serde_json writes it behind its message as well.
    let text = error.to_string();
    let message = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message)
        .to_owned();
    if error.is_data() {
        PolicyError::new(vec![Problem {
            path,
            line,
            message,
        }])
    } else {
        PolicyError::syntax(Problem {
            path: KeyPath::default(),
            line,
            message,
        })
    }
}

impl PolicyDocument {
    /// Writes the document as TOML.
    ///
    /// # Errors
    ///
    /// None that is known: every document has a TOML form.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// Reads a document out of a JSON value, such as one that stands inside another file.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the path of a key that may not stand where it does.
    pub fn from_json_value(value: &serde_json::Value) -> Result<Self, PolicyError> {
        let read = serde_path_to_error::deserialize::<_, Table<Self>>(value);
        read.map(|Table(document)| document).map_err(|error| {
            PolicyError::new(vec![Problem::new(
                KeyPath::from(error.path()),
                error.inner().to_string(),
            )])
        })
    }
}

impl std::str::FromStr for PolicyFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "toml" => Ok(Self::Toml),
            "json" => Ok(Self::Json),
            other => Err(format!("`{other}` is neither `toml` nor `json`")),
        }
    }
}
