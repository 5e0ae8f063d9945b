//! Whoever could meet a requirement counts, whatever way it is.

use fastrand::Rng;

use super::*;
use crate::lint::routes::reach::{Furthest, Reach};
use crate::matrix::tests::random;
use crate::matrix::{Ask, Matrix};

/// Each of these is met by one way alone; without it, it is not.
#[test]
fn each_way_of_meeting_a_requirement_counts() {
    let floor = (
        "foreground = { floor = \"guest\" }",
        "foreground = { floor = \"owner\" }",
    );
    let no_admin = ("all_orgs = true", "");
    let is_met = |changes: &[(&str, &str)]| {
        let found = changed(changes);
        !found
            .iter()
            .any(|(kind, _)| *kind == FindingKind::UnmetRequirement)
    };
    let own_role = "[orgs.acme.roles.lead]\nlevel = 20\ngrants = [\"chat:create\"]\n";
    let guests = ("\"chat:create@own\", ", "");
    // Granted by one role, and the level by another of the same member.
    assert!(is_met(&[floor, no_admin, (own_role, "")]));
    assert!(!is_met(&[floor, no_admin, (own_role, ""), guests]));
    assert!(!is_met(&[
        floor,
        no_admin,
        (own_role, ""),
        (
            "[org_roles.owner]\nlevel = 50",
            "[org_roles.owner]\nlevel = 50\ngrants = [\"!chat:*\"]"
        )
    ]));
    // By an own role of an org, alone and with another.
    assert!(is_met(&[no_admin, guests]));
    assert!(is_met(&[floor, no_admin, guests]));
    assert!(!is_met(&[no_admin, guests, (own_role, "")]));
    // By an own role of the org above.
    let above = format!(
        "{}[orgs.labs]\nparent = \"acme\"\n[orgs.labs.roles.chief]\nlevel = 60\ninclude = [\"lead\"]\n",
        own_role.replace("\"chat:create\"", "")
    );
    assert!(!is_met(&[floor, no_admin, guests, (own_role, &above)]));
    let above =
        format!("{own_role}[orgs.labs]\nparent = \"acme\"\n[orgs.labs.roles.chief]\nlevel = 60\n");
    assert!(is_met(&[
        (
            "foreground = { floor = \"guest\" }",
            "foreground = { floor = \"top\" }"
        ),
        (
            "[org_roles.owner]",
            "[org_roles.top]\nlevel = 60\ngrants = [\"!*:*\"]\n[org_roles.owner]"
        ),
        no_admin,
        guests,
        (own_role, &above)
    ]));
    // By a site role that reaches into every org.
    assert!(is_met(&[guests, (own_role, "")]));
    assert!(!is_met(&[guests, (own_role, ""), no_admin]));
    // By whoever has `anyone` in a public org, and by everybody where the site asks for no grant.
    let anyone = (
        "[org_roles.owner]",
        "[org_roles.anyone]\ngrants = [\"chat:create\"]\n[org_roles.owner]",
    );
    assert!(is_met(&[no_admin, guests, (own_role, ""), anyone]));
    let nobody_on_site = (
        "[\"chat:create\"]\n[site.roles.admin]",
        "[]\n[site.roles.admin]",
    );
    let admin = ("\"*:*\", ", "\"agent:*\", ");
    assert!(!is_met(&[nobody_on_site, admin]));
    assert!(is_met(&[
        nobody_on_site,
        admin,
        ("actions = [\"create\"]", "access = \"everyone\"")
    ]));
    // An org may ask for no more than the site's floor.
    assert!(is_met(&[
        no_admin,
        (
            "foreground = { floor = \"guest\" }",
            "foreground = { floor = \"guest\", default = \"top\" }"
        ),
        (
            "[org_roles.owner]",
            "[org_roles.top]\nlevel = 90\ngrants = [\"!*:*\"]\n[org_roles.owner]"
        )
    ]));
}

#[test]
fn a_member_without_a_role_counts() {
    // Whose default org it is has no role in it, and needs none.
    let admin = "version = 1\n[resources]\nchat = [\"read\"]\n[site.gates.chat]\nswitch = \"on\"\n\
                 [site.roles.admin]\ngrants = [\"*:*\"]\nall_orgs = true\n";
    let me = r#"{"version": 1, "routes": [{"method": "GET", "path": "/me", "requires":
        {"resource": "chat", "action": "read", "org_rule": "default"}}]}"#;
    let me = Inventory::from_json(me).unwrap();
    assert_eq!(linted(admin, &me), []);
    let nobody = admin.replace("all_orgs = true", "");
    assert_eq!(linted(&nobody, &me)[0].0, FindingKind::UnmetRequirement);
}

/// As many roles as nobody has, and a route for each resource.
fn many(site_roles: usize, org_roles: usize, routes: usize) -> (String, Inventory) {
    let mut text = "version = 1\n[resources]\n".to_owned();
    let mut each = |count: usize, line: &dyn Fn(usize) -> String| {
        text.extend((0..count).map(line));
    };
    each(100, &|at| format!("r{at} = [\"read\"]\n"));
    each(100, &|at| format!("[site.gates.r{at}]\nswitch = \"on\"\n"));
    each(site_roles, &|at| {
        format!("[site.roles.s{at}]\ngrants = [\"r{at}:read\"]\n")
    });
    each(org_roles, &|at| {
        let grant = ["read@own", "read#background", "read"][at % 3];
        format!(
            "[org_roles.o{at}]\nlevel = {at}\ngrants = [\"r{}:{grant}\"]\n",
            at % 90
        )
    });
    let asks = |at: usize| {
        let requires = format!(r#""resource": "r{}", "action": "read", {ORG}"#, at % 100);
        route("GET", &format!("/{{org}}/{at}"), &requires)
    };
    let routes: Vec<_> = (0..routes).map(asks).collect();
    let json = format!(r#"{{"version": 1, "routes": [{}]}}"#, routes.join(","));
    (text, Inventory::from_json(&json).unwrap())
}

#[test]
fn many_roles_are_asked_for_by_what_they_say() {
    let (policy, routes) = many(49, 140, 300);
    let document = PolicyText::toml(&policy).parse().unwrap();
    let started = std::time::Instant::now();
    let findings = lint_routes(&document, &routes);
    // It takes a tenth of that; each with each would be a million, for each of the routes.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    let of = |kind| findings.iter().filter(move |it| it.kind == kind).count();
    assert_eq!(of(FindingKind::UnaskedRequirement), 0);
    assert!(of(FindingKind::UnmetRequirement) >= 51, "{findings:#?}");
}

#[test]
fn what_was_not_looked_at_is_said() {
    let (mut policy, routes) = many(3, 3, 3);
    for org in 0..400 {
        for role in 0..10 {
            let role = format!("[orgs.o{org}.roles.own{role}]\nlevel = 1\ngrants = []\n");
            policy.push_str(&role);
        }
    }
    let found = linted(&policy, &routes);
    let unasked: Vec<_> = found
        .iter()
        .filter(|(kind, _)| *kind == FindingKind::UnaskedRequirement)
        .collect();
    // Of the third it is known that somebody may, without the orgs' own roles.
    assert_eq!(unasked.len(), 2, "{unasked:?}");
    assert!(unasked[0].1.contains("was not looked at"), "{unasked:?}");
    assert!(
        !found
            .iter()
            .any(|(kind, _)| *kind == FindingKind::UnmetRequirement)
    );
}

#[test]
fn what_is_asked_again_is_not_asked_again() {
    let (policy, routes) = many(49, 140, 100);
    let document = PolicyText::toml(&policy).parse().unwrap();
    let asks = || {
        let requirements = routes.routes().iter().filter_map(|it| it.requirement());
        requirements.flat_map(Ask::all)
    };
    let mut reach = Reach::new(&document);
    let first: Vec<_> = asks().map(|ask| reach.furthest(&ask)).collect();
    let left = reach.left();
    assert!(left > 0);
    let again: Vec<_> = asks().map(|ask| reach.furthest(&ask)).collect();
    assert_eq!((again, reach.left()), (first, left));
}

#[test]
fn what_no_role_meets_is_allowed_to_nobody_in_a_matrix() {
    let mut random = Rng::with_seed(9);
    let mut unmet = 0;
    for _ in 0..150 {
        let policy = random::policy(&mut random);
        let routes = random::routes(&mut random);
        let mut reach = Reach::new(&policy);
        let at = "2026-11-22T00:00:00Z".parse().unwrap();
        let matrices = [
            Matrix::of_roles(&policy, &routes).unwrap(),
            // Members may hold own roles, and be members of several orgs.
            Matrix::of_subjects(&policy, &routes, None, at).unwrap(),
        ];
        for route in routes.routes() {
            for ask in Ask::all(route.requirement().unwrap()) {
                if reach.furthest(&ask) == Furthest::Allowed {
                    continue;
                }
                unmet += 1;
                for matrix in &matrices {
                    let allowed = matrix.allows(&route.path, &ask.to_string());
                    assert!(
                        !allowed,
                        "{} {ask}\n{matrix}\n{}",
                        route.path,
                        policy.to_toml().unwrap()
                    );
                }
            }
        }
    }
    assert!(unmet > 100, "{unmet}");
}
