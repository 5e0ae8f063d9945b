//! What each code says to people. It quotes no id and no role that the client does not hold.

use std::borrow::Cow;

use crate::code::Code;
use crate::denial::{Remedy, Who};
use crate::vocabulary::Mode;

pub(crate) struct Text {
    pub(crate) title: &'static str,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) remedy: Option<Remedy>,
}

/// The words for a code, about the resource and mode that were asked for.
pub(crate) fn of(code: Code, resource: Option<&str>, mode: Option<Mode>) -> Text {
    let what = resource.map_or_else(|| "this".to_owned(), |name| format!("`{name}`"));
    let how = mode.map_or_else(
        || "this way of running".to_owned(),
        |mode| format!("`{mode}`"),
    );
    let text = |title, detail: String, who, action: String| Text {
        title,
        detail: Cow::Owned(detail),
        remedy: Some(Remedy { who, action }),
    };
    match code {
        Code::Unauthenticated => text(
            "Authentication required",
            "The request carries no valid identity.".into(),
            Who::Requester,
            "authenticate".into(),
        ),
        Code::SubjectSuspended => text(
            "Suspended",
            "An admin of the site has suspended the account.".into(),
            Who::SiteAdmin,
            "resume the account".into(),
        ),
        Code::DelegatorMissing => text(
            "Not acting for anybody",
            "An agent must act for another subject, and that subject must be a user.".into(),
            Who::Requester,
            "present a token that names the user acted for".into(),
        ),
        Code::ScopeMissing => text(
            "Outside the token's scope",
            "The token is limited to scopes that do not cover this.".into(),
            Who::Requester,
            "present a token with a wider scope".into(),
        ),
        Code::SiteOff => text(
            "Switched off on this site",
            format!("An admin of the site can turn {what} on."),
            Who::SiteAdmin,
            format!("switch on {what}"),
        ),
        Code::SiteDenied => text(
            "Denied on this site",
            format!("A role on the site denies this on {what}."),
            Who::SiteAdmin,
            "remove the role that denies it".into(),
        ),
        Code::SiteGrantMissing => text(
            "Not granted on this site",
            format!("No role on the site grants this on {what}."),
            Who::SiteAdmin,
            "give a role that grants it".into(),
        ),
        Code::SiteModeOff => text(
            "Switched off on this site",
            format!("An admin of the site can turn {how} on for {what}."),
            Who::SiteAdmin,
            format!("switch on {how} for {what}"),
        ),
        Code::OrgRequired => text(
            "No organization named",
            "The request must name an organization.".into(),
            Who::Requester,
            "name an organization".into(),
        ),
        Code::OrgConflict => text(
            "More than one organization named",
            "The request names different organizations in different places.".into(),
            Who::Requester,
            "name one organization".into(),
        ),
        Code::NoDefaultOrg => text(
            "No default organization",
            "The request names no organization, and no default one is set.".into(),
            Who::Requester,
            "name an organization or set a default one".into(),
        ),
        Code::NotAMember => text(
            "Not a member",
            "There is no such organization, or it is open to its members alone.".into(),
            Who::OrgAdmin,
            "add the subject to the organization".into(),
        ),
        Code::OrgSuspended => text(
            "Organization suspended",
            "The organization, or one that it lies under, is suspended.".into(),
            Who::SiteAdmin,
            "resume the organization".into(),
        ),
        Code::OrgOff => text(
            "Switched off in this organization",
            format!("An admin of the organization can turn {what} on."),
            Who::OrgAdmin,
            format!("switch on {what}"),
        ),
        Code::OrgModeOff => text(
            "Switched off in this organization",
            format!("An admin of the organization can turn {how} on for {what}."),
            Who::OrgAdmin,
            format!("switch on {how} for {what}"),
        ),
        Code::OrgDenied => text(
            "Denied in this organization",
            format!("A role in the organization denies this on {what}."),
            Who::OrgAdmin,
            "remove the role that denies it".into(),
        ),
        Code::OrgGrantMissing => text(
            "Not granted in this organization",
            format!("No role in the organization grants this on {what}."),
            Who::OrgAdmin,
            "give a role that grants it".into(),
        ),
        Code::ModeFloor => text(
            "A higher role is required",
            format!("Running {what} in {how} takes a higher role in the organization."),
            Who::OrgAdmin,
            "give the required role, or lower the floor where the site allows it".into(),
        ),
        Code::BadRequest => text(
            "Bad request",
            "The request cannot be read.".into(),
            Who::Requester,
            "correct the request".into(),
        ),
        Code::BodyTooLarge => text(
            "Body too large",
            "The body is larger than this route reads.".into(),
            Who::Requester,
            "send a smaller body".into(),
        ),
        Code::PolicyUnavailable => {
            unavailable("The facts that decide this request cannot be read right now.")
        }
        Code::PolicyStale => {
            unavailable("The facts that decide this request are too old to be relied on.")
        }
        Code::PermitMissing => Text {
            title: "Internal error",
            detail: Cow::Borrowed("The route is not set up to decide this request."),
            remedy: None,
        },
        Code::TicketInvalid => text(
            "Invalid ticket",
            "The work's ticket is not one that was given for it.".into(),
            Who::Requester,
            "queue the work again".into(),
        ),
        Code::TicketExpired => text(
            "Expired ticket",
            "The work waited longer than its ticket lasts.".into(),
            Who::Requester,
            "queue the work again".into(),
        ),
    }
}

fn unavailable(detail: &'static str) -> Text {
    let remedy = Remedy {
        who: Who::Requester,
        action: "try again later".into(),
    };
    Text {
        title: "Temporarily unavailable",
        detail: Cow::Borrowed(detail),
        remedy: Some(remedy),
    }
}
