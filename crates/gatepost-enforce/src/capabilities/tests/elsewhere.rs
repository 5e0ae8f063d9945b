//! Memberships that have to be loaded first.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatepost::{Feed, MemberDocument, PolicyDocument, Snapshot};

use super::*;

/// Memberships that are never at hand. The first load of each question is overtaken by a change, after which
/// everybody is a developer of acme.
struct Elsewhere {
    feed: Mutex<Option<Feed>>,
    loads: AtomicUsize,
    fails: fn(),
}

impl MembershipSource for Elsewhere {
    fn load<'a>(&'a self, subject: &'a SubjectId) -> LoadingMemberships<'a> {
        Box::pin(async move {
            (self.fails)();
            self.loads.fetch_add(1, Ordering::SeqCst);
            let overtaken = self.feed.lock().unwrap().take();
            let (version, role) = match overtaken {
                Some(feed) => {
                    feed.publish(facts(2));
                    (1, "guest")
                }
                None => (2, "developer"),
            };
            let mut member = MemberDocument::default();
            member.roles = vec![role.to_owned()];
            let held = [(OrgId::new("acme")?, member)];
            Ok(Arc::new(LoadedMemberships::new(
                subject.clone(),
                version,
                held,
            )))
        })
    }

    /// Somebody else's, as a broken cache has them.
    fn at_hand(&self, _: &SubjectId, version: u64) -> Option<Arc<LoadedMemberships>> {
        let held = [(OrgId::new("acme").ok()?, MemberDocument::default())];
        let other = SubjectId::new("bot").ok()?;
        Some(Arc::new(LoadedMemberships::new(other, version, held)))
    }

    fn is_current(&self, loaded: &LoadedMemberships, version: u64) -> bool {
        loaded.version() == version
    }
}

fn facts(version: u64) -> Snapshot {
    let mut document: PolicyDocument = PolicyText::toml(POLICY).parse().unwrap();
    for org in document.orgs.values_mut() {
        org.members.clear();
    }
    Snapshot::compile_looking_through(&document, version).unwrap()
}

fn setup(fails: fn()) -> (Arc<Elsewhere>, Capabilities) {
    let (gate, feed) = Gate::channel();
    let source = Arc::new(Elsewhere {
        feed: Mutex::default(),
        loads: AtomicUsize::new(0),
        fails,
    });
    feed.look_through(source.clone());
    feed.publish(facts(1));
    *source.feed.lock().unwrap() = Some(feed);
    let routes = [Ok(UPDATE), Ok(CREATE), Ok(RUN), Ok(UPDATE)];
    (source, capabilities(gate, &routes))
}

#[test]
fn what_was_overtaken_while_it_was_loaded_is_loaded_again_and_all_are_asked_by_one_version() {
    let (source, of) = setup(|| ());
    let answer = ask(&of, Some(subject("yan")), &head("org=acme")).unwrap();
    let told: Value = serde_json::from_slice(&answer.body).unwrap();
    for row in [0, 1, 6] {
        assert_eq!(told["routes"][row]["outcome"], "allow", "{told}");
    }
    assert_eq!(source.loads.load(Ordering::SeqCst), 2);
}

#[test]
fn memberships_that_cannot_be_read_are_an_error_and_no_answer() {
    let (_, of) = setup(|| panic!("a panic of the source"));
    let denial = ask(&of, Some(subject("yan")), &head("org=acme")).unwrap_err();
    assert_eq!(denial.code(), Code::PolicyUnavailable);
}

/// Has at hand what it calls overtaken, for ever.
struct Contradicting;

impl MembershipSource for Contradicting {
    fn load<'a>(&'a self, _: &'a SubjectId) -> LoadingMemberships<'a> {
        Box::pin(async { Err("nothing is loaded".into()) })
    }

    fn is_current(&self, _: &LoadedMemberships, _: u64) -> bool {
        false
    }

    fn at_hand(&self, subject: &SubjectId, version: u64) -> Option<Arc<LoadedMemberships>> {
        Some(Arc::new(LoadedMemberships::new(
            subject.clone(),
            version,
            [],
        )))
    }
}

#[test]
fn a_source_that_contradicts_itself_is_an_error_and_no_loop() {
    let (gate, feed) = Gate::channel();
    feed.look_through(Arc::new(Contradicting));
    feed.publish(facts(1));
    let of = capabilities(gate, &[Ok(CREATE)]);
    let denial = ask(&of, Some(subject("yan")), &head("org=acme")).unwrap_err();
    assert_eq!(denial.code(), Code::PolicyUnavailable);
}
