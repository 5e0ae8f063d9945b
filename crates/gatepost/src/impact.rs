//! What a change of policy does: who may no longer do what, and who may from then on.

mod classes;
mod flips;
mod left_out;
mod member;
mod side;
#[cfg(test)]
mod tests;
mod walk;

use std::fmt;

use serde::Serialize;

use crate::inventory::Inventory;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;
use classes::{Both, Key};
use flips::Questions;
pub use left_out::ImpactLeftOut;
pub use member::{ImpactFlip, ImpactMember};
use side::Tally;
pub use side::{ImpactExample, ImpactRoute, ImpactSide};
use walk::Walk;

/// What is answered otherwise by one policy than by another: for members counted exactly.
///
/// It is asked for each subject that either policy names or has as a member: in each org that it is a member of by
/// either of them, directly or by way of an org above, what every route asks there; and once by itself what the
/// routes ask whose requests need not name an org. Whom else a change may concern is [left out](ImpactLeftOut), and
/// told as such: an agent is asked for without anybody that it acts for, who are not in the policy; no stranger is
/// asked for, whoever may know a public org; and who reaches all orgs is asked for only where it is a member.
///
/// ```
/// use gatepost::{Impact, Inventory, PolicyText};
///
/// let policy = |switch: &str| PolicyText::toml(format!(r#"
/// version = 1
/// resources.chat = ["read"]
/// site.gates.chat = {{ switch = "{switch}", access = "everyone" }}
/// org_roles.guest = {{ level = 10, grants = ["chat:read"] }}
/// [orgs.acme.members]
/// alice.roles = ["guest"]
/// bob.roles = ["guest"]
/// carol.roles = []
/// "#)).compile(1);
/// let (before, after) = (policy("on")?, policy("off")?);
/// let impact = Impact::between(&before, &after, &Inventory::of_actions(&before), 1_000)?;
///
/// // Carol holds no role that grants it.
/// assert_eq!((impact.losing.members, impact.gaining.members), (2, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Impact {
    /// Who may do less.
    pub losing: ImpactSide,
    /// Who may do more.
    pub gaining: ImpactSide,
    /// Who is counted on neither side, whatever is answered.
    pub left_out: ImpactLeftOut,
}

/// No impact can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImpactError {
    /// There are more members to ask for than may be asked for.
    TooLarge {
        /// For how many it may be.
        limit: usize,
    },
    /// The memberships of one of the policies are elsewhere.
    MembershipsElsewhere,
}

impl Impact {
    /// What is answered otherwise after than before, at this moment.
    ///
    /// `limit` bounds the work: at most as many subjects, each with each org that it is a member of, are asked for.
    ///
    /// # Errors
    ///
    /// [`ImpactError`] where there are more of them, or the memberships are not in the facts. Nothing is estimated.
    pub fn between(
        before: &Snapshot,
        after: &Snapshot,
        routes: &Inventory,
        limit: usize,
    ) -> Result<Self, ImpactError> {
        Self::between_at(before, after, routes, Timestamp::now(), limit)
    }

    /// What is answered otherwise after than [`before`](Self::between), at a moment.
    ///
    /// # Errors
    ///
    /// As [`between`](Self::between).
    pub fn between_at(
        before: &Snapshot,
        after: &Snapshot,
        routes: &Inventory,
        at: Timestamp,
        limit: usize,
    ) -> Result<Self, ImpactError> {
        Self::listed_at(before, after, routes, at, limit, |_| {})
    }

    /// As [`between_at`](Self::between_at), and `visit` is told each of those who are counted, on whichever side: by
    /// the ids of the subjects, each by itself and then org by org.
    ///
    /// ```
    /// use gatepost::{Impact, Inventory, PolicyText, Timestamp};
    ///
    /// let policy = |switch: &str| PolicyText::toml(format!(r#"
    /// version = 1
    /// resources.chat = ["read"]
    /// site.gates.chat = {{ switch = "{switch}", access = "everyone" }}
    /// org_roles.guest = {{ level = 10, grants = ["chat:read"] }}
    /// orgs.acme.members.alice.roles = ["guest"]
    /// "#)).compile(1);
    /// let (before, after) = (policy("on")?, policy("off")?);
    /// let routes = Inventory::of_actions(&before);
    ///
    /// let mut told = Vec::new();
    /// let impact = Impact::listed_at(&before, &after, &routes, Timestamp::now(), 1_000, |member| {
    ///     let lost = member.flips().filter(|flip| flip.loses()).count();
    ///     told.push(format!("{} {lost}", member.subject()));
    /// })?;
    /// // Once without a mode, and once in each.
    /// assert_eq!((impact.losing.members, told), (1, vec!["alice 3".to_owned()]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`between`](Self::between); nobody has been told of then.
    pub fn listed_at(
        before: &Snapshot,
        after: &Snapshot,
        routes: &Inventory,
        at: Timestamp,
        limit: usize,
        mut visit: impl FnMut(&ImpactMember<'_>),
    ) -> Result<Self, ImpactError> {
        if before.looks_through() || after.looks_through() {
            return Err(ImpactError::MembershipsElsewhere);
        }
        let mut walk = Walk::new(before, after, at);
        let mut members = 0;
        let subjects = walk.subjects();
        for subject in &subjects {
            members += 1 + walk.orgs_of(subject, limit).len();
            if members > limit {
                return Err(ImpactError::TooLarge { limit });
            }
        }
        let mut questions = Questions::new(routes, before, after, at);
        let mut classes = Both::new(before, after, at);
        let mut tally = Tally::new(questions.asked().len(), walk.len());
        let mut tell = |flips: &[_], asked: &[_], subject: &_, org| {
            if !flips.is_empty() {
                visit(&ImpactMember {
                    subject,
                    org,
                    flips,
                    asked,
                });
            }
        };
        for subject in &subjects {
            tally.next_subject();
            let of = classes.of_subject(subject);
            let alone = Key::alone(&of, &mut classes);
            let flips = questions.alone(&alone, subject);
            tally.add(&flips, subject, None);
            tell(&flips, questions.asked(), subject, None);
            for org in walk.orgs_of(subject, usize::MAX).iter() {
                let key = Key::in_org(&of, org, &mut classes);
                let flips = questions.in_org(&key, subject, org.id);
                tally.add(&flips, subject, Some(org));
                tell(&flips, questions.asked(), subject, Some(org.id));
            }
        }
        let (losing, gaining) = tally.finish(&questions);
        Ok(Self {
            losing,
            gaining,
            left_out: ImpactLeftOut::of(before, after),
        })
    }

    /// Whether everybody who is counted is answered as before.
    pub fn is_nothing(&self) -> bool {
        [&self.losing, &self.gaining]
            .iter()
            .all(|side| side.members == 0 && side.alone == 0)
    }
}

impl fmt::Display for ImpactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => {
                write!(f, "there are more than {limit} members to ask for")
            }
            Self::MembershipsElsewhere => f.write_str("the memberships are not in the facts"),
        }
    }
}

impl std::error::Error for ImpactError {}
