//! English.

use super::{Language, Words};
use crate::code::Code;

pub(super) const LANGUAGE: Language = Language {
    tag: "en",
    what: "this",
    how: "this way of running",
    words,
};

words! {
    Unauthenticated: "Authentication required",
        "The request carries no valid identity.",
        "authenticate";
    SubjectSuspended: "Suspended",
        "An admin of the site has suspended the account.",
        "resume the account";
    DelegatorMissing: "Not acting for anybody",
        "An agent must act for another subject, and that subject must be a user.",
        "present a token that names the user acted for";
    ScopeMissing: "Outside the token's scope",
        "The token is limited to scopes that do not cover this.",
        "present a token with a wider scope";
    SiteOff: "Switched off on this site",
        "An admin of the site can turn {what} on.",
        "switch on {what}";
    SiteDenied: "Denied on this site",
        "A role on the site denies this on {what}.",
        "remove the role that denies it";
    SiteGrantMissing: "Not granted on this site",
        "No role on the site grants this on {what}.",
        "give a role that grants it";
    SiteModeOff: "Switched off on this site",
        "An admin of the site can turn {how} on for {what}.",
        "switch on {how} for {what}";
    OrgRequired: "No organization named",
        "The request must name an organization.",
        "name an organization";
    OrgConflict: "More than one organization named",
        "The request names different organizations in different places.",
        "name one organization";
    NoDefaultOrg: "No default organization",
        "The request names no organization, and no default one is set.",
        "name an organization or set a default one";
    NotAMember: "Not a member",
        "There is no such organization, or it is open to its members alone.",
        "add the subject to the organization";
    OrgSuspended: "Organization suspended",
        "The organization, or one that it lies under, is suspended.",
        "resume the organization";
    OrgOff: "Switched off in this organization",
        "An admin of the organization can turn {what} on.",
        "switch on {what}";
    OrgModeOff: "Switched off in this organization",
        "An admin of the organization can turn {how} on for {what}.",
        "switch on {how} for {what}";
    OrgDenied: "Denied in this organization",
        "A role in the organization denies this on {what}.",
        "remove the role that denies it";
    OrgGrantMissing: "Not granted in this organization",
        "No role in the organization grants this on {what}.",
        "give a role that grants it";
    ModeFloor: "A higher role is required",
        "Running {what} in {how} takes a higher role in the organization.",
        "give the required role, or lower the floor where the site allows it";
    BadRequest: "Bad request",
        "The request cannot be read.",
        "correct the request";
    BodyTooLarge: "Body too large",
        "The body is larger than this route reads.",
        "send a smaller body";
    PolicyUnavailable: "Temporarily unavailable",
        "The facts that decide this request cannot be read right now.",
        "try again later";
    PolicyStale: "Temporarily unavailable",
        "The facts that decide this request are too old to be relied on.",
        "try again later";
    PermitMissing: "Internal error",
        "The route is not set up to decide this request.";
    TicketInvalid: "Invalid ticket",
        "The work's ticket is not one that was given for it.",
        "queue the work again";
    TicketExpired: "Expired ticket",
        "The work waited longer than its ticket lasts.",
        "queue the work again";
}
