//! Permits that are waited for while a store is changed at random: each ends when, and only when, the same
//! request would be denied.

mod commands;

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use gatepost::{
    Code, Denial, Evaluation, Gate, Mode, NamedOrg, Next, Org, OrgSwitch, Owner, Permit, Reach,
    Requirement, Revoked, SiteSwitch, Snapshot, Subject, SubjectId,
};
use gatepost_store::{Change, Command, LookThroughOptions, PolicyStore, Replica, StoreUrl};

use crate::rig::{ines, until};

const ORGS: [&str; 4] = ["holding", "acme", "labs", "globex"];
const SUBJECTS: [&str; 4] = ["alice", "bob", "carol", "bot"];
const CHANGES: usize = 250;

const REQUIREMENTS: [Requirement; 4] = [
    of("agent", "run")
        .mode(Mode::Foreground)
        .owner(Owner::Subject),
    of("agent", "run").mode(Mode::Background),
    of("chat", "read").owner(Owner::Subject),
    of("chat", "read"),
];

const fn of(resource: &'static str, action: &'static str) -> Requirement {
    Requirement::new(resource, action).org(Org::path("org"))
}

const POLICY: &str = r#"{
    "version": 1,
    "resources": {"chat": ["read"], "agent": ["run"]},
    "site": {
        "gates": {
            "chat": {"switch": "opt-out", "access": "everyone"},
            "agent": {"switch": "opt-in", "background": {"floor": "guest"}}
        },
        "roles": {"agents": {"grants": ["agent:*"]}, "root": {"grants": ["*:*"], "all_orgs": true}}
    },
    "org_roles": {
        "guest": {"level": 10, "grants": ["chat:read@own", "agent:run"]},
        "developer": {"level": 30, "grants": ["chat:read", "agent:run"]},
        "barred": {"level": 20, "grants": ["!agent:run"]}
    },
    "orgs": {
        "holding": {"gates": {"agent": {"switch": "on"}}, "members": {"bob": {"roles": ["developer"]}}},
        "acme": {"parent": "holding", "members": {"alice": {"roles": ["guest"]}, "bot": {"roles": ["guest"]}}},
        "labs": {"parent": "acme", "members": {"carol": {"roles": ["developer"]}}},
        "globex": {"gates": {"agent": {"switch": "on"}}, "members": {"alice": {"roles": ["developer"]}}}
    },
    "subjects": {
        "alice": {"site_roles": ["agents"]},
        "bob": {"site_roles": ["agents"]},
        "carol": {"site_roles": ["root"]},
        "bot": {"kind": "agent", "site_roles": ["agents"]}
    }
}"#;

/// One request, whoever sends it whenever.
#[derive(Clone, Copy, Debug)]
struct Asked {
    subject: &'static str,
    org: &'static str,
    requirement: &'static Requirement,
}

impl Asked {
    fn all() -> impl Iterator<Item = Self> {
        let of_org = |subject, org| {
            let asked = move |requirement| Self {
                subject,
                org,
                requirement,
            };
            REQUIREMENTS.iter().map(asked)
        };
        let of_subject = move |subject| ORGS.into_iter().flat_map(move |org| of_org(subject, org));
        SUBJECTS.into_iter().flat_map(of_subject)
    }

    /// Decides it from the beginning.
    async fn decide(self, gate: &Gate) -> Result<Permit, Denial> {
        let mut subject = Subject::new(SubjectId::new(self.subject).unwrap());
        if self.subject == "bot" {
            subject = subject.acting_for(SubjectId::new("alice").unwrap());
        }
        let resource = self.requirement.resource().name();
        let mut evaluation = Evaluation::new(self.requirement, resource, Some(subject));
        evaluation.org(NamedOrg::Named(self.org.parse().unwrap()));
        loop {
            let facts = gate.snapshot().map_err(Denial::new)?;
            evaluation.forget_overtaken(gate, &facts);
            match evaluation.next(&facts) {
                Next::Admit(permit) => return Ok(permit),
                Next::Reject(denial) => return Err(denial),
                Next::NeedMemberships(subject) => {
                    let source = gate.memberships().unwrap();
                    let loaded = source.load(&subject).await.unwrap();
                    evaluation.memberships(loaded);
                }
                next => panic!("{next:?}"),
            }
        }
    }
}

/// The permits that are waited for.
struct Waiting(Vec<(Asked, Permit, Revoked)>);

impl Waiting {
    /// Whether it is over, once that is known.
    async fn look(revoked: &mut Revoked) -> Option<Denial> {
        let looked = poll_fn(|context| match revoked.poll_holds(context) {
            Poll::Ready(held) => Poll::Ready(held.err()),
            Poll::Pending => Poll::Pending,
        });
        looked.await
    }

    /// Waits for a permit of each request that is allowed, the ones of two versions where there are.
    async fn fill(&mut self, gate: &Gate) {
        for asked in Asked::all() {
            if let Ok(permit) = asked.decide(gate).await {
                let revoked = permit.revoked();
                self.0.push((asked, permit, revoked));
            }
        }
        // The newest are as good as those that have waited long.
        let many = self
            .0
            .len()
            .saturating_sub(2 * SUBJECTS.len() * ORGS.len() * REQUIREMENTS.len());
        self.0.drain(..many);
    }

    /// Takes out what is over. `between`: changes were made that no version was live between.
    async fn check(&mut self, gate: &Gate, between: bool, what: &str) -> usize {
        let mut left = Vec::new();
        let mut over = 0;
        for (asked, permit, mut revoked) in std::mem::take(&mut self.0) {
            let fresh = asked.decide(gate).await;
            let narrowed = |now: &Permit| permit.reach() == Reach::Any && now.reach() == Reach::Own;
            let is_over = fresh.as_ref().map_or(true, narrowed);
            let mut ended = Self::look(&mut revoked).await;
            // The version is live a moment before everyone has been asked by it.
            for _ in 0..2000 {
                if ended.is_some() || !is_over {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
                ended = Self::look(&mut revoked).await;
            }
            match (&ended, &fresh) {
                (Some(ended), Err(denial)) => {
                    let is_same = ended.code() == denial.code();
                    assert!(is_same || between, "{what}: {asked:?} {ended:?} {denial:?}");
                }
                (Some(ended), Ok(_)) => {
                    assert!(is_over || between, "{what}: {asked:?} {ended:?}");
                }
                (None, fresh) => assert!(!is_over, "{what}: {asked:?} goes on, and is {fresh:?}"),
            }
            match ended {
                Some(_) => over += 1,
                None => left.push((asked, permit, revoked)),
            }
        }
        self.0 = left;
        over
    }
}

async fn followed(
    options: gatepost_store::ReplicaOptions,
) -> (tempfile::TempDir, PolicyStore, Replica) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("policy.db").display());
    let url: StoreUrl = url.parse().unwrap();
    let policy = serde_json::from_str(POLICY).unwrap();
    let store = PolicyStore::open_or_seed(&url, &policy, ines(), "first")
        .await
        .unwrap();
    let replica = options.name("test").interval(Duration::from_millis(5));
    (folder, store, replica.open(&url).await.unwrap())
}

fn live(gate: &Gate, version: u64) {
    until("the version is live", 5000, || {
        gate.read(Snapshot::version) >= Ok(version)
    });
    // Whoever waits is told behind that, and before a permit is entered or left.
    std::thread::sleep(Duration::from_millis(5));
    let _ = gate.waiting();
}

async fn the_law(options: gatepost_store::ReplicaOptions, seed: u64) {
    let (_folder, store, replica) = followed(options).await;
    let gate = replica.gate();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut waiting = Waiting(Vec::new());
    let (mut written, mut over) = (0, 0);
    while written < CHANGES {
        waiting.fill(&gate).await;
        // Most changes by themselves, some so close that a replica sees no version between them.
        let changes = if random.u8(..5) == 0 { 3 } else { 1 };
        let mut what = String::new();
        let mut newest = 0;
        for _ in 0..changes {
            let command = commands::any(&mut random);
            let told = command.to_string();
            let change = Change::new(command, ines(), "a test");
            if let Ok(committed) = store.write(&change).await
                && committed.changed
            {
                what = format!("{what} {told};");
                newest = committed.version;
                written += 1;
            }
        }
        live(&gate, newest);
        over += waiting.check(&gate, changes > 1, &what).await;
    }
    assert!(over > CHANGES, "{over} ended");
    drop(waiting);
    assert_eq!(gate.waiting(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permit_ends_when_and_only_when_its_request_would_be_denied() {
    the_law(Replica::options(), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_it_is_where_memberships_are_looked_through_to() {
    let options = LookThroughOptions::new();
    the_law(Replica::options().look_through(options), 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_goes_off_and_on_within_one_look_ends_what_began_before() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("policy.db").display());
    let url: StoreUrl = url.parse().unwrap();
    let policy = serde_json::from_str(POLICY).unwrap();
    let store = PolicyStore::open_or_seed(&url, &policy, ines(), "first")
        .await
        .unwrap();
    let slow = Replica::options().interval(Duration::from_millis(500));
    let replica = slow.open(&url).await.unwrap();
    let gate = replica.gate();
    let asked = |requirement| Asked {
        subject: "alice",
        org: "acme",
        requirement,
    };
    let write = async |command| {
        let change = Change::new(command, ines(), "a test");
        store.write(&change).await.unwrap().version
    };
    let agent = |to| Command::SiteSwitch {
        resource: "agent".into(),
        mode: None,
        to,
    };
    let chat = |to| Command::OrgSwitch {
        org: "acme".into(),
        resource: "chat".into(),
        mode: None,
        to,
    };

    let run = asked(&REQUIREMENTS[0]).decide(&gate).await.unwrap();
    let read = asked(&REQUIREMENTS[2]).decide(&gate).await.unwrap();
    let (mut running, mut reading) = (run.revoked(), read.revoked());
    assert!(Waiting::look(&mut running).await.is_none());
    write(agent(SiteSwitch::Off)).await;
    let newest = write(agent(SiteSwitch::OptIn)).await;
    live(&gate, newest);
    assert_eq!(
        Waiting::look(&mut running)
            .await
            .map(|denial| denial.code()),
        Some(Code::SiteOff)
    );
    assert!(Waiting::look(&mut reading).await.is_none());
    // Somebody who has the permit from before the kill, and begins to wait behind it.
    assert_eq!(
        run.ensure_fresh().await.map_err(|denial| denial.code()),
        Err(Code::SiteOff)
    );
    assert_eq!(
        Waiting::look(&mut run.revoked())
            .await
            .map(|denial| denial.code()),
        Some(Code::SiteOff)
    );
    let after = asked(&REQUIREMENTS[0]).decide(&gate).await.unwrap();
    assert!(after.ensure_fresh().await.is_ok());

    write(chat(Some(OrgSwitch::Off))).await;
    let newest = write(chat(None)).await;
    live(&gate, newest);
    let ended = Waiting::look(&mut reading)
        .await
        .map(|denial| denial.code());
    assert_eq!(
        ended,
        Some(Code::PolicyUnavailable),
        "nobody has decided by what was in between"
    );
}
