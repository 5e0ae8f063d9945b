//! What a matrix says is what `decide` says of the same question.

use fastrand::Rng;

use super::random;
use super::*;
use crate::decision::{Decision, Reach, Step, decide};
use crate::id::{OrgId, SubjectId};
use crate::inventory::{RequiredMode, RequirementRecord};
use crate::policy::{
    MemberDocument, OrgDocument, OrgGateDocument, OrgModeDocument, SubjectDocument,
};
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::vocabulary::{Kind, Mode, OrgRule, OrgSwitch, Status, Visibility};

fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap())
}

/// The requirement and the question of a row, out of its text.
fn question<'m>(
    row: &'m Row,
    routes: &'m Inventory,
) -> (&'m RequirementRecord, &'m str, &'m str, Option<Mode>) {
    let mut found = routes
        .routes()
        .iter()
        .filter(|route| route.path == row.path);
    let requires = found.next().unwrap().requirement().unwrap();
    let (pair, mode) = match row.asks.split_once('#') {
        Some((pair, mode)) => (pair, Some(Mode::parse(mode).unwrap())),
        None => (&*row.asks, None),
    };
    let (resource, action) = pair.split_once(':').unwrap();
    assert!(requires.resource.names().contains(&resource));
    assert_eq!(mode.is_some(), requires.mode.is_some());
    if let Some(RequiredMode::Foreground) = requires.mode {
        assert_eq!(mode, Some(Mode::Foreground));
    }
    (requires, resource, action, mode)
}

/// Asks by hand.
fn asked(
    facts: &Snapshot,
    row: &Row,
    routes: &Inventory,
    who: &Subject,
    org: Option<&OrgId>,
) -> MatrixCell {
    let (requires, resource, action, mode) = question(row, routes);
    let mut request = Request::new(resource, action).subject(who).mode(mode);
    request = match requires.org_rule {
        OrgRule::None => request.org_rule(OrgRule::None),
        OrgRule::Default if org.is_none() || requires.org.is_empty() => {
            request.org_rule(OrgRule::Default)
        }
        OrgRule::Default | OrgRule::Required => request.org(org.unwrap()),
    };
    let somebody = SubjectId::new("somebody").unwrap();
    let ask = |request: &Request<'_>| match decide(facts, request) {
        Step::Done(Decision::Allow(allow)) => Ok(allow.reach),
        Step::Done(Decision::Deny(deny)) => Err(deny.code),
        other => panic!("{other:?}"),
    };
    match requires.owner.as_deref() {
        None => ask(&request).map_or_else(MatrixCell::No, |_| MatrixCell::Allow),
        Some("subject") => match ask(&request.owner(who.beneficiary())) {
            Ok(Reach::Any) => MatrixCell::Allow,
            Ok(Reach::Own) => MatrixCell::Own,
            Err(code) => MatrixCell::No(code),
        },
        Some(_) => {
            let own = ask(&request.owner(who.beneficiary()));
            match (own, ask(&request.owner(&somebody))) {
                (Ok(_), Ok(_)) => MatrixCell::Allow,
                (Ok(_), Err(_)) => MatrixCell::Own,
                (Err(_), Ok(_)) => MatrixCell::Others,
                (Err(code), Err(_)) => MatrixCell::No(code),
            }
        }
    }
}

/// The policy with one more org and one more subject.
fn with(document: &PolicyDocument, site_role: &str, state: &str, role: &str) -> PolicyDocument {
    let mut document = document.clone();
    let mut org = OrgDocument::default();
    let switch = match state {
        "unset" => None,
        "off" => Some(OrgSwitch::Off),
        _ => Some(OrgSwitch::On),
    };
    for resource in ["chat", "agent"] {
        let mode = Some(OrgModeDocument {
            switch,
            min_role: None,
        });
        let gate = OrgGateDocument {
            switch,
            foreground: mode.clone(),
            background: mode,
        };
        org.gates.insert(resource.to_owned(), gate);
    }
    org.visibility = (state == "public").then_some(Visibility::Public);
    org.status = (state == "suspended").then_some(Status::Suspended);
    if role != "(non-member)" {
        let member = MemberDocument {
            roles: vec![role.to_owned()],
            expires: None,
        };
        org.members.insert("law".to_owned(), member);
    }
    document.orgs.insert("law".to_owned(), org);
    let mut known = SubjectDocument::default();
    known
        .site_roles
        .extend((site_role != "(none)").then(|| site_role.to_owned()));
    document.subjects.insert("law".to_owned(), known);
    document
}

#[test]
fn each_cell_by_roles_is_what_is_decided_of_that_question() {
    let mut random = Rng::with_seed(6);
    let mut allowed = 0;
    for _ in 0..40 {
        let document = random::policy(&mut random);
        let routes = random::routes(&mut random);
        let matrix = Matrix::of_roles(&document, &routes).unwrap();
        let org = OrgId::new("law").unwrap();
        for (row, strip) in matrix
            .rows
            .iter()
            .flat_map(|row| row.strips.iter().map(move |strip| (row, strip)))
        {
            for (column, cell) in strip.cells.iter().enumerate() {
                if random.u8(..8) > 0 {
                    continue;
                }
                let who = matrix.whos[strip.who].as_str();
                let place = matrix.places[strip.place].as_str();
                let role = matrix.columns[column].as_str();
                // The default of whoever names no org is one that is on.
                let state = if place == "-" { "on" } else { place };
                let facts = Snapshot::compile(&with(&document, who, state, role), 1).unwrap();
                let named = (place != "-").then_some(&org);
                let want = asked(&facts, row, &routes, &subject("law"), named);
                assert_eq!(*cell, want, "{} {who} {place} {role}", row.heading());
                allowed += usize::from(!matches!(want, MatrixCell::No(_)));
            }
        }
        assert_eq!(Matrix::from_text(&matrix.to_text()), Ok(matrix));
    }
    assert!(allowed > 100, "{allowed}");
}

#[test]
fn each_cell_by_subjects_is_what_is_decided_of_that_question() {
    let mut random = Rng::with_seed(7);
    let mut allowed = 0;
    for _ in 0..60 {
        let document = random::policy(&mut random);
        let routes = random::routes(&mut random);
        let at = "2026-11-22T00:00:00Z".parse().unwrap();
        let delegator = SubjectId::new("u0").unwrap();
        let matrix = Matrix::of_subjects(&document, &routes, Some(&delegator), at).unwrap();
        let mut open = with(&document, "(none)", "on", "(non-member)");
        open.subjects.remove("law");
        let facts = Snapshot::compile(&open, 1).unwrap();
        for (row, strip) in matrix
            .rows
            .iter()
            .flat_map(|row| row.strips.iter().map(move |strip| (row, strip)))
        {
            let id = matrix.whos[strip.who].as_str();
            let mut who = subject(id);
            if document.subjects.get(id).and_then(|known| known.kind) == Some(Kind::Agent) {
                who = who.acting_for(delegator.clone());
            }
            let place = matrix.places[strip.place].as_str();
            let place = if place == "(elsewhere)" { "law" } else { place };
            let org = (place != "-").then(|| OrgId::new(place).unwrap());
            let want = asked(&facts, row, &routes, &who, org.as_ref());
            assert_eq!(strip.cells, [want], "{} {id} {place}", row.heading());
            allowed += usize::from(!matches!(want, MatrixCell::No(_)));
        }
        assert_eq!(Matrix::from_text(&matrix.to_text()), Ok(matrix));
    }
    assert!(allowed > 100, "{allowed}");
}

#[test]
fn there_are_changes_where_there_is_a_difference_and_nowhere_else() {
    // Of this seed two policies differ in nothing but the order of their roles' levels.
    let mut random = Rng::with_seed(1);
    let mut policies: Vec<_> = (0..8).map(|_| random::policy(&mut random)).collect();
    policies.extend(policies.clone());
    let routes: Vec<_> = (0..4).map(|_| random::routes(&mut random)).collect();
    let made = policies
        .iter()
        .flat_map(|it| routes.iter().map(|routes| Matrix::of_roles(it, routes)));
    let matrices: Vec<_> = made.map(Result::unwrap).collect();
    for one in &matrices {
        for other in &matrices {
            assert_eq!(one.changes(other).is_empty(), one == other);
        }
    }
}
