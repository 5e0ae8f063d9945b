//! What each code says to people. It quotes no id and no role that the client does not hold.

use std::borrow::Cow;

use crate::code::Code;
use crate::denial::{Remedy, Who};
use crate::vocabulary::Mode;

/// The words for one code; `{what}` and `{how}` stand for the resource and the mode.
struct Template {
    title: &'static str,
    detail: &'static str,
    remedy: Option<(Who, &'static str)>,
}

macro_rules! texts {
    ($($code:ident: $title:literal, $detail:literal $(, $who:ident, $action:literal)?;)+) => {
        const fn template(code: Code) -> Template {
            match code {
                $(Code::$code => Template { title: $title, detail: $detail, remedy: texts!(@ $($who, $action)?) },)+
            }
        }
    };
    (@ $who:ident, $action:literal) => { Some((Who::$who, $action)) };
    (@) => { None };
}

texts! {
    Unauthenticated: "Authentication required",
        "The request carries no valid identity.",
        Requester, "authenticate";
    SubjectSuspended: "Suspended",
        "An admin of the site has suspended the account.",
        SiteAdmin, "resume the account";
    DelegatorMissing: "Not acting for anybody",
        "An agent must act for another subject, and that subject must be a user.",
        Requester, "present a token that names the user acted for";
    ScopeMissing: "Outside the token's scope",
        "The token is limited to scopes that do not cover this.",
        Requester, "present a token with a wider scope";
    SiteOff: "Switched off on this site",
        "An admin of the site can turn {what} on.",
        SiteAdmin, "switch on {what}";
    SiteDenied: "Denied on this site",
        "A role on the site denies this on {what}.",
        SiteAdmin, "remove the role that denies it";
    SiteGrantMissing: "Not granted on this site",
        "No role on the site grants this on {what}.",
        SiteAdmin, "give a role that grants it";
    SiteModeOff: "Switched off on this site",
        "An admin of the site can turn {how} on for {what}.",
        SiteAdmin, "switch on {how} for {what}";
    OrgRequired: "No organization named",
        "The request must name an organization.",
        Requester, "name an organization";
    OrgConflict: "More than one organization named",
        "The request names different organizations in different places.",
        Requester, "name one organization";
    NoDefaultOrg: "No default organization",
        "The request names no organization, and no default one is set.",
        Requester, "name an organization or set a default one";
    NotAMember: "Not a member",
        "There is no such organization, or it is open to its members alone.",
        OrgAdmin, "add the subject to the organization";
    OrgSuspended: "Organization suspended",
        "The organization, or one that it lies under, is suspended.",
        SiteAdmin, "resume the organization";
    OrgOff: "Switched off in this organization",
        "An admin of the organization can turn {what} on.",
        OrgAdmin, "switch on {what}";
    OrgModeOff: "Switched off in this organization",
        "An admin of the organization can turn {how} on for {what}.",
        OrgAdmin, "switch on {how} for {what}";
    OrgDenied: "Denied in this organization",
        "A role in the organization denies this on {what}.",
        OrgAdmin, "remove the role that denies it";
    OrgGrantMissing: "Not granted in this organization",
        "No role in the organization grants this on {what}.",
        OrgAdmin, "give a role that grants it";
    ModeFloor: "A higher role is required",
        "Running {what} in {how} takes a higher role in the organization.",
        OrgAdmin, "give the required role, or lower the floor where the site allows it";
    BadRequest: "Bad request",
        "The request cannot be read.",
        Requester, "correct the request";
    BodyTooLarge: "Body too large",
        "The body is larger than this route reads.",
        Requester, "send a smaller body";
    PolicyUnavailable: "Temporarily unavailable",
        "The facts that decide this request cannot be read right now.",
        Requester, "try again later";
    PolicyStale: "Temporarily unavailable",
        "The facts that decide this request are too old to be relied on.",
        Requester, "try again later";
    PermitMissing: "Internal error",
        "The route is not set up to decide this request.";
    TicketInvalid: "Invalid ticket",
        "The work's ticket is not one that was given for it.",
        Requester, "queue the work again";
    TicketExpired: "Expired ticket",
        "The work waited longer than its ticket lasts.",
        Requester, "queue the work again";
}

pub(crate) struct Text {
    pub(crate) title: &'static str,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) remedy: Option<Remedy>,
}

/// The words for a code, about the resource and mode that were asked for.
pub(crate) fn of(code: Code, resource: Option<&str>, mode: Option<Mode>) -> Text {
    let Template {
        title,
        detail,
        remedy,
    } = template(code);
    Text {
        title,
        detail: fill(detail, resource, mode),
        remedy: remedy.map(|(who, action)| Remedy {
            who,
            action: fill(action, resource, mode).into_owned(),
        }),
    }
}

fn fill(template: &'static str, resource: Option<&str>, mode: Option<Mode>) -> Cow<'static, str> {
    if !template.contains('{') {
        return Cow::Borrowed(template);
    }
    let what = resource.map_or_else(|| "this".to_owned(), |name| format!("`{name}`"));
    let how = mode.map_or_else(
        || "this way of running".to_owned(),
        |mode| format!("`{mode}`"),
    );
    Cow::Owned(template.replace("{what}", &what).replace("{how}", &how))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_in_a_text_is_filled() {
        for code in Code::ALL {
            for (resource, mode) in [(None, None), (Some("chat"), Some(Mode::Background))] {
                let Text {
                    title,
                    detail,
                    remedy,
                } = of(*code, resource, mode);
                let action = remedy.map(|remedy| remedy.action).unwrap_or_default();
                for text in [title, &detail, &action] {
                    assert!(!text.contains(['{', '}']), "{code}: {text}");
                }
            }
        }
        assert_eq!(
            of(Code::OrgOff, Some("chat"), None).detail,
            "An admin of the organization can turn `chat` on."
        );
    }
}
