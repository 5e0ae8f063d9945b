//! Whether what was read of a subject is of the history that a replica follows, and what it says.

use gatepost::{LoadedMemberships, MemberDocument, OrgId, SubjectId};

use super::super::elsewhere::Point;
use super::super::source::{Fault, Held, Token};
use crate::error::StoreErrorKind;
use crate::head::{Head, STORE_FORMAT};

/// Memberships, if they are those of the history that leads over what is `followed`, there or further on.
pub(super) fn judge(
    subject: &SubjectId,
    followed: &Point,
    read: Held,
) -> Result<LoadedMemberships, Fault> {
    let unsure = |why: &str| Err(Fault::unreachable(why));
    let Held {
        answer,
        changed,
        rows,
    } = read;
    if answer.standby {
        return unsure("the store is a standby: it repeats another one");
    }
    let head = answer.head.map_err(Fault::unsound)?;
    let head = head.read().map_err(|why| Fault::unsound(why.to_string()))?;
    if !head.is_understood() {
        let format = head.format;
        let why =
            format!("the store is of format {format}, this release understands {STORE_FORMAT}");
        return Err(Fault {
            kind: StoreErrorKind::Newer,
            ..Fault::unsound(why)
        });
    }
    if !leads_over(followed, &head, &answer.token) {
        return unsure("its memberships are not of the history that is followed");
    }
    let changed = u64::try_from(changed.unwrap_or(0));
    let changed = changed.map_err(|_| Fault::unsound("a version is negative"))?;
    let rows = rows.map_err(Fault::unsound)?;
    let members = rows
        .into_iter()
        .map(member)
        .collect::<Result<Vec<_>, _>>()
        .map_err(Fault::unsound)?;
    let loaded = LoadedMemberships::new(subject.clone(), head.version, members);
    Ok(loaded.unchanged_since(changed.max(head.whole)))
}

/// Whether the store has the commit that is followed, in the same life of the same store.
fn leads_over(followed: &Point, head: &Head, token: &Token) -> bool {
    let Point { lineage, commit } = followed;
    let same = head.lineage == *lineage && head.epoch == commit.epoch;
    same && match token {
        _ if head.version < commit.version => false,
        _ if head.version == commit.version => head.token == commit.token,
        Token::Is(token) => *token == commit.token,
        // No commit made the version that a store begins with.
        Token::Absent => commit.version == 0,
        Token::Untold => false,
    }
}

fn member((org, body): (String, String)) -> Result<(OrgId, MemberDocument), String> {
    let misread = |why: &dyn std::fmt::Display| {
        let org: String = org.chars().take(80).collect();
        format!(
            "a membership in `{}` is not understood: {why}",
            org.escape_debug()
        )
    };
    // Serde would read a table from a list as well.
    if !body.trim_start().starts_with('{') {
        return Err(misread(&"it is no table"));
    }
    let member = serde_json::from_str(&body).map_err(|why| misread(&why))?;
    let org = OrgId::new(&org).map_err(|why| misread(&why))?;
    Ok((org, member))
}

#[cfg(test)]
mod tests;
