//! An inventory for a person: a requirement in words, and tables.

use std::fmt::{self, Write};

use super::{Inventory, InventoryRoute, RequirementRecord, RouteAccess};
use crate::vocabulary::OrgRule;

impl RequirementRecord {
    pub(super) fn org_text(&self) -> String {
        let sources = self.org.join(" and ");
        match (self.org_rule, sources.is_empty()) {
            (OrgRule::None, _) => "none".to_owned(),
            (OrgRule::Default, true) => "default".to_owned(),
            (OrgRule::Default, false) => format!("{sources}, else default"),
            (OrgRule::Required, _) => sources,
        }
    }

    pub(super) fn owner_text(&self) -> String {
        self.owner.clone().unwrap_or_else(|| "unknown".to_owned())
    }

    fn notes(&self) -> String {
        let notes = [
            (self.hidden, "hidden"),
            (self.bound, "bound"),
            (self.logged, "logged"),
        ];
        let notes = notes.into_iter().filter(|(is, _)| *is);
        let notes = notes.map(|(_, note)| note.to_owned());
        let report_only = self.report_only.iter();
        let notes = notes.chain(report_only.map(|until| format!("REPORTED ONLY ({until})")));
        notes.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for RequirementRecord {
    /// `chat:read in path org, owner object, hidden`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.asks(), self.org_text())?;
        if let Some(owner) = &self.owner {
            write!(f, ", owner {owner}")?;
        }
        match self.notes() {
            notes if notes.is_empty() => Ok(()),
            notes => write!(f, ", {notes}"),
        }
    }
}

const HEADING: [&str; 6] = ["method", "path", "requires", "org", "owner", "notes"];

impl Inventory {
    /// The routes in columns, for a terminal.
    pub fn to_table(&self) -> String {
        let lines: Vec<_> = self.routes.iter().map(columns).collect();
        let mut widths = HEADING.map(str::len);
        for line in &lines {
            for (width, text) in widths.iter_mut().zip(line) {
                *width = text.chars().count().max(*width);
            }
        }
        let mut table = String::new();
        let heading = HEADING.map(str::to_owned);
        for line in std::iter::once(&heading).chain(&lines) {
            let mut text = String::new();
            for (text_of, width) in line.iter().zip(widths) {
                let _ = write!(text, "{text_of:width$}  ");
            }
            let _ = writeln!(table, "{}", text.trim_end());
        }
        table
    }

    /// The routes as a table of Markdown.
    pub fn to_markdown(&self) -> String {
        let mut table = String::new();
        let mut line = |texts: &[String]| {
            let texts: Vec<_> = texts.iter().map(|text| text.replace('|', "\\|")).collect();
            let _ = writeln!(table, "| {} |", texts.join(" | "));
        };
        line(&HEADING.map(str::to_owned));
        line(&HEADING.map(|_| "---".to_owned()));
        for route in &self.routes {
            let [method, path, requires, rest @ ..] = columns(route);
            let path = format!("`{path}`");
            let requires = match route.access {
                RouteAccess::Requires(_) => format!("`{requires}`"),
                RouteAccess::Public(_) => requires,
            };
            let all = [method, path, requires].into_iter().chain(rest);
            line(&all.collect::<Vec<_>>());
        }
        table
    }
}

fn columns(route: &InventoryRoute) -> [String; 6] {
    let (method, path) = (route.method.clone(), route.path.clone());
    match &route.access {
        RouteAccess::Requires(requires) => {
            let owner = requires.owner.clone().unwrap_or_default();
            let asks = requires.asks().to_string();
            [
                method,
                path,
                asks,
                requires.org_text(),
                owner,
                requires.notes(),
            ]
        }
        RouteAccess::Public(why) => {
            let (none, why) = (String::new(), why.clone());
            [method, path, "public".to_owned(), none.clone(), none, why]
        }
    }
}
