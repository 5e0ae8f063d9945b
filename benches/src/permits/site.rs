//! A site whose members all have a permit of their own that is waited for.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use gatepost::{
    Changed, Changes, Clock, Evaluation, Feed, Gate, NamedOrg, Next, Org, OrgId, Permit,
    PolicyText, Requirement, Revoked, Snapshot, Subject, SubjectId,
};
use gatepost_store::BootClock;
use serde_json::{Map, json};

pub(super) const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));

/// So many members has an org, and so many orgs a holding above them.
const MEMBERS: u32 = 100;
const ORGS: u32 = 100;

/// A gate over a policy, and everyone that it lets through.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) gate: Gate,
    feed: Feed,
    facts: Snapshot,
    /// The same with the resource switched off.
    off: Snapshot,
    version: AtomicU64,
    people: Arc<[(Subject, OrgId)]>,
}

impl Site {
    /// A site of so many people, none of whom waits.
    pub(super) fn new(people: u32) -> Result<Self, Box<dyn Error>> {
        let (gate, feed) = Gate::channel();
        let site = Self {
            gate,
            feed,
            facts: PolicyText::json(policy(people, "on")).compile(1)?,
            off: PolicyText::json(policy(people, "off")).compile(1)?,
            version: AtomicU64::new(1),
            people: (0..people).map(person).collect::<Result<_, _>>()?,
        };
        site.open();
        Ok(site)
    }

    /// Another gate over the same facts.
    pub(super) fn beside(&self) -> Self {
        self.over(Gate::channel())
    }

    /// One with a lease, which does not run out.
    pub(super) fn leased(&self) -> Self {
        let leased = Gate::leased(Arc::new(BootClock));
        let day = Duration::from_hours(24);
        leased.1.renew(BootClock.now().saturating_add(day));
        self.over(leased)
    }

    fn over(&self, (gate, feed): (Gate, Feed)) -> Self {
        let site = Self {
            gate,
            feed,
            facts: self.facts.clone(),
            off: self.off.clone(),
            version: AtomicU64::new(1),
            people: self.people.clone(),
        };
        site.open();
        site
    }

    pub(super) fn len(&self) -> usize {
        self.people.len()
    }

    /// Decides the request of one of them, from the beginning.
    pub(super) fn decide(&self, place: usize) -> Option<Permit> {
        let (subject, org) = self.people.get(place)?;
        let mut evaluation = Evaluation::new(&READ, READ.resource().name(), Some(subject.clone()));
        evaluation.org(NamedOrg::Named(org.clone()));
        match self.gate.read(|facts| evaluation.next(facts)) {
            Ok(Next::Admit(permit)) => Some(permit),
            _ => None,
        }
    }

    /// A permit for one of them.
    pub(super) fn permit(&self, place: usize) -> Result<Permit, String> {
        let refused = || format!("number {place} of {} is refused", self.len());
        self.decide(place).ok_or_else(refused)
    }

    /// Everyone waits, with this waker.
    pub(super) fn wait(&self, waker: &Waker) -> Result<Vec<Revoked>, String> {
        let mut all = Vec::with_capacity(self.len());
        self.wait_in(&mut all, waker)?;
        Ok(all)
    }

    /// Everyone waits, in a list that has room for them.
    pub(super) fn wait_in(&self, all: &mut Vec<Revoked>, waker: &Waker) -> Result<(), String> {
        for place in 0..self.len() {
            let mut revoked = self.permit(place)?.revoked();
            let looked = revoked.poll_holds(&mut Context::from_waker(waker));
            if !matches!(looked, Poll::Ready(Ok(()))) {
                return Err(format!("number {place} is over before anything happened"));
            }
            all.push(revoked);
        }
        Ok(())
    }

    fn next(&self) -> u64 {
        self.version.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Publishes the next version, which says the same.
    pub(super) fn change(&self, changes: &Changes) -> bool {
        let facts = self.facts.at_version(self.next());
        self.feed.publish_changes(facts, changes)
    }

    /// The next version, where the resource is off.
    pub(super) fn closed(&self) -> Snapshot {
        self.off.at_version(self.next())
    }

    pub(super) fn publish(&self, facts: Snapshot, changes: &Changes) -> bool {
        self.feed.publish_changes(facts, changes)
    }

    /// Publishes the next version, where the resource is on.
    pub(super) fn open(&self) {
        self.change(&Changes::of([Changed::Resource("chat".into())]));
    }
}

/// Is woken, and counts that.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicUsize);

impl Count {
    /// How often it was woken since this was asked last.
    pub(super) fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a future says that has nothing to wait for.
pub(super) fn at_once<F: Future>(work: Pin<&mut F>) -> Option<F::Output> {
    match work.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

fn org(number: u32) -> String {
    format!("org-{number:06}")
}

fn subject(number: u32) -> String {
    format!("user-{number:08}")
}

/// Whoever has that number, and the org to be asked for.
fn person(number: u32) -> Result<(Subject, OrgId), gatepost::IdError> {
    let id = SubjectId::new(subject(number).as_str())?;
    Ok((
        Subject::new(id),
        OrgId::new(org(number / MEMBERS).as_str())?,
    ))
}

/// A policy with so many members, in orgs below holdings; and an org and a subject that nobody waits for.
fn policy(people: u32, switch: &str) -> String {
    let member = || json!({ "roles": ["reader"] });
    let mut orgs = Map::new();
    let all_orgs = people.div_ceil(MEMBERS);
    for holding in 0..all_orgs.div_ceil(ORGS) {
        orgs.insert(format!("holding-{holding}"), json!({}));
    }
    for number in 0..all_orgs {
        let people = number * MEMBERS..people.min((number + 1) * MEMBERS);
        let members: Map<_, _> = people.map(|number| (subject(number), member())).collect();
        let parent = format!("holding-{}", number / ORGS);
        orgs.insert(org(number), json!({ "parent": parent, "members": members }));
    }
    orgs.insert(
        "elsewhere".into(),
        json!({ "members": { "somebody": member() } }),
    );
    let policy = json!({
        "version": 1,
        "resources": { "chat": ["read"] },
        "site": { "gates": { "chat": { "switch": switch, "access": "everyone" } } },
        "org_roles": { "reader": { "level": 10, "grants": ["chat:read"] } },
        "orgs": orgs,
    });
    policy.to_string()
}
