//! Memberships.

use gatepost::{MemberDocument, PolicyDocument, Timestamp};

use super::super::refusal::WriteRefusal;
use super::super::sentence::{List, Shown};
use super::{Summary, changed, org};

pub(super) fn add(
    document: &mut PolicyDocument,
    (id, subject): (&str, &str),
    role: &str,
    expires: Option<Timestamp>,
    now: Timestamp,
) -> Result<Summary, WriteRefusal> {
    let members = &mut org::find(document, id)?.members;
    if let Some(expires) = expires.filter(|expires| *expires <= now) {
        let message = format!("the membership would be over already: {expires} has passed");
        return Err(WriteRefusal::invalid("expires", message));
    }
    let from = members.get(subject).cloned();
    let member = match (from.clone(), expires) {
        (Some(member), given) if member.expires.is_none_or(|end| now < end) => {
            in_force(member, role, given)?
        }
        (Some(_), None) => {
            let message =
                "the membership is over: say when the new one that takes its place expires";
            return Err(WriteRefusal::invalid("expires", message));
        }
        (Some(_) | None, expires) => {
            let mut member = MemberDocument::default();
            member.roles = vec![role.to_owned()];
            member.expires = expires;
            member
        }
    };
    if from.as_ref() == Some(&member) {
        return Ok(Summary::new());
    }
    let line = changed(
        what(id, subject),
        shown(from.as_ref()),
        shown(Some(&member)),
    );
    members.insert(subject.to_owned(), member);
    Ok(line)
}

/// A membership in force, with one role more. Its expiry stays as it is.
fn in_force(
    mut member: MemberDocument,
    role: &str,
    expires: Option<Timestamp>,
) -> Result<MemberDocument, WriteRefusal> {
    if expires.is_some() && expires != member.expires {
        let message = match member.expires {
            Some(end) => format!("the membership expires at {end}, with all its roles"),
            None => "the membership does not expire, with all its roles".to_owned(),
        };
        return Err(WriteRefusal::invalid("expires", message));
    }
    if !member.roles.iter().any(|held| held == role) {
        member.roles.push(role.to_owned());
    }
    Ok(member)
}

pub(super) fn remove(
    document: &mut PolicyDocument,
    id: &str,
    subject: &str,
    role: &str,
) -> Result<Summary, WriteRefusal> {
    let members = &mut org::find(document, id)?.members;
    let Some(member) = members.get_mut(subject) else {
        return Ok(Summary::new());
    };
    if !member.roles.iter().any(|held| held == role) {
        return Ok(Summary::new());
    }
    let from = shown(Some(&*member));
    member.roles.retain(|held| held != role);
    let left = Some(&*member).filter(|member| !member.roles.is_empty());
    let line = changed(what(id, subject), from, shown(left));
    if left.is_none() {
        members.remove(subject);
    }
    Ok(line)
}

fn what(org: &str, subject: &str) -> String {
    format!("{} in {}", Shown(subject), Shown(org))
}

fn shown(member: Option<&MemberDocument>) -> String {
    let Some(member) = member else {
        return "no member".to_owned();
    };
    let roles = List(&member.roles);
    match member.expires {
        Some(end) => format!("{roles} until {end}"),
        None => roles.to_string(),
    }
}
