//! Memberships that have to be read: what ends a permit without them ends it meanwhile.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::membership::{LoadedMemberships, LoadingMemberships, MembershipSource};
use crate::policy::MemberDocument;

/// A store that can be made to answer no more.
struct Slow(AtomicBool);

impl MembershipSource for Slow {
    fn load<'a>(&'a self, who: &'a SubjectId) -> LoadingMemberships<'a> {
        Box::pin(async move {
            if self.0.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            let dev = MemberDocument {
                roles: vec!["dev".into()],
                expires: None,
            };
            Ok(Arc::new(LoadedMemberships::new(
                who.clone(),
                1,
                [(OrgId::new("acme").unwrap(), dev)],
            )))
        })
    }
    fn is_current(&self, _: &LoadedMemberships, _: u64) -> bool {
        !self.0.load(Ordering::SeqCst)
    }
}

const THROUGH: &str = "version = 1\n[resources]\nagent = [\"run\"]\n[site.gates.agent]\nswitch = \"SW\"\naccess = \"everyone\"\n[org_roles.dev]\nlevel = 3\ngrants = [\"agent:run\"]\n[orgs.acme]\n";

fn through(switch: &str, version: u64) -> Snapshot {
    let document = PolicyText::toml(THROUGH.replace("SW", switch))
        .parse()
        .unwrap();
    Snapshot::compile_looking_through(&document, version).unwrap()
}

#[test]
fn a_kill_ends_what_waits_for_memberships() {
    let (gate, feed) = Gate::channel();
    let slow = Arc::new(Slow(false.into()));
    feed.look_through(slow.clone());
    feed.publish(through("on", 1));
    let mut evaluation = Evaluation::new(&RUN, "agent", Some(subject("alice")));
    evaluation.org(NamedOrg::Named(OrgId::new("acme").unwrap()));
    let mut context = Context::from_waker(Waker::noop());
    let who = SubjectId::new("alice").unwrap();
    let Poll::Ready(Ok(held)) = pin!(slow.load(&who)).poll(&mut context) else {
        panic!()
    };
    evaluation.memberships(held);
    let Next::Admit(permit) = gate.read(|facts| evaluation.next(facts)).unwrap() else {
        panic!()
    };
    let mut revoked = permit.revoked();
    assert!(Pin::new(&mut revoked).poll(&mut context).is_pending());
    assert_eq!(gate.waiting(), 1);
    // The store answers slowly; something of alice changes.
    slow.0.store(true, Ordering::SeqCst);
    feed.publish_changes(through("on", 2), &Changes::of([Changed::Subject(who)]));
    assert!(Pin::new(&mut revoked).poll(&mut context).is_pending());
    // The site kills it, and the replica has it.
    feed.publish_changes(
        through("off", 3),
        &Changes::of([Changed::Resource("agent".into())]),
    );
    let polled = Pin::new(&mut revoked).poll(&mut context);
    assert!(
        polled.is_ready(),
        "killed, and nobody who waits is told; waiting = {}",
        gate.waiting()
    );
}
