//! What ends a permit that is waited for, and what does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

mod elsewhere;
mod race;
mod time;
mod wakers;

use super::*;
use crate::changes::{Changed, Changes};
use crate::evaluation::{Evaluation, NamedOrg, Next};
use crate::gate::Feed;
use crate::id::OrgId;
use crate::policy::PolicyText;
use crate::requirement::{Org, Owner, Requirement};
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::vocabulary::Mode;

const RUN: Requirement = Requirement::new("agent", "run")
    .mode(Mode::Background)
    .org(Org::path("org"))
    .owner(Owner::Subject);
const LIST: Requirement = Requirement::new("agent", "list")
    .org(Org::path("org"))
    .owner(Owner::Subject);

/// What a policy has different from the one under which all is allowed.
type Edit = (&'static str, &'static str);

const ALLOWING: &str = r#"
version = 1
[resources]
agent = ["run", "list"]
other = ["run"]
[site.gates.agent]
switch = "opt-in"
access = "granted"
background = { switch = "opt-out", floor = "developer" }
[site.gates.other]
switch = "on"
[site.roles.agents]
grants = ["agent:*"]
[org_roles.developer]
level = 30
grants = ["agent:*"]
[org_roles.owner]
level = 50
[orgs.holding]
[orgs.acme]
parent = "holding"
gates.agent = { switch = "on" }
[orgs.acme.members]
alice = { roles = ["developer"] }
bot = { roles = ["developer"] }
[orgs.globex]
[orgs.globex.members]
gus = { roles = ["developer"] }
[subjects.alice]
site_roles = ["agents"]
[subjects.bot]
kind = "agent"
site_roles = ["agents"]
[subjects.gus]
"#;

fn policy(edits: &[Edit], version: u64) -> Snapshot {
    let text = edits.iter().fold(ALLOWING.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    PolicyText::toml(text).compile(version).unwrap()
}

fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap())
}

fn permit_of(gate: &Gate, requirement: &'static Requirement, subject: Subject) -> Permit {
    let mut evaluation = Evaluation::new(requirement, requirement.resource().name(), Some(subject));
    evaluation.org(NamedOrg::Named(OrgId::new("acme").unwrap()));
    match gate.read(|facts| evaluation.next(facts)).unwrap() {
        Next::Admit(permit) => permit,
        other => panic!("{other:?}"),
    }
}

fn permit(gate: &Gate) -> Permit {
    permit_of(gate, &RUN, subject("alice"))
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Who waits for a permit, and how often that was woken.
struct Waiting {
    revoked: Revoked,
    woken: Arc<Woken>,
}

impl Waiting {
    fn of(permit: &Permit) -> Self {
        let mut waiting = Self {
            revoked: permit.revoked(),
            woken: Arc::default(),
        };
        assert_eq!(waiting.poll(), None);
        waiting
    }

    fn poll(&mut self) -> Option<Code> {
        let waker = Waker::from(self.woken.clone());
        let mut context = Context::from_waker(&waker);
        match Pin::new(&mut self.revoked).poll(&mut context) {
            Poll::Ready(denial) => Some(denial.code()),
            Poll::Pending => None,
        }
    }

    fn wakes(&self) -> usize {
        self.woken.0.load(Ordering::SeqCst)
    }
}

fn channel() -> (Gate, Feed) {
    let (gate, feed) = Gate::channel();
    feed.publish(policy(&[], 1));
    (gate, feed)
}

fn org(id: &str) -> Changed {
    Changed::Org(OrgId::new(id).unwrap())
}

fn of_subject(id: &str) -> Changed {
    Changed::Subject(SubjectId::new(id).unwrap())
}

#[test]
fn whatever_the_cause_a_permit_ends_with_the_code_that_the_request_would_get() {
    let agent = || Changed::Resource("agent".to_owned());
    let rows: &[(Edit, Changed, Code)] = &[
        (("\"opt-in\"", "\"off\""), agent(), Code::SiteOff),
        (("\"opt-out\"", "\"off\""), agent(), Code::SiteModeOff),
        (
            ("floor = \"developer\"", "floor = \"owner\""),
            agent(),
            Code::ModeFloor,
        ),
        (("\"run\", \"list\"", "\"list\""), agent(), Code::SiteOff),
        (
            ("[\"agent:*\"]\n[org_roles", "[\"!agent:*\"]\n[org_roles"),
            Changed::Everything,
            Code::SiteDenied,
        ),
        (
            ("[\"agent:*\"]\n[org_roles.owner", "[]\n[org_roles.owner"),
            Changed::Everything,
            Code::OrgGrantMissing,
        ),
        (
            ("{ switch = \"on\" }", "{ switch = \"off\" }"),
            org("acme"),
            Code::OrgOff,
        ),
        (
            (
                "{ switch = \"on\" }",
                "{ switch = \"on\", background = { switch = \"off\" } }",
            ),
            org("acme"),
            Code::OrgModeOff,
        ),
        (
            ("[orgs.holding]", "[orgs.holding]\nstatus = \"suspended\""),
            org("holding"),
            Code::OrgSuspended,
        ),
        (
            ("alice = { roles = [\"developer\"] }", ""),
            of_subject("alice"),
            Code::NotAMember,
        ),
        (
            (
                "alice = { roles = [\"developer\"] }",
                "alice = { roles = [] }",
            ),
            of_subject("alice"),
            Code::OrgGrantMissing,
        ),
        (
            (
                "alice = { roles = [\"developer\"] }",
                "alice = { roles = [\"developer\"], expires = \"2001-01-01T00:00:00Z\" }",
            ),
            of_subject("alice"),
            Code::NotAMember,
        ),
        (
            (
                "[subjects.alice]",
                "[subjects.alice]\nstatus = \"suspended\"",
            ),
            of_subject("alice"),
            Code::SubjectSuspended,
        ),
        (
            ("site_roles = [\"agents\"]", ""),
            of_subject("alice"),
            Code::SiteGrantMissing,
        ),
        (
            ("[subjects.alice]", "[subjects.alice]\nkind = \"agent\""),
            of_subject("alice"),
            Code::DelegatorMissing,
        ),
    ];
    for (edit, changed, code) in rows {
        for changes in [
            Changes::of([changed.clone()]),
            Changes::of([Changed::Everything]),
        ] {
            let (gate, feed) = channel();
            let mut waiting = Waiting::of(&permit(&gate));
            assert_eq!(gate.waiting(), 1);
            feed.publish_changes(policy(&[*edit], 2), &changes);
            assert_eq!(waiting.wakes(), 1, "{edit:?}");
            assert_eq!(waiting.poll(), Some(*code), "{edit:?}");
            assert_eq!(gate.waiting(), 0);
            // Once over, over.
            feed.publish(policy(&[], 3));
            assert_eq!(waiting.poll(), Some(*code), "{edit:?}");
        }
    }
}

#[test]
fn what_does_not_concern_a_permit_wakes_nobody() {
    let (gate, feed) = channel();
    let mut waiting = Waiting::of(&permit(&gate));
    let rows = [
        (
            (
                "switch = \"on\"\n[site.roles",
                "switch = \"off\"\n[site.roles",
            ),
            Changed::Resource("other".to_owned()),
        ),
        (
            ("[orgs.globex]\n", "[orgs.globex]\nstatus = \"suspended\"\n"),
            org("globex"),
        ),
        (("gus = {", "ines = {"), of_subject("gus")),
    ];
    for (version, (edit, changed)) in (2..).zip(rows) {
        feed.publish_changes(policy(&[edit], version), &Changes::of([changed]));
    }
    feed.publish(policy(&[], 9));
    assert_eq!((waiting.wakes(), waiting.poll()), (0, None));
    drop(waiting);
    assert_eq!(gate.waiting(), 0);
}

#[test]
fn a_permit_depends_on_whom_it_acts_for_and_on_its_scopes() {
    let (gate, feed) = channel();
    let bot = || subject("bot").acting_for(SubjectId::new("alice").unwrap());
    let mut waiting = Waiting::of(&permit_of(&gate, &RUN, bot()));
    let suspended = (
        "[subjects.alice]",
        "[subjects.alice]\nstatus = \"suspended\"",
    );
    feed.publish_changes(policy(&[suspended], 2), &Changes::of([of_subject("alice")]));
    assert_eq!(waiting.poll(), Some(Code::SubjectSuspended));

    feed.publish(policy(&[], 3));
    let scoped = permit_of(&gate, &RUN, bot().scopes(["agent:run"]));
    assert_eq!(scoped.scopes().map(|scopes| scopes.iter().count()), Some(1));
    let mut waiting = Waiting::of(&scoped);
    feed.publish(policy(&[], 4));
    assert_eq!(waiting.poll(), None);
}

#[test]
fn a_permit_for_any_object_is_over_when_it_would_be_for_the_own_ones_alone() {
    let (gate, feed) = channel();
    let list = permit_of(&gate, &LIST, subject("alice"));
    let mut waiting = Waiting::of(&list);
    let own = (
        "[\"agent:*\"]\n[org_roles.owner",
        "[\"agent:*@own\"]\n[org_roles.owner",
    );
    feed.publish(policy(&[own], 2));
    assert_eq!(waiting.poll(), Some(Code::OrgGrantMissing));
    // One that was so from the beginning is not.
    let own = permit_of(&gate, &LIST, subject("alice"));
    let mut waiting = Waiting::of(&own);
    feed.publish(policy(
        &[(
            "[\"agent:*\"]\n[org_roles.owner",
            "[\"agent:list@own\"]\n[org_roles.owner",
        )],
        3,
    ));
    assert_eq!(waiting.poll(), None);
}

#[test]
fn a_kill_that_is_over_again_has_ended_what_began_before_it() {
    let off = ("\"opt-in\"", "\"off\"");
    let (gate, feed) = channel();
    let before = permit(&gate);
    let mut waiting = Waiting::of(&before);
    feed.publish(policy(&[off], 2));
    feed.publish(policy(&[], 3));
    assert_eq!(waiting.poll(), Some(Code::SiteOff));
    // Whoever begins to wait late is told the same; a permit from after the kill holds.
    let mut late = before.revoked();
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Err(denial)) = late.poll_holds(&mut context) else {
        panic!("it was killed");
    };
    assert_eq!(denial.code(), Code::SiteOff);
    let after = permit(&gate);
    assert_eq!(Waiting::of(&after).poll(), None);

    // One that came and went between two looks.
    let mut waiting = Waiting::of(&after);
    let mut changes = Changes::of([Changed::Resource("agent".to_owned())]);
    changes.add_kill_meanwhile("agent", Some(Mode::Background));
    feed.publish_changes(policy(&[], 5), &changes);
    assert_eq!(waiting.poll(), Some(Code::SiteModeOff));
    let mut other = Waiting::of(&permit_of(&gate, &LIST, subject("alice")));
    changes.add_kill_meanwhile("other", None);
    feed.publish_changes(policy(&[], 6), &changes);
    assert_eq!(other.poll(), None, "it has no mode");
}

#[test]
fn what_was_overtaken_before_anybody_saw_it_ends_what_depends_on_it() {
    let (gate, feed) = channel();
    let mut waiting = Waiting::of(&permit(&gate));
    let mut changes = Changes::default();
    changes.add_overtaken(org("globex"));
    feed.publish_changes(policy(&[], 2), &changes);
    assert_eq!(waiting.poll(), None);
    changes.add_overtaken(org("holding"));
    feed.publish_changes(policy(&[], 3), &changes);
    assert_eq!(waiting.poll(), Some(Code::PolicyUnavailable));
}

#[test]
fn a_path_that_changes_is_waited_for_from_then_on() {
    let (gate, feed) = channel();
    let mut waiting = Waiting::of(&permit(&gate));
    let moved = ("parent = \"holding\"", "parent = \"globex\"");
    feed.publish_changes(policy(&[moved], 2), &Changes::of([org("acme")]));
    assert_eq!(waiting.poll(), None);
    let suspended = ("[orgs.globex]\n", "[orgs.globex]\nstatus = \"suspended\"\n");
    let changes = Changes::of([org("globex")]);
    feed.publish_changes(policy(&[moved, suspended], 3), &changes);
    assert_eq!(waiting.poll(), Some(Code::OrgSuspended));
}

#[test]
fn a_permit_without_its_gate_is_over() {
    let (gate, feed) = channel();
    let permit = permit(&gate);
    drop((gate, feed));
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(denial) = Pin::new(&mut permit.revoked()).poll(&mut context) else {
        panic!("there is nobody to ask");
    };
    assert_eq!(denial.code(), Code::PolicyUnavailable);
}
