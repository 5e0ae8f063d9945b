//! Memberships that the policy has elsewhere: loaded late, never guessed, and never older than the policy.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use gatepost::{
    Feed, Gate, LoadedMemberships, LoadingMemberships, MemberDocument, MembershipSource,
    PolicyDocument, PolicyText, Snapshot,
};
use gatepost_axum::{
    EntityKey, EntityLoader, Gated, Loaded, Org, OrgId, Owner, Requirement, SourceError, SubjectId,
};
use tokio::sync::Notify;

use crate::fixture::{Answer, Canary, KILLED, READ, ask, who};

const LOADED: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org"))
    .owner(Owner::Loaded);

const POLICY: &str = r#"
version = 1
[resources]
chat = ["read"]
killed = ["read"]
[site.gates.chat]
switch = "on"
access = "everyone"
[org_roles.guest]
level = 10
grants = ["chat:read"]
[orgs.acme]
"#;

/// How the next load ends.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    Well,
    InAnError,
    InAPanic,
    WithSomebodyElses,
}

/// Alice's memberships, as a store has them.
struct Shelf {
    /// The version of her last change, and what she holds since.
    holds: Mutex<(u64, Option<&'static [&'static str]>)>,
    ends: Mutex<Ends>,
    loads: AtomicUsize,
    /// Set, each load has read, and waits.
    waits: Mutex<bool>,
    reached: Notify,
    go_on: Notify,
    has_at_hand: Mutex<bool>,
}

impl Shelf {
    fn read(&self, subject: &SubjectId) -> Arc<LoadedMemberships> {
        let (version, roles) = *self.holds.lock().unwrap();
        let roles = roles.filter(|_| subject.as_str() == "alice");
        let held = roles.map(|roles| {
            let mut member = MemberDocument::default();
            member.roles = roles.iter().map(|&role| role.to_owned()).collect();
            (OrgId::new("acme").unwrap(), member)
        });
        Arc::new(LoadedMemberships::new(subject.clone(), version, held))
    }

    fn loads(&self) -> usize {
        self.loads.swap(0, Ordering::SeqCst)
    }
}

impl MembershipSource for Shelf {
    fn load<'a>(&'a self, subject: &'a SubjectId) -> LoadingMemberships<'a> {
        Box::pin(async move {
            self.loads.fetch_add(1, Ordering::SeqCst);
            let read = self.read(subject);
            let waits = *self.waits.lock().unwrap();
            if waits {
                self.reached.notify_one();
                self.go_on.notified().await;
            }
            let ends = *self.ends.lock().unwrap();
            match ends {
                Ends::Well => Ok(read),
                Ends::InAnError => Err("the store is broken".into()),
                Ends::InAPanic => panic!("a panic of the source"),
                Ends::WithSomebodyElses => Ok(self.read(&SubjectId::new("bob").unwrap())),
            }
        })
    }

    fn is_current(&self, loaded: &LoadedMemberships, version: u64) -> bool {
        let (changed, _) = *self.holds.lock().unwrap();
        (changed..=version).contains(&loaded.version())
    }

    fn at_hand(&self, subject: &SubjectId, version: u64) -> Option<Arc<LoadedMemberships>> {
        let has = *self.has_at_hand.lock().unwrap();
        let read = self.read(subject);
        (has && self.is_current(&read, version)).then_some(read)
    }
}

struct Setup {
    shelf: Arc<Shelf>,
    feed: Feed,
    canary: Canary,
    router: Router,
}

fn facts(version: u64) -> Snapshot {
    let document: PolicyDocument = PolicyText::toml(POLICY).parse().unwrap();
    Snapshot::compile_looking_through(&document, version).unwrap()
}

/// Loads an object of acme, and waits where memberships do.
struct Objects(Arc<Shelf>);

#[async_trait]
impl EntityLoader for Objects {
    type Entity = ();

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<()>>, SourceError> {
        self.0.reached.notify_one();
        self.0.go_on.notified().await;
        Ok(key.org().cloned().map(|org| Loaded::in_org(org, ())))
    }
}

fn setup() -> Setup {
    let shelf = Arc::new(Shelf {
        holds: Mutex::new((1, Some(&["guest"]))),
        ends: Mutex::new(Ends::Well),
        loads: AtomicUsize::new(0),
        waits: Mutex::new(false),
        reached: Notify::new(),
        go_on: Notify::new(),
        has_at_hand: Mutex::new(false),
    });
    let (gate, feed) = Gate::channel();
    feed.look_through(shelf.clone());
    feed.publish(facts(1));
    let canary = Canary::default();
    let router = Gated::new(gate, who)
        .loader("chat", Objects(shelf.clone()))
        .get("/orgs/{org}/chats", READ, canary.handler("list"))
        .get("/orgs/{org}/loaded", LOADED, canary.handler("loaded"))
        .get("/orgs/{org}/killed", KILLED, canary.handler("killed"))
        .into_router()
        .unwrap();
    Setup {
        shelf,
        feed,
        canary,
        router,
    }
}

impl Setup {
    async fn list(&self, org: &str, who: &str) -> Answer {
        ask(&self.router, "GET", &format!("/orgs/{org}/chats"), who).await
    }

    fn asking(&self, path: &'static str) -> tokio::task::JoinHandle<Answer> {
        let router = self.router.clone();
        tokio::spawn(async move { ask(&router, "GET", path, "alice").await })
    }

    /// Alice loses her role, and the gate is told.
    fn remove_role(&self, version: u64) {
        *self.shelf.holds.lock().unwrap() = (version, Some(&[]));
        self.feed.publish(facts(version));
    }
}

#[tokio::test]
async fn they_are_loaded_once_where_the_decision_comes_to_them() {
    let setup = setup();
    for (path, who, status, code, loads) in [
        ("/orgs/acme/chats", "alice", 200, None, 1),
        ("/orgs/acme/chats", "bob", 403, Some("not_a_member"), 1),
        ("/orgs/nowhere/chats", "bob", 403, Some("not_a_member"), 1),
        ("/orgs/acme/killed", "alice", 403, Some("site_off"), 0),
        ("/orgs/acme/chats", "", 401, Some("unauthenticated"), 0),
    ] {
        let answer = ask(&setup.router, "GET", path, who).await;
        let seen = (answer.status.as_u16(), answer.code(), setup.shelf.loads());
        assert_eq!(seen, (status, code, loads), "{path} {who}");
    }
    assert_eq!(setup.canary.ran(), ["list"]);
}

#[tokio::test]
async fn what_is_at_hand_is_not_waited_for() {
    let setup = setup();
    *setup.shelf.has_at_hand.lock().unwrap() = true;
    assert_eq!(setup.list("acme", "alice").await.status, 200);
    let denied = setup.list("acme", "bob").await;
    assert_eq!(denied.code(), Some("not_a_member"));
    assert_eq!(setup.shelf.loads(), 0);
}

#[tokio::test]
async fn what_cannot_be_loaded_is_an_error_and_no_denial() {
    let setup = setup();
    for ends in [Ends::InAnError, Ends::InAPanic, Ends::WithSomebodyElses] {
        *setup.shelf.ends.lock().unwrap() = ends;
        let answer = setup.list("acme", "alice").await;
        let seen = (answer.status.as_u16(), answer.code());
        assert_eq!(seen, (503, Some("policy_unavailable")));
        assert!(answer.header("retry-after").is_some());
    }
    setup.canary.assert_silent();

    let (gate, feed) = Gate::channel();
    feed.publish(facts(1));
    let router = Gated::new(gate, who)
        .get("/orgs/{org}/chats", READ, setup.canary.handler("list"))
        .into_router()
        .unwrap();
    let answer = ask(&router, "GET", "/orgs/acme/chats", "alice").await;
    assert_eq!(answer.code(), Some("policy_unavailable"));
    setup.canary.assert_silent();
}

#[tokio::test]
async fn a_load_that_takes_long_does_not_outwait_a_change() {
    let setup = setup();
    *setup.shelf.waits.lock().unwrap() = true;
    let asking = setup.asking("/orgs/acme/chats");
    setup.shelf.reached.notified().await;
    *setup.shelf.waits.lock().unwrap() = false;
    setup.remove_role(2);
    setup.shelf.go_on.notify_one();
    assert_eq!(asking.await.unwrap().code(), Some("org_grant_missing"));
    assert_eq!(setup.shelf.loads(), 2);
    setup.canary.assert_silent();
}

#[tokio::test]
async fn what_was_loaded_does_not_outwait_a_change_while_an_object_is_loaded() {
    for is_at_hand in [false, true] {
        let setup = setup();
        *setup.shelf.has_at_hand.lock().unwrap() = is_at_hand;
        let asking = setup.asking("/orgs/acme/loaded");
        setup.shelf.reached.notified().await;
        setup.remove_role(2);
        setup.shelf.go_on.notify_one();
        assert_eq!(asking.await.unwrap().code(), Some("org_grant_missing"));
        setup.canary.assert_silent();
    }
}

#[tokio::test]
async fn a_subject_that_changes_during_each_load_is_an_error_in_the_end() {
    let setup = setup();
    *setup.shelf.waits.lock().unwrap() = true;
    let asking = setup.asking("/orgs/acme/chats");
    for version in 2..=9 {
        setup.shelf.reached.notified().await;
        *setup.shelf.holds.lock().unwrap() = (version, Some(&["guest"]));
        setup.feed.publish(facts(version));
        setup.shelf.go_on.notify_one();
    }
    assert_eq!(asking.await.unwrap().code(), Some("policy_unavailable"));
    assert_eq!(setup.shelf.loads(), 8);
    setup.canary.assert_silent();
}
