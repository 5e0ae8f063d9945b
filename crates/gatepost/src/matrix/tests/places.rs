//! Who is asked where.

use super::*;

fn of_subjects(text: &str, acting_for: Option<&str>) -> String {
    let acting_for = acting_for.map(|id| crate::SubjectId::new(id).unwrap());
    let at = "2026-11-22T00:00:00Z".parse().unwrap();
    let matrix = Matrix::of_subjects(&policy(text), &routes(), acting_for.as_ref(), at);
    matrix.unwrap().to_text()
}

/// The lines of a row.
fn lines<'t>(text: &'t str, heading: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(|line| *line != heading).skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    lines.map(str::trim).collect()
}

#[test]
fn the_subjects_and_orgs_of_a_policy_change_nothing_by_roles() {
    let peopled = format!(
        "{POLICY}
[orgs.on]
status = \"suspended\"
[orgs.on.roles.lead]
level = 90
grants = [\"*:*\"]
[orgs.unset]
parent = \"on\"
[orgs.unset.members.0]
roles = [\"developer\"]
[subjects.0]
status = \"suspended\"
[subjects.1]
kind = \"agent\"
"
    );
    assert_eq!(of_roles(&peopled), of_roles(POLICY));
}

const PEOPLE: &str = r#"
[orgs.acme]
gates.chat = { switch = "on" }
[orgs.acme.members]
alice = { roles = ["developer"] }
over = { roles = ["developer"], expires = "2026-01-01T00:00:00Z" }
bot = { roles = ["developer"] }
[orgs.labs]
parent = "acme"
[orgs.labs.members]
bob = { roles = ["guest"] }
alice = { roles = [] }
[orgs.elsewhere]
status = "suspended"
[subjects.alice]
site_roles = ["chatter"]
[subjects.bot]
kind = "agent"
site_roles = ["chatter"]
[subjects.root]
site_roles = ["admin"]
"#;

#[test]
fn a_subject_is_asked_in_its_orgs_and_in_those_under_them() {
    let text = of_subjects(&format!("{POLICY}{PEOPLE}"), Some("alice"));
    assert_eq!(
        lines(&text, "GET /orgs/{org}/chats/{id} chat:read"),
        [
            "alice, bot | acme, labs  | allow",
            "bob        | labs        | own",
            "over       | acme, labs  | not_a_member",
            "root       | (elsewhere) | allow",
        ]
    );
    // Whoever is a member of several orgs, or of none, has no default.
    assert_eq!(
        lines(&text, "POST /me/chats chat:create"),
        [
            "alice, bot, root | - | no_default_org",
            "bob, over        | - | site_grant_missing",
        ]
    );
    let text = of_subjects(&format!("{POLICY}{PEOPLE}"), None);
    let read = lines(&text, "GET /orgs/{org}/chats/{id} chat:read");
    assert!(
        read.contains(&"bot   | acme, labs  | delegator_missing"),
        "{read:?}"
    );
}

#[test]
fn the_order_of_columns_is_that_of_the_levels() {
    let text = of_roles(POLICY).to_text();
    assert!(text.contains("\norg roles: (non-member), guest, developer\n"));
    let raised = POLICY.replace("level = 10", "level = 90");
    assert!(
        of_roles(&raised)
            .to_text()
            .contains("\norg roles: (non-member), developer, guest\n")
    );
}

#[test]
fn a_policy_that_is_refused_has_no_matrix() {
    let refused = policy(&format!("{POLICY}[orgs.a]\nparent = \"b\"\n"));
    assert!(matches!(
        Matrix::of_roles(&refused, &routes()),
        Err(MatrixError::Policy(_))
    ));
    let at = "2026-11-22T00:00:00Z".parse().unwrap();
    assert!(matches!(
        Matrix::of_subjects(&refused, &routes(), None, at),
        Err(MatrixError::Policy(_))
    ));
}

#[test]
fn the_members_of_deep_orgs_are_counted_before_they_are_kept() {
    // Whoever is a member of the first is one of each below it: 2 000 times 2 001.
    let mut document = PolicyDocument::default();
    for at in 0..=2_000 {
        let org = crate::policy::OrgDocument {
            parent: (at > 0).then(|| format!("o{}", at - 1)),
            ..Default::default()
        };
        document.orgs.insert(format!("o{at}"), org);
    }
    let first = document.orgs.get_mut("o0").unwrap();
    for member in 0..2_000 {
        let none = crate::policy::MemberDocument::default();
        first.members.insert(member.to_string(), none);
    }
    assert!(matches!(
        subjects::members(&document, 1),
        Err(MatrixError::TooLarge { .. })
    ));
    document.orgs.remove("o2000");
    document.orgs.remove("o1999");
    assert!(subjects::members(&document, 1).is_ok());
    assert!(subjects::members(&document, 2).is_err());
}
