//! Which org a request falls in.

use super::document::Document;
use super::org;
use super::request::Request;

/// Whether the site tier decides without an org: "`org_rule` says what holds when there is no
/// `org`", so one that is named is asked in any case.
pub(super) fn site_decides_alone(request: &Request) -> bool {
    request.org.is_none() && request.org_rule.as_deref() == Some("none")
}

/// The org of the request, `None` where it has none and need not; else the code.
pub(super) fn find<'a>(
    policy: &'a Document,
    request: &'a Request,
) -> Result<Option<&'a str>, &'static str> {
    if let Some(named) = &request.org {
        return Ok(Some(named));
    }
    match request.org_rule.as_deref() {
        // "The mode must be `foreground` or absent (`org_required` else: background work is
        // billed to an org)."
        Some("none") if matches!(request.mode.as_deref(), None | Some("foreground")) => Ok(None),
        Some("default") => default_org(policy, request)
            .ok_or("no_default_org")
            .map(Some),
        _ => Err("org_required"),
    }
}

/// "`default` is that of the one acted for", where there is one.
fn default_org<'a>(policy: &'a Document, request: &Request) -> Option<&'a str> {
    let subject = request
        .acting_for
        .as_deref()
        .or(request.subject.as_deref())?;
    declared_default(policy, subject, request.at)
        .or_else(|| only_membership(policy, subject, request.at))
}

/// "The subject's `default_org` if it is a member there". "A `default_org` that is no org counts
/// as unset."
fn declared_default<'a>(
    policy: &'a Document,
    subject: &str,
    at: jiff::Timestamp,
) -> Option<&'a str> {
    let id = policy.subjects.get(subject)?.default_org.as_deref()?;
    let org = policy.orgs.get(id)?;
    org::is_member(policy, org, subject, at).then_some(id)
}

/// "Else the only org that it is directly and unexpiredly a member of".
fn only_membership<'a>(
    policy: &'a Document,
    subject: &str,
    at: jiff::Timestamp,
) -> Option<&'a str> {
    let mut direct = policy
        .orgs
        .iter()
        .filter(|(_, org)| org::direct_membership(org, subject, at).is_some())
        .map(|(id, _)| id.as_str());
    let only = direct.next()?;
    direct.next().is_none().then_some(only)
}

#[cfg(test)]
mod tests {
    use super::{Document, Request, find};
    use serde_json::json;

    fn policy() -> Document {
        let over = json!({ "roles": [], "expires": "2026-01-01T00:00:00Z" });
        Document::read(&json!({
            "orgs": {
                "top": { "members": { "ann": {}, "two": {}, "old": over, "gone": {} } },
                "sub": { "parent": "top", "members": { "two": {}, "late": {} } },
                "far": { "members": { "late": over, "old": over } },
            },
            "subjects": {
                "ann": { "default_org": "sub" },
                "late": { "default_org": "far" },
                "gone": { "default_org": "nowhere" },
            },
        }))
        .unwrap()
    }

    fn found(
        subject: &str,
        rule: Option<&str>,
        mode: Option<&str>,
    ) -> Result<Option<String>, &'static str> {
        let request = Request {
            subject: Some(subject.to_owned()),
            org_rule: rule.map(str::to_owned),
            mode: mode.map(str::to_owned),
            at: "2026-01-01T00:00:00Z".parse().unwrap(),
            ..Request::default()
        };
        find(&policy(), &request).map(|org| org.map(str::to_owned))
    }

    #[test]
    fn a_default_org_counts_where_the_subject_is_a_member_if_only_by_an_ancestor() {
        let default = |subject| found(subject, Some("default"), None);
        assert_eq!(default("ann"), Ok(Some("sub".to_owned())));
        assert_eq!(default("late"), Ok(Some("sub".to_owned())), "expired there");
        assert_eq!(default("gone"), Ok(Some("top".to_owned())), "no org");
    }

    #[test]
    fn without_one_the_only_direct_and_unexpired_membership_counts() {
        for subject in ["two", "old", "stranger"] {
            assert_eq!(
                found(subject, Some("default"), None),
                Err("no_default_org"),
                "{subject}"
            );
        }
    }

    #[test]
    fn no_org_is_needed_under_none_but_for_background_work() {
        assert_eq!(found("ann", Some("none"), None), Ok(None));
        assert_eq!(found("ann", Some("none"), Some("foreground")), Ok(None));
        assert_eq!(
            found("ann", Some("none"), Some("background")),
            Err("org_required")
        );
        assert_eq!(found("ann", Some("required"), None), Err("org_required"));
        assert_eq!(found("ann", None, None), Err("org_required"));
    }
}
