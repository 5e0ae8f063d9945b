//! Reads the table from `data/requests`, and takes nothing in it for granted.

use std::collections::HashSet;
use std::path::Path;

use gatepost::PolicyText;
use gatepost_tests::data;
use serde::Deserialize;

use super::row::Row;

/// The folder of the table.
const FOLDER: &str = "requests";
const POLICY: &str = "requests/policy.toml";

/// The rows of one theme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Theme {
    /// What the rows are about; for the reader alone.
    #[allow(dead_code, reason = "a comment that stays with its rows")]
    about: String,
    #[serde(rename = "row")]
    rows: Vec<Row>,
}

/// All rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// Reads all themes.
    ///
    /// # Panics
    ///
    /// Where one is not as it should be.
    pub(crate) fn load() -> Self {
        let mut table = Self::default();
        let themes = data::files_in(FOLDER);
        let themes = themes
            .iter()
            .filter(|name| Path::new(name).extension() == Some("toml".as_ref()));
        for name in themes.filter(|name| *name != POLICY) {
            let theme = table.add(&data::text(name));
            theme.unwrap_or_else(|error| panic!("data/{name}: {error}"));
        }
        table
    }

    /// Adds the rows of a theme.
    pub(crate) fn add(&mut self, text: &str) -> Result<(), String> {
        let theme: Theme = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut names: HashSet<String> = self.rows.iter().map(|row| row.name.clone()).collect();
        for row in &theme.rows {
            if let Some(problem) = row.problem() {
                return Err(format!("row {row} {problem}"));
            }
            if !names.insert(row.name.clone()) {
                return Err(format!("row {row} has the name of another one"));
            }
        }
        self.rows.extend(theme.rows);
        Ok(())
    }
}

/// The policy that all rows are decided by.
pub(crate) fn policy() -> gatepost::Snapshot {
    let policy = PolicyText::toml(data::text(POLICY)).compile(11);
    policy.unwrap_or_else(|error| panic!("data/{POLICY}: {error}"))
}

/// The same, to be changed.
pub(crate) fn document() -> gatepost::PolicyDocument {
    let policy = PolicyText::toml(data::text(POLICY)).parse();
    policy.unwrap_or_else(|error| panic!("data/{POLICY}: {error}"))
}
