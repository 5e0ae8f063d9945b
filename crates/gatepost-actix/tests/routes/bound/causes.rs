//! Whatever the cause, an event stream ends with the denial that the same request would get.

use jiff::{SignedDuration, Timestamp};

use super::{Bed, Edit, FORMS, KILL, MEMBER, chunks, last_event, leased};
use crate::fixture::Wire;

const EVENTS: &str = "/resource/acme/events";
const ORG_OFF: [Edit; 2] = [
    ("switch = \"on\"", "switch = \"opt-out\""),
    (
        "[orgs.acme.members]",
        "[orgs.acme.gates.chat]\nswitch = \"off\"\n[orgs.acme.members]",
    ),
];

/// Asserts that a stream ends with what a request of its path is refused with by now, and nothing behind it.
#[track_caller]
fn assert_denied(bed: &Bed, wire: &mut Wire, path: &str, code: &str) {
    let (stream, is_clean) = chunks(wire);
    assert!(is_clean, "{stream}");
    let last = last_event(&stream);
    assert_eq!(last, bed.refusal(path));
    assert_eq!(last["code"], code);
    assert!(wire.rest().is_empty());
    bed.freed();
}

#[test]
fn a69_an_event_stream_ends_with_the_denial_of_its_request_whatever_the_cause() {
    let rows: &[(&[Edit], &str)] = &[
        (&[KILL], "site_off"),
        (&ORG_OFF, "org_off"),
        (&[(MEMBER, "gina = { roles = [] }")], "org_grant_missing"),
        (&[(MEMBER, "")], "not_a_member"),
        (
            &[(
                "[subjects.root]",
                "[subjects.gina]\nstatus = \"suspended\"\n[subjects.root]",
            )],
            "subject_suspended",
        ),
    ];
    for (edits, code) in rows {
        let bed = Bed::start();
        let mut wire = bed.stream(EVENTS);
        bed.publish(edits);
        assert_denied(&bed, &mut wire, EVENTS, code);
    }
}

#[test]
fn a69_an_event_stream_of_any_form_ends_with_the_denial() {
    for form in FORMS {
        let bed = Bed::start();
        let path = format!("/{form}/acme/events");
        let mut wire = bed.stream(&path);
        bed.publish(&[KILL]);
        assert_denied(&bed, &mut wire, &path, "site_off");
    }
}

#[test]
fn a69_a_stream_ends_at_the_moment_at_which_its_membership_does() {
    let bed = Bed::start();
    let end = Timestamp::now() + SignedDuration::from_millis(1500);
    let member = format!("gina = {{ roles = [\"guest\"], expires = \"{end}\" }}");
    bed.publish(&[(MEMBER, member.leak())]);
    let mut wire = bed.stream(EVENTS);
    assert_denied(&bed, &mut wire, EVENTS, "not_a_member");
    let late = Timestamp::now().as_millisecond() - end.as_millisecond();
    assert!((0..1000).contains(&late), "{late}");
}

#[test]
fn a69_a_stream_ends_where_its_policy_is_stale() {
    let (bed, clock) = leased();
    let mut wire = bed.stream(EVENTS);
    clock.run_out();
    assert_denied(&bed, &mut wire, EVENTS, "policy_stale");
}

#[test]
fn a74_a_stream_ends_where_its_gate_was_switched_off_and_on_again() {
    let bed = Bed::start();
    let mut wire = bed.stream(EVENTS);
    bed.publish(&[KILL]);
    assert!(bed.feed.publish(super::policy(&[], 3)));
    let (stream, is_clean) = chunks(&mut wire);
    assert!(is_clean);
    assert_eq!(last_event(&stream)["code"], "site_off");
    bed.freed();
    drop(bed.stream(EVENTS));
}

#[test]
fn a_stream_of_a_hidden_requirement_ends_as_if_there_were_no_such_thing() {
    let bed = Bed::start();
    let path = "/hidden/acme/events";
    let mut wire = bed.stream(path);
    bed.publish(&[KILL]);
    let (stream, is_clean) = chunks(&mut wire);
    assert!(is_clean);
    let last = last_event(&stream);
    assert_eq!(last, bed.refusal(path));
    let members: Vec<_> = last.as_object().unwrap().keys().collect();
    assert_eq!(members, ["decision", "status", "title", "type"]);
    assert!(!stream.contains("site_off"), "{stream}");
}
