//! Whoever could meet a requirement counts, whatever way it is.

use fastrand::Rng;

use super::*;
use crate::lint::routes::reach::Reach;
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
fn what_no_role_meets_is_allowed_to_nobody_in_a_matrix() {
    let mut random = Rng::with_seed(9);
    let mut unmet = 0;
    for _ in 0..150 {
        let policy = random::policy(&mut random);
        let routes = random::routes(&mut random);
        let reach = Reach::new(&policy);
        let at = "2026-11-22T00:00:00Z".parse().unwrap();
        let matrices = [
            Matrix::of_roles(&policy, &routes).unwrap(),
            // Members may hold own roles, and be members of several orgs.
            Matrix::of_subjects(&policy, &routes, None, at).unwrap(),
        ];
        for route in routes.routes() {
            for ask in Ask::all(route.requirement().unwrap()) {
                if reach.furthest(&ask).is_none() {
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
