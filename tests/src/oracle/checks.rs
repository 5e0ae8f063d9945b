//! The fifteen checks, in the order of the semantics page's table.

use super::document::{Access, Document, Switch};
use super::grant::{any_denies, any_grants, scopes_cover};
use super::request::Request;
use super::{identity, org, org_source, settings, site};

/// The first check that failed.
pub(super) struct Refusal {
    pub(super) tier: &'static str,
    pub(super) code: &'static str,
}

/// What a pass through all of them found out.
pub(super) struct Passed<'a> {
    /// The org that the request named, or that its rule found.
    pub(super) org: Option<&'a str>,
    /// Whether an `all_orgs` grant matched.
    pub(super) all_orgs: bool,
}

#[cfg(test)]
pub(super) fn run<'a>(policy: &'a Document, request: &'a Request) -> Result<Passed<'a>, Refusal> {
    run_but_for(&[], policy, request)
}

/// "The checks run in this order; the first that fails is the answer. Nothing is skipped because
/// an earlier tier passed: both tiers must pass." The checks that fail with one of `codes` are left out.
pub(super) fn run_but_for<'a>(
    codes: &[&str],
    policy: &'a Document,
    request: &'a Request,
) -> Result<Passed<'a>, Refusal> {
    let check = |holds: bool, tier, code| check(holds || codes.contains(&code), tier, code);
    // 1
    let Some(subject) = request.subject.as_deref() else {
        return Err(refusal("identity", "unauthenticated"));
    };
    // 2
    let active = identity::is_active(policy, subject);
    check(active, "identity", "subject_suspended")?;
    let in_order = identity::delegator_is_in_order(policy, subject, request);
    check(in_order, "identity", "delegator_missing")?;
    // 3
    check(scopes_cover(request), "identity", "scope_missing")?;
    // 4
    let declared = site::is_declared(policy, request);
    let Some(gate) = site::gate(policy, request).filter(|_| declared) else {
        return Err(refusal("site", "site_off"));
    };
    // "For an action outside the gate's `actions`, the switches of 4, 7, 11 and 12 and the access
    // of 6 do not apply; declared it must be, and every other check holds."
    let governed = gate.governs(&request.action);
    let open = !governed || gate.switch != Switch::Off;
    check(open, "site", "site_off")?;
    // 5
    let site_roles = site::roles(policy, subject);
    let site_grants = || site_roles.iter().flat_map(|role| &role.grants);
    let denied = any_denies(site_grants(), request);
    check(!denied, "site", "site_denied")?;
    // 6
    let access_applies = governed || org_source::site_decides_alone(request);
    let granted = any_grants(site_grants(), request);
    let access = !access_applies || gate.access == Access::Everyone || granted;
    check(access, "site", "site_grant_missing")?;
    // 7
    let mode = request.mode.as_deref();
    let open = mode.is_none_or(|mode| !governed || gate.mode(mode).switch != Switch::Off);
    check(open, "site", "site_mode_off")?;
    // 8
    let found = org_source::find(policy, request).map_err(|code| refusal("org", code))?;
    let Some(id) = found else {
        // "`none`: the site tier alone decides".
        return Ok(Passed {
            org: None,
            all_orgs: false,
        });
    };
    // 9
    let all_orgs = any_grants(site::all_orgs_grants(&site_roles), request);
    let known = policy.orgs.get(id).filter(|org| {
        all_orgs || org::is_public(policy, org) || org::is_member(policy, org, subject, request.at)
    });
    let Some(org) = known else {
        return Err(refusal("org", "not_a_member"));
    };
    // 10
    let active = org::is_active_with_its_ancestors(policy, org);
    check(active, "org", "org_suspended")?;
    // 11
    let setting = settings::switch(policy, org, &request.resource);
    let on = settings::is_on(gate.switch, setting);
    check(!governed || on, "org", "org_off")?;
    // 12
    let on = mode.is_none_or(|mode| {
        let setting = settings::mode_switch(policy, org, &request.resource, mode);
        !governed || settings::is_on(gate.mode(mode).switch, setting)
    });
    check(on, "org", "org_mode_off")?;
    // 13: "A site role with `all_orgs = true` passes checks 9, 13, 14 and 15 for what it grants".
    let org_grants = org::grants(policy, org, subject, request.at);
    let denied = any_denies(org_grants.iter().copied(), request);
    check(all_orgs || !denied, "org", "org_denied")?;
    // 14
    let granted = any_grants(org_grants.iter().copied(), request);
    check(all_orgs || granted, "org", "org_grant_missing")?;
    // 15: a request without a mode has no floor to reach, and one outside the gate's actions has.
    let reached = mode.is_none_or(|mode| {
        let level = org::level(policy, org, subject, request.at);
        level >= settings::floor(policy, gate.mode(mode), org, &request.resource, mode)
    });
    check(all_orgs || reached, "mode", "mode_floor")?;
    Ok(Passed {
        org: Some(id),
        all_orgs,
    })
}

fn check(holds: bool, tier: &'static str, code: &'static str) -> Result<(), Refusal> {
    if holds {
        Ok(())
    } else {
        Err(refusal(tier, code))
    }
}

fn refusal(tier: &'static str, code: &'static str) -> Refusal {
    Refusal { tier, code }
}

#[cfg(test)]
mod tests {
    use super::{Document, Request, run};
    use serde_json::{Value, json};

    fn policy() -> Document {
        Document::read(&json!({
            "resources": { "chat": ["read"], "mail": ["read"], "news": ["read"] },
            "site": {
                "gates": {
                    "chat": { "switch": "opt-out", "foreground": { "floor": "dev" }, "background": { "switch": "off" } },
                    "mail": { "switch": "off" },
                    "news": { "switch": "opt-out" },
                },
                "roles": {
                    "root": { "grants": ["*:*"], "all_orgs": true },
                    "barred": { "grants": ["*:*", "!chat:read@own"], "all_orgs": true },
                    "reader": { "grants": ["*:*"] },
                },
            },
            "org_roles": {
                "dev": { "level": 30, "grants": ["*:*"] },
                "guest": { "level": 10, "grants": ["*:*", "!chat:read@own"] },
            },
            "orgs": {
                "acme": {
                    "members": { "root": { "roles": ["guest"] }, "ann": { "roles": ["guest"] } },
                    "gates": { "news": { "switch": "off" } },
                },
                "idle": { "status": "suspended" },
                "below": { "parent": "idle" },
            },
            "subjects": {
                "root": { "site_roles": ["root", "retired"] },
                "bar": { "site_roles": ["barred"] },
                "ann": { "site_roles": ["reader"] },
            },
        }))
        .unwrap()
    }

    fn outcome(subject: &str, permission: &str, more: Value) -> &'static str {
        let (resource, action) = permission.split_once(':').unwrap();
        let mut request = more;
        request["subject"] = json!(subject);
        request["resource"] = json!(resource);
        request["action"] = json!(action);
        let request = Request::from_json(&request).unwrap();
        run(&policy(), &request).map_or_else(|refusal| refusal.code, |_| "allow")
    }

    #[test]
    fn all_orgs_passes_its_four_checks_and_no_other() {
        let at = |org| json!({ "org": org, "mode": "foreground" });
        assert_eq!(outcome("root", "chat:read", at("acme")), "allow");
        assert_eq!(outcome("root", "mail:read", at("acme")), "site_off");
        assert_eq!(outcome("bar", "chat:read", at("acme")), "site_denied");
        let background = json!({ "org": "acme", "mode": "background" });
        assert_eq!(outcome("root", "chat:read", background), "site_mode_off");
        assert_eq!(outcome("root", "chat:read", at("nowhere")), "not_a_member");
        for org in ["idle", "below"] {
            assert_eq!(
                outcome("root", "chat:read", at(org)),
                "org_suspended",
                "{org}"
            );
        }
        assert_eq!(outcome("root", "news:read", at("acme")), "org_off");
    }

    #[test]
    fn without_all_orgs_both_tiers_must_pass() {
        let owned =
            |owner: Option<&str>| json!({ "org": "acme", "mode": "foreground", "owner": owner });
        assert_eq!(outcome("ann", "chat:read", owned(None)), "org_denied");
        assert_eq!(
            outcome("ann", "chat:read", owned(Some("ann"))),
            "org_denied"
        );
        assert_eq!(
            outcome("ann", "chat:read", owned(Some("bob"))),
            "mode_floor"
        );
        let modeless = json!({ "org": "acme", "owner": "bob" });
        assert_eq!(outcome("ann", "chat:read", modeless), "allow");
    }

    #[test]
    fn scopes_are_asked_before_what_is_declared() {
        let scopes = |scope| json!({ "org": "acme", "scopes": [scope] });
        assert_eq!(
            outcome("ann", "ghost:read", scopes("chat:*")),
            "scope_missing"
        );
        assert_eq!(
            outcome("ann", "ghost:read", scopes("ghost:read")),
            "site_off"
        );
        assert_eq!(
            outcome("ann", "gatepost-org:read", scopes("*:*")),
            "scope_missing"
        );
    }
}
