//! The matrix of one org is what is decided of a member of it.

use std::collections::BTreeSet;

use crate::code::Code;
use crate::decision::{Decision, Step, decide};
use crate::explain::tests::Chance;
use crate::id::{OrgId, SubjectId};
use crate::matrix::{MatrixCell, OrgMatrix};
use crate::policy::{MemberDocument, PolicyDocument, SiteRoleDocument, SubjectDocument};
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::vocabulary::Mode;

/// The policy with one more member of the org, whom the site lets do everything.
fn with_member(document: &PolicyDocument, org: &OrgId, role: &str) -> Snapshot {
    let mut document = document.clone();
    let built_in = ["gatepost-site:*", "gatepost-org:*", "gatepost-audit:*"];
    let grants = ["*:*"].into_iter().chain(built_in).map(str::to_owned);
    let site_role = SiteRoleDocument {
        grants: grants.collect(),
        all_orgs: false,
    };
    document.site.roles.insert("all".to_owned(), site_role);
    let known = SubjectDocument {
        site_roles: vec!["all".to_owned()],
        ..SubjectDocument::default()
    };
    document.subjects.insert("law".to_owned(), known);
    let member = MemberDocument {
        roles: vec![role.to_owned()],
        expires: None,
    };
    let org = document.orgs.get_mut(org.as_str()).unwrap();
    org.members.insert("law".to_owned(), member);
    Snapshot::compile(&document, 1).unwrap()
}

fn asked(facts: &Snapshot, request: &Request<'_>) -> MatrixCell {
    let ask = |owner: &str| {
        let owner = SubjectId::new(owner).unwrap();
        match decide(facts, &request.owner(&owner)) {
            Step::Done(Decision::Allow(_)) => Ok(()),
            Step::Done(Decision::Deny(deny)) => Err(deny.code),
            other => panic!("{other:?}"),
        }
    };
    match (ask("law"), ask("another")) {
        (Ok(()), Ok(())) => MatrixCell::Allow,
        (Ok(()), Err(_)) => MatrixCell::Own,
        (Err(_), Ok(())) => MatrixCell::Others,
        (Err(code), Err(_)) => MatrixCell::No(code),
    }
}

#[test]
fn each_cell_of_an_org_is_what_is_decided_of_a_member_that_holds_the_role_there() {
    let law = Subject::new(SubjectId::new("law").unwrap());
    let (mut allowed, mut denied) = (0, BTreeSet::new());
    for seed in 0..40 {
        let document = Chance::new(seed).document();
        let facts = Snapshot::compile(&document, 9).unwrap();
        for id in document.orgs.keys() {
            let org = OrgId::new(id).unwrap();
            let matrix = OrgMatrix::of(&facts, &org).unwrap().unwrap();
            assert_eq!((&matrix.org, matrix.version), (&org, 9));
            let columns = matrix.roles.len();
            for (column, role) in matrix.roles.iter().enumerate() {
                let facts = with_member(&document, &org, &role.name);
                let level = facts
                    .holding(law.id(), &org, crate::Timestamp::now())
                    .level();
                assert_eq!(role.level, level);
                for row in &matrix.rows {
                    for (mode, cells) in [
                        (None, &row.modeless),
                        (Some(Mode::Foreground), &row.foreground),
                        (Some(Mode::Background), &row.background),
                    ] {
                        assert_eq!(cells.len(), columns);
                        let request = Request::new(&row.resource, &row.action)
                            .subject(&law)
                            .org(&org)
                            .mode(mode);
                        let want = asked(&facts, &request);
                        let (name, resource) = (&role.name, &row.resource);
                        assert_eq!(cells[column], want, "{id} {name} {resource} {mode:?}");
                        match want {
                            MatrixCell::No(code) => _ = denied.insert(code),
                            _ => allowed += 1,
                        }
                    }
                }
            }
        }
    }
    assert!(allowed > 1000, "{allowed}");
    let org = [
        Code::OrgSuspended,
        Code::OrgOff,
        Code::OrgModeOff,
        Code::ModeFloor,
    ];
    assert!(org.iter().all(|code| denied.contains(code)), "{denied:?}");
}

#[test]
fn its_roles_are_those_that_a_member_can_hold_there() {
    let text = r#"
version = 1
org_roles.anyone.grants = []
org_roles.b = { level = 5, grants = [] }
org_roles.a = { level = 20, grants = [] }
orgs.holding.roles.lead = { level = 9, grants = [] }
orgs.holding.roles.far = { level = 3, grants = [] }
orgs.acme = { parent = "holding", roles.lead = { level = 2, grants = [] } }
orgs.other.roles.alien = { level = 1, grants = [] }
"#;
    let facts = crate::PolicyText::toml(text).compile(1).unwrap();
    let of = |org: &str| {
        let matrix = OrgMatrix::of(&facts, &OrgId::new(org).unwrap()).unwrap();
        let roles = matrix.map(|matrix| matrix.roles);
        roles.map(|roles| {
            let role = |role: &super::super::OrgMatrixRole| {
                let own_of = role.own_of.as_ref().map_or("", |org| org.as_str());
                format!("{} {} {own_of}", role.name, role.level)
            };
            roles.iter().map(role).collect::<Vec<_>>()
        })
    };
    let want = ["b 5 ", "a 20 ", "lead 2 acme", "far 3 holding"].map(str::to_owned);
    assert_eq!(of("acme"), Some(want.into()));
    assert_eq!(of("nowhere"), None);
}

#[test]
fn the_subjects_of_the_policy_bear_on_no_cell() {
    let document = Chance::new(3).document();
    let mut alone = document.clone();
    alone.subjects.clear();
    alone.orgs.values_mut().for_each(|org| org.members.clear());
    let facts = Snapshot::compile(&document, 1).unwrap();
    let apart = Snapshot::compile_looking_through(&alone, 1).unwrap();
    for id in document.orgs.keys() {
        let org = OrgId::new(id).unwrap();
        let matrix = OrgMatrix::of(&facts, &org).unwrap();
        assert_eq!(OrgMatrix::of(&apart, &org).unwrap(), matrix);
    }
}
