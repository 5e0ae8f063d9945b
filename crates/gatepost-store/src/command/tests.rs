//! How commands are kept, shown and checked.

mod every;

use gatepost::{OrgSwitch, SiteSwitch, Status};

use every::every;

use super::{Command, Reach, WriteRefusal, check};

fn text(text: &str) -> String {
    text.to_owned()
}

fn list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn every_command_is_read_as_it_was_kept_and_shown_as_a_sentence() {
    let mut kinds = std::collections::BTreeSet::new();
    for (command, sentence, _) in every() {
        let kept = serde_json::to_value(&command).unwrap();
        assert_eq!(
            serde_json::from_value::<Command>(kept.clone()).unwrap(),
            command
        );
        let again = serde_json::from_str::<Command>(&kept.to_string()).unwrap();
        assert_eq!(again, command);
        assert_eq!(command.to_string(), sentence);
        check(&command).unwrap();
        kinds.insert(kept["command"].as_str().unwrap().to_owned());

        // What a later writer adds is not read as if it said nothing.
        let mut wider = kept;
        wider["surely"] = true.into();
        assert!(
            serde_json::from_value::<Command>(wider).is_err(),
            "{sentence}"
        );
    }
    // A command that is added needs its row here.
    assert_eq!(kinds.len(), 21);
}

#[test]
fn a_command_changes_the_sites_tier_or_one_orgs() {
    for (command, sentence, of_site) in every() {
        let reach = if of_site {
            Reach::Site
        } else {
            Reach::Org("acme")
        };
        assert_eq!(command.reach(), reach, "{sentence}");
    }
}

#[test]
fn only_a_switch_turned_off_is_a_kill() {
    let switch = |to| Command::OrgSwitch {
        org: text("acme"),
        resource: text("chat"),
        mode: None,
        to,
    };
    assert!(switch(Some(OrgSwitch::Off)).is_kill());
    assert!(!switch(Some(OrgSwitch::On)).is_kill());
    assert!(!switch(None).is_kill());
    for to in SiteSwitch::ALL {
        let command = Command::SiteSwitch {
            resource: text("chat"),
            mode: None,
            to: *to,
        };
        assert_eq!(command.is_kill(), *to == SiteSwitch::Off);
    }
}

#[test]
fn a_text_within_a_sentence_cannot_pass_for_the_sentence() {
    let rows = [
        ("acme", "org acme: active"),
        ("a.b@c:d", "org a.b@c:d: active"),
        ("", "org \"\": active"),
        ("acme:", "org \"acme:\": active"),
        ("a: active; b", "org \"a: active; b\": active"),
        ("a\nb\u{202e}", "org \"a\\nb\\u{202e}\": active"),
    ];
    for (id, sentence) in rows {
        let command = Command::OrgStatus {
            org: text(id),
            status: Status::Active,
        };
        assert_eq!(command.to_string(), sentence);
    }
}

#[test]
fn what_is_ill_formed_is_refused_with_its_place() {
    let rows: [(&str, &[&str]); 12] = [
        (
            r#"{"command":"site_switch","resource":"Chat","to":"off"}"#,
            &["resource"],
        ),
        (
            r#"{"command":"site_actions","resource":"chat","actions":["ok","no no"]}"#,
            &["actions"],
        ),
        (
            r#"{"command":"site_floor","resource":"chat","mode":"background","role":""}"#,
            &["role"],
        ),
        (
            r#"{"command":"site_role_define","name":"*","grants":[]}"#,
            &["name"],
        ),
        (
            r#"{"command":"site_role_add","subject":"","role":"A"}"#,
            &["subject", "role"],
        ),
        (
            r#"{"command":"resource_define","resource":"chat","actions":["*"]}"#,
            &["actions"],
        ),
        (
            r#"{"command":"role_define","org":"a\u0000b","name":"x y","include":["Z"]}"#,
            &["org", "name", "include"],
        ),
        (
            r#"{"command":"org_create","org":"","parent":"\n"}"#,
            &["org", "parent"],
        ),
        (
            r#"{"command":"org_floor","org":"","resource":"","mode":"foreground","role":"é"}"#,
            &["org", "resource", "role"],
        ),
        (
            r#"{"command":"member_add","org":"acme","subject":"a\tb","role":"x:y"}"#,
            &["subject", "role"],
        ),
        (
            r#"{"command":"member_remove","org":"","subject":"","role":"any text"}"#,
            &["org", "subject"],
        ),
        (
            r#"{"command":"subject_default_org","subject":"alice","org":""}"#,
            &["org"],
        ),
    ];
    for (command, places) in rows {
        let command: Command = serde_json::from_str(command).unwrap();
        let Err(WriteRefusal::Invalid(faults)) = check(&command) else {
            panic!("not refused: {command}");
        };
        let told: Vec<_> = faults.iter().map(|fault| fault.place.as_str()).collect();
        assert_eq!(told, places, "{command}");
    }
    for unread in [
        r#"{"command":"site_switch","resource":"chat","to":"maybe"}"#,
        r#"{"command":"site_switch","resource":"chat"}"#,
        r#"{"command":"org_switch","org":"acme","resource":"chat","mode":"batch","to":"on"}"#,
        r#"{"command":"member_add","org":"acme","subject":"a","role":"b","expires":"tomorrow"}"#,
        r#"{"command":"drop_everything"}"#,
    ] {
        assert!(serde_json::from_str::<Command>(unread).is_err(), "{unread}");
    }
}
