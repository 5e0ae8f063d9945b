//! Versions that a replica has not seen, and permits from before them.

use std::future::Future as _;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use gatepost::{Evaluation, Next, Org, Requirement, Subject, SubjectId};

use super::super::*;
use super::elsewhere::{Rig, all};

const READ: Requirement = Requirement::new("chat", "read").org(Org::none());

#[test]
fn what_a_whole_read_skips_ends_permits_that_nobody_waited_for_yet() {
    let mut rig = Rig::new();
    assert_eq!(rig.answer_all(1, "", all("on")), Verdict::Live);
    let alice = Subject::new(SubjectId::new("alice").unwrap());
    let mut evaluation = Evaluation::new(&READ, "chat", Some(alice));
    let Ok(Next::Admit(permit)) = rig.gate.read(|facts| evaluation.next(facts)) else {
        panic!("everyone has access")
    };
    let mut waited = permit.revoked();
    // Version 2 switched it off, version 3 is an import that has it on: one look sees version 3, whole.
    assert_eq!(rig.answer_all(3, "", all("on")), Verdict::Live);
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut waited).poll(&mut context).is_ready());
    assert!(
        Pin::new(&mut permit.revoked())
            .poll(&mut context)
            .is_ready()
    );
    let fresh = pin!(permit.ensure_fresh()).poll(&mut context);
    assert!(matches!(fresh, Poll::Ready(Err(_))), "{fresh:?}");
}
