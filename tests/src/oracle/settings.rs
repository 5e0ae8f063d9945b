//! What orgs set along the path: switches and floors.

use super::document::{Document, Org, OrgGate, OrgMode, OrgSwitch, SiteMode, Switch};
use super::org;

/// "Site `on`: on in every org, orgs have no say. `opt-out`: on unless the org says `off`.
/// `opt-in`: off unless the org says `on`. `off`: off for everyone".
pub(super) fn is_on(site: Switch, org: Option<OrgSwitch>) -> bool {
    match site {
        Switch::On => true,
        Switch::OptOut => org != Some(OrgSwitch::Off),
        Switch::OptIn => org == Some(OrgSwitch::On),
        Switch::Off => false,
    }
}

/// The org's word on the resource.
pub(super) fn switch(policy: &Document, org: &Org, resource: &str) -> Option<OrgSwitch> {
    unite(gates(policy, org, resource).filter_map(|gate| gate.switch))
}

/// "The same for a mode's switch."
pub(super) fn mode_switch(
    policy: &Document,
    org: &Org,
    resource: &str,
    mode: &str,
) -> Option<OrgSwitch> {
    unite(modes(policy, org, resource, mode).filter_map(|set| set.switch))
}

/// "The effective floor is the higher of the site's floor and the org's value, which is the
/// highest `min_role` on the path, or the site's `default` where none on the path sets one."
pub(super) fn floor(
    policy: &Document,
    site: &SiteMode,
    org: &Org,
    resource: &str,
    mode: &str,
) -> i64 {
    let site_floor = level_named(policy, &site.floor);
    let org_value = modes(policy, org, resource, mode)
        .filter_map(|set| set.min_role.as_deref())
        .map(|role| level_named(policy, role))
        .max()
        .unwrap_or_else(|| level_named(policy, site.default_role()));
    site_floor.max(org_value)
}

/// "An `off` anywhere on the path is off; else an `on` anywhere is on."
fn unite(mut said: impl Iterator<Item = OrgSwitch>) -> Option<OrgSwitch> {
    let first = said.next()?;
    let any_off = first == OrgSwitch::Off || said.any(|word| word == OrgSwitch::Off);
    Some(if any_off {
        OrgSwitch::Off
    } else {
        OrgSwitch::On
    })
}

/// "`everyone` as a floor is 0." Any other name is one of `org_roles`, "not an org's own role"; a
/// name that is neither is refused at load, and nobody would reach it here. `anyone` is of level
/// 0 whatever the document says.
fn level_named(policy: &Document, role: &str) -> i64 {
    match role {
        "everyone" | "anyone" => 0,
        _ => policy
            .org_roles
            .get(role)
            .map_or(i64::MAX, |role| role.level),
    }
}

/// The gates that the orgs on the path have for the resource.
fn gates<'a>(
    policy: &'a Document,
    org: &'a Org,
    resource: &str,
) -> impl Iterator<Item = &'a OrgGate> {
    org::path(policy, org).filter_map(move |org| org.gates.get(resource))
}

/// What they say of the mode.
fn modes<'a>(
    policy: &'a Document,
    org: &'a Org,
    resource: &str,
    mode: &str,
) -> impl Iterator<Item = &'a OrgMode> {
    gates(policy, org, resource).map(move |gate| gate.mode(mode))
}

#[cfg(test)]
mod tests {
    use super::{Document, OrgSwitch, Switch, floor, is_on, mode_switch, switch};
    use serde_json::{Value, json};

    fn policy(top: &Value, mid: &Value, low: &Value) -> Document {
        Document::read(&json!({
            "site": { "gates": {
                "chat": { "background": { "floor": "dev", "default": "lead" } },
                "mail": { "background": { "floor": "dev" } },
            } },
            "org_roles": {
                "under": { "level": -5 }, "guest": { "level": 10 }, "dev": { "level": 30 },
                "lead": { "level": 40 }, "owner": { "level": 50 },
            },
            "orgs": {
                "top": { "gates": top },
                "mid": { "parent": "top", "gates": mid },
                "low": { "parent": "mid", "gates": low },
            },
        }))
        .unwrap()
    }

    fn effective_floor(resource: &str, mode: &str, top: &Value, low: &Value) -> i64 {
        let policy = policy(top, &json!({}), low);
        let gate = policy.site.gates.get(resource).unwrap();
        let org = policy.orgs.get("low").unwrap();
        floor(&policy, gate.mode(mode), org, resource, mode)
    }

    #[test]
    fn the_floor_is_the_higher_of_the_sites_and_the_highest_on_the_path() {
        let set = |role: &str| json!({ "chat": { "background": { "min_role": role } } });
        let chat = |top: Value, low: Value| effective_floor("chat", "background", &top, &low);
        assert_eq!(chat(json!({}), json!({})), 40, "the site's default");
        assert_eq!(chat(set("owner"), set("lead")), 50);
        assert_eq!(
            chat(json!({}), set("everyone")),
            30,
            "in the default's place"
        );
        assert_eq!(chat(set("under"), json!({})), 30);
    }

    #[test]
    fn an_absent_default_is_the_floor_and_an_absent_floor_is_everyone() {
        let nothing = json!({});
        assert_eq!(
            effective_floor("mail", "background", &nothing, &nothing),
            30
        );
        assert_eq!(effective_floor("mail", "foreground", &nothing, &nothing), 0);
    }

    #[test]
    fn an_off_anywhere_is_off_else_an_on_anywhere_is_on() {
        let both =
            |word: &str| json!({ "chat": { "switch": word, "foreground": { "switch": word } } });
        let (on, off) = (Some(OrgSwitch::On), Some(OrgSwitch::Off));
        for (top, mid, low, united) in [
            (json!({}), json!({}), json!({}), None),
            (json!({}), json!({}), both("on"), on),
            (both("on"), json!({}), json!({}), on),
            (both("off"), both("on"), both("on"), off),
            (both("on"), both("off"), both("on"), off),
            (both("on"), both("on"), both("off"), off),
        ] {
            let policy = policy(&top, &mid, &low);
            let org = policy.orgs.get("low").unwrap();
            assert_eq!(switch(&policy, org, "chat"), united);
            assert_eq!(mode_switch(&policy, org, "chat", "foreground"), united);
            assert_eq!(mode_switch(&policy, org, "chat", "background"), None);
        }
    }

    #[test]
    fn the_sites_switch_says_how_much_the_org_has_to_say() {
        let (on, off) = (Some(OrgSwitch::On), Some(OrgSwitch::Off));
        for (site, unset, said_on, said_off) in [
            (Switch::On, true, true, true),
            (Switch::OptOut, true, true, false),
            (Switch::OptIn, false, true, false),
            (Switch::Off, false, false, false),
        ] {
            let effective = [is_on(site, None), is_on(site, on), is_on(site, off)];
            assert_eq!(effective, [unset, said_on, said_off], "{site:?}");
        }
    }
}
