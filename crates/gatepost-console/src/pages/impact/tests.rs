use super::*;

/// As a change that concerns nobody who is counted.
fn nobody() -> ImpactView {
    ImpactView {
        is_counted: true,
        not_counted: None,
        counted_by: vec!["chats".to_owned()],
        losing: Some(side(0, 0, &[])),
        gaining: Some(side(0, 0, &[])),
        left_out: Some(all(0, 0, 0)),
    }
}

fn all(all_orgs_subjects: u64, public_orgs: u64, agents: u64) -> LeftOutView {
    LeftOutView {
        all_orgs_subjects,
        public_orgs,
        agents,
    }
}

/// With what one route asks.
fn side(members: u64, alone: u64, asks: &[&str]) -> SideView {
    let route = |asks: &&str| ImpactRouteView {
        method: "POST".to_owned(),
        path: "/chats".to_owned(),
        asks: (*asks).to_owned(),
        members,
        alone,
    };
    SideView {
        members,
        alone,
        subjects: members.max(alone),
        orgs: members.min(1),
        distinct_routes: u64::from(!asks.is_empty()),
        routes: asks.iter().map(route).collect(),
        examples: Vec::new(),
    }
}

/// The words of a page, without its tags.
fn told(view: &ImpactView) -> String {
    let page = impact(view).into_string();
    let words = page.split('<').filter_map(|part| part.split_once('>'));
    let words: Vec<_> = words
        .flat_map(|(_, text)| text.split_whitespace())
        .collect();
    words.join(" ")
}

#[test]
fn it_is_nobodys_only_where_nobody_is_left_out() {
    let plain = told(&nobody());
    assert!(plain.contains("Nobody's, on any route."), "{plain}");
    assert!(!plain.contains("Not counted"), "{plain}");
    for (left_out, want) in [
        (
            all(1, 0, 0),
            "1 subject with a site role for all orgs, outside of memberships",
        ),
        (all(0, 2, 0), "whoever is no member of 2 public orgs"),
        (all(0, 0, 3), "3 agents in acting for somebody"),
    ] {
        let told = told(&ImpactView {
            left_out: Some(left_out),
            ..nobody()
        });
        assert!(!told.contains("Nobody"), "{told}");
        assert!(told.contains("No member's"), "{told}");
        assert!(told.contains(&format!("Not counted are {want}.")), "{told}");
    }
}

#[test]
fn whoever_is_left_out_is_told_beside_those_who_are_counted() {
    let told = told(&ImpactView {
        losing: Some(side(8, 7, &["chat:create"])),
        left_out: Some(all(1, 2, 3)),
        ..nobody()
    });
    assert!(told.contains("Not counted are 1 subject"), "{told}");
    assert!(told.contains("2 public orgs; 3 agents"), "{told}");
}

#[test]
fn a_subject_by_itself_is_called_no_member() {
    let losing = side(8, 7, &["chat:create"]);
    let view = ImpactView {
        losing: Some(losing),
        ..nobody()
    };
    let both = told(&view);
    assert!(both.contains("members lose 8"), "{both}");
    assert!(both.contains("subjects by themselves lose 7"), "{both}");
    let alone = told(&ImpactView {
        gaining: Some(side(0, 1, &["chat:create"])),
        losing: None,
        ..view
    });
    assert!(alone.contains("subject by itself gains 1"), "{alone}");
    assert!(!alone.contains("members gain"), "{alone}");
}

#[test]
fn a_route_is_one_in_however_many_modes() {
    let asks = ["chat:create#foreground", "chat:create#background"];
    let told = told(&ImpactView {
        losing: Some(side(1, 0, &asks)),
        ..nobody()
    });
    assert!(told.contains("member loses 1"), "{told}");
    assert!(told.contains("1 route that they lose"), "{told}");
    assert!(told.contains(asks[0]) && told.contains(asks[1]), "{told}");
}

#[test]
fn what_is_counted_by_actions_is_called_so() {
    let mut losing = side(1, 0, &["chat:create"]);
    losing.routes[0].method = "*".to_owned();
    losing.routes[0].path = "chat:create".to_owned();
    let told = told(&ImpactView {
        losing: Some(losing),
        counted_by: Vec::new(),
        ..nobody()
    });
    let want = "Counted by actions, since no service has reported its routes.";
    assert!(told.contains(want), "{told}");
    assert!(told.contains("1 action that they lose"), "{told}");
    assert!(!told.contains("* chat:create"), "{told}");
    assert!(!told.contains("1 route"), "{told}");
}
