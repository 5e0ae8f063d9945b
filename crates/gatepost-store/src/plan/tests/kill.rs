//! What is switched off, and how whatever else is broken.

use gatepost::PolicyDocument;

use super::super::testing::{command, document, noon, operator, planned, subject};
use super::super::{Scope, killed_words, plan};
use super::POLICY;
use crate::change::Author;
use crate::command::WriteRefusal;

/// Stored facts that are no sound policy: a role grants what is not declared.
fn unsound() -> PolicyDocument {
    let mut policy = document(POLICY);
    policy.site.roles.get_mut("reader").unwrap().grants = vec!["gone:read".to_owned()];
    policy
}

#[test]
fn an_operators_kill_does_not_depend_on_the_soundness_of_anything_else() {
    let kills = [
        (
            r#"{"command":"site_switch","resource":"chat","to":"off"}"#,
            "bare chat",
        ),
        (
            r#"{"command":"site_switch","resource":"agent","mode":"background","to":"off"}"#,
            "agent#background bare",
        ),
        (
            r#"{"command":"org_switch","org":"acme","resource":"chat","to":"off"}"#,
            "bare",
        ),
    ];
    let policy = unsound();
    for (text, killed) in kills {
        let command = command(text);
        assert!(Scope::of(&command, &operator()).tolerant);
        let planned = planned(&command, &operator(), &policy).unwrap();
        assert_eq!(killed_words(&planned.document), killed, "{text}");
        // A subject's right cannot be decided by such facts.
        let author = Author::Subject(subject("alice"));
        assert!(!Scope::of(&command, &author).tolerant);
        let refusal = plan(&command, &author, &policy, 7, noon()).unwrap_err();
        assert!(matches!(refusal, WriteRefusal::Unreadable(_)), "{refusal}");
    }
    // No other change, and no kill of what is not there.
    for text in [
        r#"{"command":"site_switch","resource":"chat","to":"on"}"#,
        r#"{"command":"subject_status","subject":"alice","status":"suspended"}"#,
    ] {
        let refusal = planned(&command(text), &operator(), &policy).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "the stored facts are no sound policy: `site.roles.reader.grants[0]`: `gone:read`: no resource `gone` is declared"
        );
    }
    let refusal = planned(
        &command(r#"{"command":"site_switch","resource":"nope","to":"off"}"#),
        &operator(),
        &policy,
    );
    assert!(matches!(refusal, Err(WriteRefusal::Invalid(_))));
}

#[test]
fn a_gate_whose_resource_could_not_be_read_can_be_closed() {
    let mut policy = document(POLICY);
    policy.resources.remove("chat");
    let kill = command(r#"{"command":"site_switch","resource":"chat","to":"off"}"#);
    let planned = planned(&kill, &operator(), &policy).unwrap();
    assert_eq!(killed_words(&planned.document), "bare chat");
}

#[test]
fn killed_is_what_is_off_or_has_no_gate() {
    assert_eq!(killed_words(&document(POLICY)), "bare");
    assert_eq!(killed_words(&PolicyDocument::default()), "");
    let all = document(
        "version = 1\n[resources]\na = [\"x\"]\nb = [\"x\"]\nc = [\"x\"]\n\
         [site.gates.a]\nswitch = \"off\"\nforeground = { switch = \"off\" }\n\
         [site.gates.b]\nswitch = \"on\"\nforeground = { switch = \"off\" }\nbackground = { switch = \"off\" }\n\
         [site.gates.c]\naccess = \"everyone\"\n",
    );
    assert_eq!(
        killed_words(&all),
        "a a#foreground b#foreground b#background c"
    );
}
