//! What is wrong or suspicious in a policy document, found before anybody is refused by it.
//!
//! A finding never changes a decision. It points at something that the document
//! says and that does not do what a reader would expect: a role that nothing
//! defines, a floor that nobody reaches, a grant that never matches.

mod floors;
mod grants;
mod model;
mod names;
mod orgs;
mod routes;
mod site;
#[cfg(test)]
mod tests;
mod tree;
mod usage;

use std::fmt;

use crate::inventory::Inventory;
use crate::policy::{KeyPath, PolicyDocument, PolicyError, PolicyText, Problem};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;
use model::Model;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// What sort of thing a finding is. Its text never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FindingKind {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl FindingKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The kind's text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// What the kind is about, in a sentence.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_start(),)+ }
            }
        }
    };
}

kinds! {
    /// The document is refused at load.
    Refused = "refused",
    /// A role is held that is not defined where it is held.
    UndefinedRole = "undefined-role",
    /// A membership holds `anyone`, which no membership holds.
    HeldAnyone = "held-anyone",
    /// A membership is over.
    ExpiredMembership = "expired-membership",
    /// A `default_org` counts as unset.
    DefaultOrg = "default-org",
    /// Something stands twice in one list.
    Repeated = "repeated",
    /// A grant is covered by another grant of the same role.
    CoveredGrant = "covered-grant",
    /// A grant is taken back whole by a deny of the same role.
    OverriddenGrant = "overridden-grant",
    /// A grant is limited to a mode of a resource that has no modes.
    ModelessGrant = "modeless-grant",
    /// A resource is off for everyone: it has no gate, or its gate no switch.
    UngatedResource = "ungated-resource",
    /// A gate or a mode is off while roles or orgs still speak of it.
    OffGate = "off-gate",
    /// A gate governs no action.
    EmptyGate = "empty-gate",
    /// No site role lets anybody pass a gate.
    NobodyPasses = "nobody-passes",
    /// No org role grants any action of a resource.
    NobodyInOrg = "nobody-in-org",
    /// A gate or a mode is opt-in and no org has opted in.
    UnopenedGate = "unopened-gate",
    /// No member reaches a floor.
    UnreachedFloor = "unreached-floor",
    /// A role stands below a floor that holds all the same.
    BelowFloor = "below-floor",
    /// Work may be queued by those who may not wait for it.
    BackgroundBelowForeground = "background-below-foreground",
    /// An org sets a switch that it has no say in.
    NoSay = "no-say",
    /// An org is public below one that is private, and so is not.
    NotPublic = "not-public",
    /// A route requires what the policy does not declare.
    UndeclaredRequirement = "undeclared-requirement",
    /// A route requires what is off on the site.
    OffRequirement = "off-requirement",
    /// A route requires what no role allows anybody.
    UnmetRequirement = "unmet-requirement",
    /// A route can run in background, and nobody may let it.
    UnmetBackground = "unmet-background",
    /// There are too many roles to say whether anybody may what a route requires.
    UnaskedRequirement = "unasked-requirement",
    /// A grant is of no use on any route.
    UnusedGrant = "unused-grant",
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a document is refused, or it loads and is doubtful"
)]
pub enum Severity {
    /// The document is refused at load.
    Error,
    /// The document loads.
    Warning,
}

impl Severity {
    /// The word as it stands in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One thing that is wrong or suspicious in a policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What sort of thing it is.
    pub kind: FindingKind,
    /// The key in question.
    pub path: KeyPath,
    /// The line it stands on, counted from 1, where the document was read from text.
    pub line: Option<usize>,
    /// What is doubtful about it.
    pub message: String,
}

impl Finding {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        if self.kind == FindingKind::Refused {
            Severity::Error
        } else {
            Severity::Warning
        }
    }
}

impl fmt::Display for Finding {
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

/// Finds everything wrong or suspicious in a document's text, in the order of its lines.
///
/// `at` is the moment by which a membership is over or not.
/// A document that is refused at load yields its problems, and nothing else.
///
/// ```
/// use gatepost::{FindingKind, PolicyText, Timestamp, lint};
///
/// let text = PolicyText::toml("version = 1\n[orgs.acme.members.bob]\nroles = [\"reviewer\"]\n");
/// let findings = lint(&text, Timestamp::now())?;
/// assert_eq!(findings[0].kind, FindingKind::UndefinedRole);
/// assert_eq!(
///     findings[0].to_string(),
///     "line 3: `orgs.acme.members.bob.roles[0]`: `reviewer` is defined nowhere and grants nothing",
/// );
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
///
/// # Errors
///
/// [`PolicyError`] where the text is not TOML or JSON at all.
pub fn lint(text: &PolicyText, at: Timestamp) -> Result<Vec<Finding>, PolicyError> {
    lint_text(text, |document| lint_document(document, at))
}

/// Finds what a document and the routes of a service have to say to each other: a requirement that is not declared,
/// that is off, or that no role meets, a grant that no route uses. No finding has a line.
///
/// Who is a member where, and what orgs have said, makes no difference: it is asked what the rules could let anybody do,
/// in an org that has switched everything on and that has raised no floor.
///
/// ```
/// use gatepost::{FindingKind, Inventory, InventoryRoute, Org, PolicyText, Requirement, lint_routes};
///
/// const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
///
/// let routes = Inventory::new([InventoryRoute::requiring("GET", "/orgs/{org}/chats", &READ)]);
/// let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"update\"]\n").parse()?;
/// let findings = lint_routes(&policy, &routes);
///
/// assert_eq!(findings[0].kind, FindingKind::UndeclaredRequirement);
/// # Ok::<(), gatepost::PolicyError>(())
/// ```
pub fn lint_routes(document: &PolicyDocument, routes: &Inventory) -> Vec<Finding> {
    let facts = match Snapshot::compile(document, 0) {
        Ok(facts) => facts,
        Err(error) => return refused(&error),
    };
    let mut findings = Findings::default();
    routes::lint(document, &facts, routes, &mut findings);
    findings.0
}

/// [`lint`] and [`lint_routes`] of the same text, in the order of its lines.
///
/// # Errors
///
/// [`PolicyError`] where the text is not TOML or JSON at all.
pub fn lint_with_routes(
    text: &PolicyText,
    routes: &Inventory,
    at: Timestamp,
) -> Result<Vec<Finding>, PolicyError> {
    lint_text(text, |document| {
        let mut findings = lint_document(document, at);
        let is_refused = |finding: &Finding| finding.kind == FindingKind::Refused;
        if !findings.iter().any(is_refused) {
            findings.extend(lint_routes(document, routes));
        }
        findings
    })
}

fn lint_text(
    text: &PolicyText,
    lint: impl FnOnce(&PolicyDocument) -> Vec<Finding>,
) -> Result<Vec<Finding>, PolicyError> {
    let mut findings = match text.parse() {
        Ok(document) => lint(&document),
        Err(error) if error.is_syntax() => return Err(error),
        Err(error) => refused(&error),
    };
    place(text, &mut findings);
    findings.sort_by(|one, other| (one.line, &one.path).cmp(&(other.line, &other.path)));
    Ok(findings)
}

/// Finds everything wrong or suspicious in a document that did not come as text; no finding has a line.
///
/// The order is that of the document's parts.
pub fn lint_document(document: &PolicyDocument, at: Timestamp) -> Vec<Finding> {
    if let Err(error) = Snapshot::compile(document, 0) {
        return refused(&error);
    }
    let mut findings = Findings::default();
    let model = Model::of(document);
    names::lint(document, &mut findings);
    grants::lint(document, &mut findings);
    let standing = orgs::lint(document, &model, at, &mut findings);
    floors::lint(document, &model, standing.top_level, &mut findings);
    site::lint(document, &model, &standing, &mut findings);
    findings.0
}

fn refused(error: &PolicyError) -> Vec<Finding> {
    let finding = |problem: &Problem| Finding {
        kind: FindingKind::Refused,
        path: problem.path.clone(),
        line: problem.line,
        message: problem.message.clone(),
    };
    error.problems().iter().map(finding).collect()
}

/// Fills in the lines.
fn place(text: &PolicyText, findings: &mut [Finding]) {
    if findings.iter().all(|finding| finding.line.is_some()) {
        return;
    }
    let mut problems: Vec<Problem> = findings
        .iter()
        .map(|finding| Problem {
            path: finding.path.clone(),
            line: finding.line,
            message: String::new(),
        })
        .collect();
    text.place(&mut problems);
    for (finding, problem) in findings.iter_mut().zip(problems) {
        finding.line = problem.line;
    }
}

/// What has been found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, kind: FindingKind, path: KeyPath, message: impl Into<String>) {
        self.0.push(Finding {
            kind,
            path,
            line: None,
            message: message.into(),
        });
    }
}
