//! The site tier: what is declared, and what site roles hold.

use super::document::{Document, SiteGate, SiteRole};
use super::grant::Grant;
use super::request::Request;

/// "The resource and the action are declared".
pub(super) fn is_declared(policy: &Document, request: &Request) -> bool {
    policy
        .resources
        .get(&request.resource)
        .is_some_and(|actions| actions.contains(&request.action))
}

/// "A resource with no `[site.gates.X]` has `switch = "off"` for every action": no gate, no pass.
pub(super) fn gate<'a>(policy: &'a Document, request: &Request) -> Option<&'a SiteGate> {
    policy.site.gates.get(&request.resource)
}

impl SiteGate {
    /// "What this gate governs; absent: every action of the resource".
    pub(super) fn governs(&self, action: &str) -> bool {
        self.actions
            .as_ref()
            .is_none_or(|governed| governed.contains(action))
    }
}

/// The site roles of a subject. "A role that a subject or member holds and nothing defines grants
/// nothing"; "a subject that the policy does not name [...] has no roles".
pub(super) fn roles<'a>(policy: &'a Document, subject: &str) -> Vec<&'a SiteRole> {
    policy
        .subjects
        .get(subject)
        .into_iter()
        .flat_map(|known| &known.site_roles)
        .filter_map(|name| policy.site.roles.get(name))
        .collect()
}

/// What reaches into every org.
pub(super) fn all_orgs_grants<'a>(roles: &[&'a SiteRole]) -> impl Iterator<Item = &'a Grant> {
    roles
        .iter()
        .copied()
        .filter(|role| role.all_orgs)
        .flat_map(|role| &role.grants)
}

#[cfg(test)]
mod tests {
    use super::super::checks::run;
    use super::{Document, Request};
    use serde_json::{Value, json};

    fn policy() -> Document {
        Document::read(&json!({
            "resources": { "chat": ["create", "read"], "mail": ["create", "read"], "dark": ["read"], "bare": ["read"] },
            "site": {
                "gates": {
                    "chat": {
                        "switch": "off", "actions": ["create"],
                        "background": { "switch": "off", "floor": "dev" },
                    },
                    "mail": { "switch": "on", "access": "everyone", "actions": ["create"] },
                    "dark": { "actions": [] },
                },
                "roles": {
                    "root": { "grants": ["*:*"], "all_orgs": true },
                    "clerk": { "grants": ["gatepost-org:*"], "all_orgs": true },
                    "barred": { "grants": ["*:*", "!chat:read@own"] },
                },
            },
            "org_roles": {
                "dev": { "level": 30, "grants": ["*:*"] },
                "guest": { "level": 10, "grants": ["*:*"] },
            },
            "orgs": { "acme": {
                "members": { "ann": { "roles": ["dev"] }, "bob": { "roles": ["guest"] } },
                "gates": {
                    "chat": { "switch": "off", "background": { "switch": "off" } },
                    "gatepost-org": { "switch": "off" },
                },
            } },
            "subjects": {
                "root": { "site_roles": ["root"] },
                "clerk": { "site_roles": ["clerk"] },
                "bar": { "site_roles": ["barred"] },
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
    fn outside_the_gates_actions_no_switch_and_no_access_applies_but_the_rest_does() {
        let acme = |mode| json!({ "org": "acme", "mode": mode });
        assert_eq!(
            outcome("ann", "chat:create", acme("background")),
            "site_off"
        );
        assert_eq!(outcome("ann", "chat:read", acme("background")), "allow");
        assert_eq!(
            outcome("bob", "chat:read", acme("background")),
            "mode_floor"
        );
        assert_eq!(outcome("bob", "chat:read", acme("foreground")), "allow");
        assert_eq!(
            outcome("bar", "chat:read", acme("foreground")),
            "site_denied"
        );
        assert_eq!(
            outcome("ann", "chat:delete", acme("foreground")),
            "site_off"
        );
        assert_eq!(outcome("ann", "dark:read", acme("foreground")), "allow");
        assert_eq!(
            outcome("root", "bare:read", acme("foreground")),
            "site_off",
            "no gate"
        );
    }

    #[test]
    fn without_an_org_the_access_holds_for_every_action() {
        let none = || json!({ "org_rule": "none" });
        assert_eq!(outcome("ann", "chat:read", none()), "site_grant_missing");
        assert_eq!(outcome("root", "chat:read", none()), "allow");
        for action in ["mail:create", "mail:read"] {
            assert_eq!(outcome("ann", action, none()), "allow", "{action}");
        }
        let named = json!({ "org_rule": "none", "org": "acme" });
        assert_eq!(
            outcome("ann", "chat:read", named),
            "allow",
            "the rule is for no org"
        );
        let unknown = json!({ "org_rule": "none", "org": "nowhere" });
        assert_eq!(outcome("root", "chat:read", unknown), "not_a_member");
    }

    #[test]
    fn the_consoles_own_resources_are_granted_by_name_and_have_no_modes() {
        let acme = || json!({ "org": "acme" });
        assert_eq!(
            outcome("root", "gatepost-org:read", acme()),
            "site_grant_missing"
        );
        assert_eq!(outcome("clerk", "gatepost-org:read", acme()), "allow");
        assert_eq!(outcome("clerk", "gatepost-org:delete", acme()), "site_off");
        let mode = json!({ "org": "acme", "mode": "foreground" });
        assert_eq!(outcome("clerk", "gatepost-org:read", mode), "site_mode_off");
    }
}
