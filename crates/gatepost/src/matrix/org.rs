//! The matrix of one org: what each role lets its members do there, as the org stands.

use serde::Serialize;

use super::{MatrixCell, MatrixError, bounded};
use crate::id::OrgId;
use crate::request::Request;
use crate::snapshot::{OrgRole, RoleIndex, Snapshot};
use crate::subject::Subject;
use crate::vocabulary::Mode;

/// What each role lets its members do in one org, as the org stands now.
///
/// It is asked for members that hold one role in this very org and none elsewhere, and to whom the site grants
/// everything; so what is refused is refused by a switch, by the org, or by the role. Each cell is what
/// [`decide`](crate::decide) answers.
///
/// ```
/// use gatepost::{Code, MatrixCell, OrgId, OrgMatrix, PolicyText};
///
/// let facts = PolicyText::toml(r#"
/// version = 1
/// resources.chat = ["create"]
/// site.gates.chat = { switch = "on", background = { floor = "developer" } }
/// org_roles.guest = { level = 10, grants = ["chat:create"] }
/// org_roles.developer = { level = 30, grants = ["chat:create"] }
/// orgs.acme = {}
/// "#).compile(1)?;
/// let matrix = OrgMatrix::of(&facts, &OrgId::new("acme")?)?.ok_or("there is such an org")?;
///
/// assert_eq!(matrix.roles[0].name, "guest");
/// assert_eq!(matrix.rows[0].foreground, [MatrixCell::Allow, MatrixCell::Allow]);
/// assert_eq!(matrix.rows[0].background, [MatrixCell::No(Code::ModeFloor), MatrixCell::Allow]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OrgMatrix {
    /// The org.
    pub org: OrgId,
    /// The policy version that it was asked at.
    pub version: u64,
    /// The roles that a member can hold here: those of `org_roles` and then the own ones, each with the lowest first.
    pub roles: Vec<OrgMatrixRole>,
    /// A row for each declared resource and action, the console's own last.
    pub rows: Vec<OrgMatrixRow>,
}

/// A role that a member can hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OrgMatrixRole {
    /// Its name.
    pub name: String,
    /// Its level.
    pub level: i32,
    /// The org whose own role it is: this one, or one that it lies under.
    pub own_of: Option<OrgId>,
}

/// What is answered for one resource and action: a cell for each role, in the roles' order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OrgMatrixRow {
    /// The resource.
    pub resource: String,
    /// The action.
    pub action: String,
    /// Without a mode.
    pub modeless: Vec<MatrixCell>,
    /// In the foreground.
    pub foreground: Vec<MatrixCell>,
    /// In the background.
    pub background: Vec<MatrixCell>,
}

impl OrgMatrix {
    /// Asks for each role that a member of the org can hold; nothing where there is no such org.
    ///
    /// # Errors
    ///
    /// [`MatrixError::TooLarge`].
    pub fn of(facts: &Snapshot, org: &OrgId) -> Result<Option<Self>, MatrixError> {
        let Some((index, found)) = facts.org_of(org) else {
            return Ok(None);
        };
        let mut held = facts.roles_held_in(Some(index));
        held.sort_by(|(_, one), (_, other)| key(one).cmp(&key(other)));
        bounded([held.len(), facts.actions().count(), Mode::ALL.len() + 1])?;

        let indices: Vec<RoleIndex> = held.iter().map(|(index, _)| *index).collect();
        let (asked, holders) = facts.with_holders(index, &indices);
        let holders: Vec<Subject> = holders.into_iter().map(Subject::new).collect();
        let rows = facts.actions().map(|(resource, action)| {
            let cells = |mode: Option<Mode>| {
                let cell = |holder: &Subject| {
                    let request = Request::new(resource, action).subject(holder).org(org);
                    MatrixCell::by_owner(&asked, &request.mode(mode))
                };
                holders.iter().map(cell).collect()
            };
            OrgMatrixRow {
                resource: resource.to_owned(),
                action: action.to_owned(),
                modeless: cells(None),
                foreground: cells(Some(Mode::Foreground)),
                background: cells(Some(Mode::Background)),
            }
        });
        let role = |role: &OrgRole| OrgMatrixRole {
            name: role.name.to_string(),
            level: role.level,
            own_of: (role.org.and_then(|org| facts.org(org))).map(|org| org.id.clone()),
        };
        Ok(Some(Self {
            org: found.id.clone(),
            version: facts.version(),
            roles: held.iter().map(|(_, it)| role(it)).collect(),
            rows: rows.collect(),
        }))
    }
}

fn key(role: &OrgRole) -> (bool, i32, &str) {
    (role.org.is_some(), role.level, &role.name)
}
