use super::*;
use crate::impact::Impact;
use crate::inventory::{Inventory, InventoryRoute};
use crate::policy::PolicyText;
use crate::requirement::{Org, Requirement};

#[test]
fn a_subject_by_itself_is_no_member_and_a_route_is_one_however_much_it_asks() {
    let policy = |switch: &str| {
        let text = format!(
            "version = 1\nresources.chat = [\"create\"]\nsite.gates.chat = {{ switch = \"{switch}\", access = \"everyone\" }}\n\
             site.roles.guest.grants = [\"chat:*\"]\norg_roles.guest = {{ level = 1, grants = [\"chat:*\"] }}\n\
             orgs.acme.members.alice.roles = [\"guest\"]\nsubjects.bob.site_roles = [\"guest\"]\n"
        );
        PolicyText::toml(text).compile(1).unwrap()
    };
    let (before, after) = (policy("on"), policy("off"));
    let create = Requirement::new("chat", "create").mode_from_body(64, |_| None);
    let (own, in_org) = (create.org(Org::none()), create.org(Org::path("org")));
    let routes = Inventory::new([
        InventoryRoute::requiring("POST", "/me/chats", &own),
        InventoryRoute::requiring("POST", "/orgs/{org}/chats", &in_org),
    ]);
    let side = Impact::between(&before, &after, &routes, 100)
        .unwrap()
        .losing;
    // Each of the two by itself, and alice in acme.
    assert_eq!((side.members, side.alone), (1, 2), "{side:?}");
    assert_eq!((side.subjects, side.orgs), (2, 1));
    // No work is queued without an org.
    assert_eq!((side.distinct_routes, side.routes.len()), (2, 3));
    let in_org = |route: &ImpactRoute| route.path == "/orgs/{org}/chats";
    for route in &side.routes {
        let want = if in_org(route) { (1, 0) } else { (0, 2) };
        assert_eq!((route.members, route.alone), want, "{route:?}");
    }
}
