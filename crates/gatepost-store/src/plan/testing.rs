//! Plans commands as a backend does: on the slice that the scope names.

use gatepost::{PolicyDocument, PolicyText, Subject, SubjectId, Timestamp};

use super::{OwnRoles, Planned, Scope, plan};
use crate::change::Author;
use crate::command::{Command, WriteRefusal};

/// Every change is asked for at noon.
pub(crate) const NOON: &str = "2026-06-01T12:00:00Z";

pub(crate) fn noon() -> Timestamp {
    NOON.parse().unwrap()
}

pub(crate) fn document(toml: &str) -> PolicyDocument {
    PolicyText::toml(toml).parse().unwrap()
}

pub(crate) fn command(json: &str) -> Command {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

pub(crate) fn operator() -> Author {
    Author::Operator {
        name: "root".to_owned(),
    }
}

pub(crate) fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap())
}

/// Plans the command on its slice. By the whole policy it would come to the same.
pub(crate) fn planned(
    command: &Command,
    author: &Author,
    policy: &PolicyDocument,
) -> Result<Planned, WriteRefusal> {
    let scope = Scope::of(command, author);
    let slice = scope.cut(policy);
    let kept = slice.clone();
    let by_slice = plan(command, author, &slice, 7, noon());
    assert_eq!(slice, kept);
    let by_whole = plan(command, author, policy, 7, noon());
    match (&by_slice, &by_whole) {
        (Ok(slice), Ok(whole)) => {
            assert_eq!(slice.document, scope.cut(&whole.document), "{command}");
            assert_eq!(slice.summary, whole.summary, "{command}");
            // There is a line for what changed, and for nothing else.
            assert_eq!(
                whole.summary.is_empty(),
                whole.document == *policy,
                "{command}"
            );
        }
        (Err(slice), Err(whole)) => assert_eq!(slice.to_string(), whole.to_string(), "{command}"),
        other => panic!("{command}: {other:?}"),
    }
    by_whole
}

impl Scope {
    /// What a backend would read of this policy.
    pub(crate) fn cut(&self, policy: &PolicyDocument) -> PolicyDocument {
        let mut slice = PolicyDocument::default();
        slice.version = policy.version;
        slice.resources = policy.resources.clone();
        slice.site = policy.site.clone();
        slice.org_roles = policy.org_roles.clone();
        let beyond = policy.orgs.iter().filter(|(_, org)| match &self.own_roles {
            OwnRoles::OfPaths => false,
            OwnRoles::Named(name) => org.roles.contains_key(name),
            OwnRoles::All => true,
        });
        let mut ids: Vec<&String> = self.orgs.iter().chain(beyond.map(|(id, _)| id)).collect();
        while let Some(id) = ids.pop() {
            let Some(org) = policy.orgs.get(id) else {
                continue;
            };
            let mut org = org.clone();
            ids.extend(
                policy.orgs[id]
                    .parent
                    .as_ref()
                    .filter(|_| !slice.orgs.contains_key(id)),
            );
            org.members
                .retain(|member, _| self.subjects.contains(member));
            slice.orgs.insert(id.clone(), org);
        }
        let named = policy.subjects.iter();
        let named = named.filter(|(id, _)| self.subjects.contains(*id));
        slice.subjects = named.map(|(id, row)| (id.clone(), row.clone())).collect();
        slice
    }
}
