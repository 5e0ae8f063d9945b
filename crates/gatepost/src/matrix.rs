//! Who may do what on the routes of a service, route by route, as a file that shows what a change of policy does.

mod ask;
mod axis;
mod cell;
mod changes;
mod fold;
mod org;
mod roles;
mod subjects;
#[cfg(test)]
pub(crate) mod tests;
mod text;

use std::fmt;

use crate::inventory::{Inventory, RouteAccess};
use crate::policy::PolicyError;
use ask::how;
pub(crate) use ask::{Ask, AskedIn};
use axis::Label;
pub use cell::MatrixCell;
pub use changes::{MatrixChange, MatrixChanges};
pub use org::{OrgMatrix, OrgMatrixRole, OrgMatrixRow};
pub(crate) use roles::{Scene, of_org_roles, org_in};
pub use text::MatrixTextError;

/// What each asker may do on each route of a service, by a policy.
///
/// A row is what a route asks: one for each mode it can run in, and for each resource that its path can choose.
/// Each cell is what [`decide`](crate::decide) answers: a matrix knows no rule of its own.
///
/// - [`of_roles`](Self::of_roles) asks for every site role and none, with every role of `org_roles` and as a
///   non-member, in orgs that say nothing (`unset`), that have switched everything `off` or `on`, that are on and
///   `public`, and that are on and `suspended`. It changes only with the rules, not with who is a member where.
/// - [`of_subjects`](Self::of_subjects) asks for the subjects of the policy.
///
/// ```
/// use gatepost::{Inventory, InventoryRoute, Matrix, Org, PolicyText, Requirement};
///
/// const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
///
/// let routes = Inventory::new([InventoryRoute::requiring("GET", "/orgs/{org}/chats", &READ)]);
/// let policy = |grants: &str| {
///     let roles = format!("[org_roles.guest]\nlevel = 10\ngrants = [{grants}]\n");
///     let gate = "[site.gates.chat]\nswitch = \"on\"\naccess = \"everyone\"\n";
///     PolicyText::toml(format!("version = 1\n[resources]\nchat = [\"read\"]\n{gate}{roles}")).parse()
/// };
/// let reviewed = Matrix::of_roles(&policy("\"chat:read\"")?, &routes)?;
/// let changed = Matrix::of_roles(&policy("")?, &routes)?;
///
/// assert_eq!(
///     reviewed.changes(&changed).to_string(),
///     "GET /orgs/{org}/chats chat:read, org unset, off, on, public: guest without a site role: \
///      allow → org_grant_missing",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    by: By,
    /// The site roles, or the subjects.
    whos: Vec<Label>,
    /// The org's states, or the orgs.
    places: Vec<Label>,
    /// The org roles.
    columns: Vec<Label>,
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Roles,
    Subjects,
}

/// What a route asks, and what everybody is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    path: String,
    method: String,
    /// `chat:create#foreground`, or `public`.
    asks: String,
    /// In which org and about whose object, where the route asks for the same more than once; else empty.
    how: String,
    /// By who and place; none of a route that is public.
    strips: Vec<Strip<MatrixCell>>,
}

/// What one who is answered in one place, for each column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Strip<T> {
    who: usize,
    place: usize,
    cells: Vec<T>,
}

/// What a public route asks.
const PUBLIC: &str = "public";

/// A matrix of more cells is refused: nobody would read it.
const MAX_CELLS: usize = 4_000_000;

/// No matrix could be made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MatrixError {
    /// The policy is refused.
    Policy(PolicyError),
    /// It would have more cells than anybody could read.
    TooLarge {
        /// How many it may have.
        limit: usize,
    },
}

impl Matrix {
    /// A row for each thing that a route asks; `strips` answers it.
    fn rows(
        routes: &Inventory,
        mut strips: impl FnMut(&Ask<'_>) -> Vec<Strip<MatrixCell>>,
    ) -> Vec<Row> {
        let mut rows = Vec::new();
        for route in routes.routes() {
            let mut row = |asks: String, how: String, strips| {
                rows.push(Row {
                    path: route.path.clone(),
                    method: route.method.clone(),
                    asks,
                    how,
                    strips,
                });
            };
            match &route.access {
                RouteAccess::Public(_) => row(PUBLIC.to_owned(), String::new(), Vec::new()),
                RouteAccess::Requires(requires) => {
                    for ask in Ask::all(requires) {
                        row(ask.to_string(), how(requires), strips(&ask));
                    }
                }
            }
        }
        rows.sort_by(|one, other| one.key().cmp(&other.key()));
        // An inventory may have a route twice; what it asks in the same way is answered once.
        rows.dedup_by(|one, other| one.key() == other.key());
        for same in rows.chunk_by_mut(|one, other| one.question() == other.question()) {
            if let [alone] = same {
                alone.how.clear();
            }
        }
        rows
    }
}

impl Row {
    fn key(&self) -> ((&str, &str, &str), &str) {
        (self.question(), &self.how)
    }

    fn question(&self) -> (&str, &str, &str) {
        (&self.path, &self.method, &self.asks)
    }

    /// Whether anybody is let through.
    fn allows(&self) -> bool {
        self.strips.iter().any(Strip::allows)
    }
}

impl Strip<MatrixCell> {
    fn allows(&self) -> bool {
        let is_denied = |cell: &MatrixCell| matches!(cell, MatrixCell::No(_));
        !self.cells.iter().all(is_denied)
    }
}

/// How often everything that a service's routes ask is asked.
fn asked(routes: &Inventory) -> usize {
    let requirements = routes.routes().iter().filter_map(|it| it.requirement());
    requirements
        .map(|requires| Ask::all(requires).count())
        .sum()
}

/// Refuses to ask as many questions.
fn bounded(counts: impl IntoIterator<Item = usize>) -> Result<(), MatrixError> {
    let cells = counts.into_iter().fold(1, usize::saturating_mul);
    if cells > MAX_CELLS {
        return Err(MatrixError::TooLarge { limit: MAX_CELLS });
    }
    Ok(())
}

impl fmt::Display for MatrixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(error) => error.fmt(f),
            Self::TooLarge { limit } => write!(
                f,
                "the matrix would have more than {limit} cells, which nobody reads: ask for fewer routes or a smaller policy"
            ),
        }
    }
}

impl std::error::Error for MatrixError {}

impl From<PolicyError> for MatrixError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}
