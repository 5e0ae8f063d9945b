//! What a ticket is worth, and what it is not.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::code::Code;
use crate::denial::Denial;
use crate::evaluation::{Evaluation, NamedOrg, Next};
use crate::gate::Feed;
use crate::id::{OrgId, SubjectId};
use crate::lease::Clock;
use crate::policy::PolicyText;
use crate::requirement::{Org, Owner as OwnerRule, Requirement};
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::vocabulary::{Kind, Mode};

const RUN: Requirement = Requirement::new("agent", "run")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(OwnerRule::Subject);
const READ: Requirement = Requirement::new("agent", "read")
    .org(Org::path("org"))
    .owner(OwnerRule::Loaded);
const ALONE: Requirement = Requirement::new("agent", "read").org(Org::none());

const POLICY: &str = r#"
version = 1
[resources]
agent = ["run", "read"]
[site.gates.agent]
switch = "on"
access = "everyone"
background = { floor = "developer" }
[org_roles.guest]
level = 10
grants = ["agent:run@own", "agent:read"]
[org_roles.developer]
level = 30
include = ["guest"]
[orgs.acme.members]
alice = { roles = ["developer"] }
grace = { roles = ["guest"] }
bot = { roles = ["developer"] }
[orgs.globex.members]
alice = { roles = ["developer"] }
[subjects.bot]
kind = "agent"
"#;

fn policy(version: u64) -> Snapshot {
    PolicyText::toml(POLICY).compile(version).unwrap()
}

fn secret(of: u8) -> [u8; 32] {
    [of; 32]
}

fn gate() -> (Gate, Feed) {
    let (gate, feed) = Gate::channel();
    gate.set_ticket_keys(KeyRing::new("k1", &secret(1)).unwrap());
    feed.publish(policy(1));
    (gate, feed)
}

fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap())
}

fn permit(gate: &Gate, requirement: &'static Requirement, subject: Subject, owner: &str) -> Permit {
    let mut evaluation = Evaluation::new(requirement, "agent", Some(subject));
    if requirement.org_rule().has_source() {
        evaluation.org(NamedOrg::Named(OrgId::new("acme").unwrap()));
    }
    evaluation.owner(SubjectId::new(owner).ok());
    match gate.read(|facts| evaluation.next(facts)).unwrap() {
        Next::Admit(permit) => permit,
        other => panic!("{other:?}"),
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("nothing is to be awaited"),
    }
}

fn code(redeemed: Result<Permit, Denial>) -> Code {
    redeemed.unwrap_err().code()
}

#[test]
fn a_ticket_carries_the_whole_question_and_no_answer() {
    let (gate, feed) = gate();
    let bot = subject("bot")
        .acting_for(SubjectId::new("alice").unwrap())
        .scopes(["agent:run", "agent:read"]);
    let given = permit(&gate, &RUN, bot, "");
    let ticket = given.ticket().unwrap();
    let again = now(gate.redeem(&ticket)).unwrap();
    assert_eq!(again.subject(), given.subject());
    assert_eq!(again.acting_for(), given.acting_for());
    assert_eq!(again.kind(), Kind::Agent);
    assert_eq!(again.scopes(), given.scopes());
    assert_eq!(again.org(), given.org());
    assert_eq!(again.owner().map(SubjectId::as_str), Some("alice"));
    assert_eq!(again.mode(), Some(Mode::Background));
    assert_eq!(
        (again.resource(), again.requirement().action()),
        ("agent", "run")
    );
    assert_ne!(again.decision(), given.decision());
    // Again and again, and each time by the policy of the moment.
    assert!(now(gate.redeem(&ticket)).is_ok());
    let off = POLICY.replace("switch = \"on\"", "switch = \"off\"");
    feed.publish(PolicyText::toml(off).compile(2).unwrap());
    assert_eq!(code(now(gate.redeem(&ticket))), Code::SiteOff);
    feed.publish(policy(3));
    assert_eq!(now(gate.redeem(&ticket)).unwrap().version(), 3);
}

#[test]
fn whoever_was_allowed_to_wait_is_asked_for_what_background_takes() {
    let (gate, _feed) = gate();
    let given = permit(&gate, &RUN, subject("grace"), "");
    assert_eq!(given.mode(), Some(Mode::Foreground));
    let ticket = given.ticket().unwrap();
    assert_eq!(code(now(gate.redeem(&ticket))), Code::ModeFloor);
    assert_eq!(code(now(gate.redeem_for(&ticket, &RUN))), Code::ModeFloor);
}

#[test]
fn a_narrowed_token_queues_no_more_than_its_scopes() {
    let (gate, _feed) = gate();
    let foreground = subject("alice").scopes(["agent:run#foreground"]);
    let ticket = permit(&gate, &RUN, foreground, "").ticket().unwrap();
    assert_eq!(code(now(gate.redeem(&ticket))), Code::ScopeMissing);
}

#[test]
fn the_owner_is_the_one_that_was_decided_on() {
    let (gate, feed) = gate();
    let of_bob = permit(&gate, &READ, subject("alice"), "bob")
        .ticket()
        .unwrap();
    let unowned = permit(&gate, &READ, subject("alice"), "").ticket().unwrap();
    let again = now(gate.redeem(&of_bob)).unwrap();
    assert_eq!(again.owner().map(SubjectId::as_str), Some("bob"));
    assert_eq!(now(gate.redeem(&unowned)).unwrap().owner(), None);
    let own = POLICY.replace("agent:read\"", "agent:read@own\"");
    feed.publish(PolicyText::toml(own).compile(2).unwrap());
    assert_eq!(code(now(gate.redeem(&of_bob))), Code::OrgGrantMissing);
    assert_eq!(code(now(gate.redeem(&unowned))), Code::OrgGrantMissing);
}

#[test]
fn a_ticket_is_redeemed_for_its_own_requirement_alone() {
    let (gate, _feed) = gate();
    let ticket = permit(&gate, &RUN, subject("alice"), "").ticket().unwrap();
    let again = now(gate.redeem_for(&ticket, &RUN)).unwrap();
    assert!(again.requirement().is_same(&RUN));
    assert_eq!(again.mode(), Some(Mode::Background));
    assert_eq!(
        code(now(gate.redeem_for(&ticket, &READ))),
        Code::TicketInvalid
    );
}

#[test]
fn a_permit_without_an_org_or_a_gate_without_keys_gives_no_ticket() {
    let (gate, feed) = gate();
    let alone = permit(&gate, &ALONE, subject("alice"), "");
    assert_eq!(alone.ticket(), Err(TicketError::NoOrg));

    let ticket = permit(&gate, &RUN, subject("alice"), "").ticket().unwrap();
    let (keyless, of_keyless) = Gate::channel();
    of_keyless.publish(policy(1));
    let given = permit(&keyless, &RUN, subject("alice"), "");
    assert_eq!(given.ticket(), Err(TicketError::NoKeys));
    // That says nothing of the ticket.
    let denial = now(keyless.redeem(&ticket)).unwrap_err();
    assert_eq!(
        (denial.code(), denial.is_error()),
        (Code::PolicyUnavailable, true)
    );

    let left = permit(&gate, &RUN, subject("alice"), "");
    drop((gate, feed));
    assert_eq!(left.ticket(), Err(TicketError::NoKeys));
}

#[test]
fn what_was_edited_or_signed_by_others_is_invalid() {
    let (gate, _feed) = gate();
    let given = permit(&gate, &RUN, subject("alice"), "");
    let ticket = given.ticket().unwrap();
    let text = ticket.as_str();
    let parts: Vec<_> = text.split('.').collect();
    let [version, key, claims, signature] = parts[..] else {
        panic!("{text}")
    };
    let claimed = |from: &str, to: &str| {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let json = String::from_utf8(engine.decode(claims).unwrap()).unwrap();
        assert!(json.contains(from), "{json}");
        let claims = engine.encode(json.replacen(from, to, 1));
        format!("{version}.{key}.{claims}.{signature}")
    };
    let mut edited = vec![
        String::new(),
        "...".into(),
        "gp1".into(),
        format!("{text}."),
        format!("{text}A"),
        format!(".{text}"),
        format!("gp2.{key}.{claims}.{signature}"),
        format!("{version}.k2.{claims}.{signature}"),
        format!("{version}.{key}.{claims}."),
        format!("{version}.{key}.{claims}.{}", &signature[..22]),
        format!("{version}.{key}.{claims}=.{signature}"),
        format!("{version}.{key}.{claims}.{claims}.{signature}"),
        claimed("acme", "globex"),
        claimed("alice", "grace"),
        claimed("agent", "chat"),
        claimed("\"run\"", "\"read\""),
        "x".repeat(1 << 20),
        format!("{version}.{key}.{}.{signature}", "A".repeat(1 << 20)),
        "gp1.k1.\u{0}.\u{1F980}".into(),
    ];
    // Each character of it counts.
    for at in 0..text.len() {
        let with = if &text[at..=at] == "A" { "B" } else { "A" };
        edited.push(format!("{}{with}{}", &text[..at], &text[at + 1..]));
    }
    // The last character of a signature has two bits to spare.
    for edited in edited.into_iter().filter(|edited| edited != text) {
        let redeemed = now(gate.redeem(&Ticket::from_text(edited.clone())));
        assert_eq!(code(redeemed), Code::TicketInvalid, "{edited:.200}");
    }

    let other = Gate::fixed(policy(1));
    other.set_ticket_keys(KeyRing::new("k1", &secret(2)).unwrap());
    assert_eq!(code(now(other.redeem(&ticket))), Code::TicketInvalid);
    assert!(now(gate.redeem(&ticket)).is_ok());
}

#[test]
fn what_is_signed_and_says_something_else_is_invalid() {
    let (gate, _feed) = gate();
    let keys = gate.ticket_keys().unwrap();
    let sign = |json: &str| {
        use base64::Engine as _;
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json);
        let text = format!("gp1.k1.{claims}");
        let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(keys.sign(&text));
        Ticket::from_text(format!("{text}.{signature}"))
    };
    let sound = r#"{"s":"alice","k":"user","o":"acme","r":"agent","a":"run","w":{"b":null},"i":0,"e":9999999999999,"v":1}"#;
    assert!(now(gate.redeem(&sign(&sound.replace("{\"b\":null}", "\"b\"")))).is_ok());
    for (from, to) in [
        ("\"v\":1", "\"v\":1,\"z\":2"),
        ("\"v\":1", "\"v\":-1"),
        ("\"o\":\"acme\",", ""),
        ("\"acme\"", "\"\""),
        ("\"acme\"", "null"),
        ("\"agent\"", "\"Agent!\""),
        ("\"run\"", "\"*\""),
        ("\"user\"", "\"root\""),
        ("{\"b\":null}", "\"x\""),
    ] {
        let redeemed = now(gate.redeem(&sign(&sound.replace(from, to))));
        assert_eq!(code(redeemed), Code::TicketInvalid, "{from} {to}");
    }
}

#[test]
fn a_ticket_expires_at_its_moment() {
    let (gate, _feed) = gate();
    let given = permit(&gate, &RUN, subject("alice"), "");
    let ticket = given.ticket_for(Duration::ZERO).unwrap();
    assert_eq!(code(now(gate.redeem(&ticket))), Code::TicketExpired);
    assert_eq!(
        code(now(gate.redeem_for(&ticket, &RUN))),
        Code::TicketExpired
    );
    for long in [LIFETIME, Duration::MAX] {
        let ticket = given.ticket_for(long).unwrap();
        assert!(now(gate.redeem(&ticket)).is_ok());
    }
}

#[test]
fn keys_are_rotated_without_a_ticket_lost() {
    let (gate, _feed) = gate();
    let given = permit(&gate, &RUN, subject("alice"), "");
    let old = given.ticket().unwrap();
    let both = KeyRing::new("k2", &secret(2)).unwrap();
    gate.set_ticket_keys(both.clone().and("k1", &secret(1)).unwrap());
    let new = given.ticket().unwrap();
    assert!(new.as_str().starts_with("gp1.k2."));
    for ticket in [&old, &new] {
        assert!(now(gate.redeem(ticket)).is_ok());
    }
    gate.set_ticket_keys(both);
    assert!(now(gate.redeem(&new)).is_ok());
    assert_eq!(code(now(gate.redeem(&old))), Code::TicketInvalid);
}

#[test]
fn a_ring_refuses_weak_keys_and_tells_no_secret() {
    let refused = |ring: Result<KeyRing, KeyRingError>| ring.unwrap_err().to_string();
    assert!(refused(KeyRing::new("", &secret(1))).contains("id"));
    assert!(refused(KeyRing::new("a.b", &secret(1))).contains("a.b"));
    assert!(refused(KeyRing::new("k", &secret(1)[1..])).contains("31 bytes"));
    let ring = KeyRing::new("k", &secret(1)).unwrap();
    assert!(refused(ring.clone().and("k", &secret(2))).contains("twice"));
    assert_eq!(format!("{ring:?}"), "[\"k\"]");
    for (text, place) in [
        ("", "key 1"),
        ("k", "key 1"),
        ("k=hunter2hunter2!", "key 1"),
        ("k=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=,", "key 2"),
    ] {
        let why = refused(text.parse());
        assert!(why.contains(place) && !why.contains("hunter2"), "{why}");
    }
    let parsed: KeyRing = "k=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
        .parse()
        .unwrap();
    assert_eq!(parsed.sign("text"), ring.sign("text"));
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Duration {
        Duration::from_secs(12)
    }
}

#[test]
fn a_follower_that_is_behind_the_ticket_does_not_answer_for_it() {
    let (gate, feed) = Gate::leased(std::sync::Arc::new(Noon));
    gate.set_ticket_keys(KeyRing::new("k1", &secret(1)).unwrap());
    feed.publish(policy(7));
    feed.renew(Duration::from_mins(1));
    let ticket = permit(&gate, &RUN, subject("alice"), "").ticket().unwrap();
    let (behind, of_behind) = Gate::leased(std::sync::Arc::new(Noon));
    behind.set_ticket_keys(KeyRing::new("k1", &secret(1)).unwrap());
    of_behind.publish(policy(6));
    of_behind.renew(Duration::from_mins(1));
    assert_eq!(code(now(behind.redeem(&ticket))), Code::PolicyStale);
    of_behind.publish(policy(7));
    assert!(now(behind.redeem(&ticket)).is_ok());
    // Documents in files are counted by each process for itself.
    let file = Gate::fixed(policy(1));
    file.set_ticket_keys(KeyRing::new("k1", &secret(1)).unwrap());
    assert!(now(file.redeem(&ticket)).is_ok());
}

#[test]
fn a_ticket_that_could_not_be_redeemed_is_not_given() {
    let (gate, _feed) = gate();
    let of = |many| {
        let scopes = std::iter::once("agent:run").chain(std::iter::repeat_n("a:b", many));
        permit(&gate, &RUN, subject("alice").scopes(scopes), "").ticket()
    };
    assert!(now(gate.redeem(&of(5000).unwrap())).is_ok());
    assert_eq!(of(9000), Err(TicketError::TooLong));
}

#[test]
fn work_under_a_ticket_ends_with_it_and_so_does_what_it_queues() {
    let (gate, _feed) = gate();
    let given = permit(&gate, &RUN, subject("alice"), "");
    let ticket = given.ticket_for(Duration::from_millis(300)).unwrap();
    let again = now(gate.redeem(&ticket)).unwrap();
    assert!(now(again.ensure_fresh()).is_ok());
    let next = again.ticket().unwrap();
    std::thread::sleep(Duration::from_millis(350));
    assert_eq!(code(now(gate.redeem(&next))), Code::TicketExpired);
    let fresh = now(again.ensure_fresh()).unwrap_err();
    assert_eq!(fresh.code(), Code::TicketExpired);
}
