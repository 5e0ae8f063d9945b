//! Many requests, many changes, all at once: no decision goes by memberships of another version than its snapshot's.

use std::collections::HashMap;

use gatepost::{Feed, Gate, PolicyDocument, PolicyText, Snapshot};

use super::*;

const SUBJECTS: [&str; 6] = ["s0", "s1", "s2", "s3", "s4", "s5"];
const VERSIONS: u64 = 600;
const REQUESTS: usize = 400;

type Held = HashMap<&'static str, usize>;

/// Every version that there was: what each subject held then.
#[derive(Default)]
struct History(Mutex<Vec<Held>>);

/// Where a version stands: they count from 1.
fn at(version: u64) -> usize {
    usize::try_from(version).unwrap() - 1
}

impl History {
    fn head(&self) -> u64 {
        self.0.lock().unwrap().len() as u64
    }

    fn held(&self, version: u64, subject: &str) -> usize {
        self.0.lock().unwrap()[at(version)][subject]
    }

    fn changed_between(&self, before: u64, after: u64) -> Vec<&'static str> {
        let versions = self.0.lock().unwrap();
        let mut changed = Vec::new();
        for pair in versions[at(before)..=at(after)].windows(2) {
            changed.extend(SUBJECTS.iter().filter(|it| pair[0][*it] != pair[1][*it]));
        }
        changed
    }

    fn commit(&self) {
        let mut versions = self.0.lock().unwrap();
        let mut next = versions.last().unwrap().clone();
        // Some versions change nobody's memberships.
        for _ in 0..fastrand::usize(0..3) {
            next.insert(SUBJECTS[fastrand::usize(0..SUBJECTS.len())], versions.len());
        }
        versions.push(next);
    }

    /// The first version from which on a subject has held what it holds at this one.
    fn since(&self, version: u64, subject: &str) -> u64 {
        let now = self.held(version, subject);
        let same = (1..=version).rev();
        let mut same = same.take_while(|version| self.held(*version, subject) == now);
        same.by_ref().last().unwrap()
    }
}

impl MembershipReader for Arc<History> {
    async fn read(
        &self,
        subject: &SubjectId,
    ) -> Result<LoadedMemberships, Box<dyn Error + Send + Sync>> {
        pause().await;
        let version = self.head();
        let role = format!("r{}", self.held(version, subject.as_str()));
        let since = self.since(version, subject.as_str());
        pause().await;
        if fastrand::u8(..20) == 0 {
            return Err("for once".into());
        }
        let read = holding(subject, version, &[&role]);
        Ok(if fastrand::bool() {
            read.unchanged_since(since)
        } else {
            read
        })
    }
}

async fn pause() {
    for _ in 0..fastrand::u8(..4) {
        tokio::task::yield_now().await;
    }
}

/// Follows the store as a replica does, by one version or by several.
async fn follow(history: Arc<History>, cache: Arc<LookThrough<Arc<History>>>, feed: Feed) {
    let document: PolicyDocument = PolicyText::toml("version = 1").parse().unwrap();
    let publish = |version: u64| {
        let facts = Snapshot::compile_looking_through(&document, version).unwrap();
        feed.publish(facts);
        cache.published(version);
    };
    let mut have = 1;
    cache.reset(have);
    publish(have);
    while have < VERSIONS {
        pause().await;
        let head = history.head();
        if head == have {
            continue;
        }
        if fastrand::u8(..50) == 0 {
            cache.reset(head);
        } else {
            cache.changed(head, history.changed_between(have, head));
        }
        pause().await;
        publish(head);
        have = head;
    }
}

/// What a walk does with what it loads; answers how it ended.
async fn decide(
    history: &History,
    gate: &Gate,
    cache: &LookThrough<Arc<History>>,
    subject: &SubjectId,
) -> &'static str {
    let mut loaded: Option<Arc<LoadedMemberships>> = None;
    for _ in 0..8 {
        let facts = gate.snapshot().unwrap();
        loaded = loaded.filter(|loaded| cache.is_current(loaded, facts.version()));
        let end = if loaded.is_some() {
            "loaded"
        } else {
            "at hand"
        };
        let used = loaded.or_else(|| cache.at_hand(subject, facts.version()));
        if let Some(used) = used {
            let (_, member) = used.iter().next().unwrap();
            let held = history.held(facts.version(), subject.as_str());
            assert_eq!(member.roles, [format!("r{held}")], "{subject} {used:?}");
            return end;
        }
        loaded = match cache.load(subject).await {
            Ok(read) => Some(read),
            Err(_) => return "error",
        };
    }
    "overtaken"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_decision_goes_by_memberships_of_another_version_than_its_snapshots() {
    let history = Arc::new(History::default());
    let first = SUBJECTS.iter().map(|subject| (*subject, 0)).collect();
    history.0.lock().unwrap().push(first);
    // Too small for all of them: some are always read anew.
    let options = LookThroughOptions::new().most_subjects(4);
    let cache = Arc::new(LookThrough::new(history.clone(), options));
    let (gate, feed) = Gate::channel();
    let following = tokio::spawn(follow(history.clone(), cache.clone(), feed));
    while gate.snapshot().is_err() {
        tokio::task::yield_now().await;
    }
    let writing = tokio::spawn({
        let history = history.clone();
        async move {
            while history.head() < VERSIONS {
                history.commit();
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        }
    });
    let asking = (0..8).map(|_| {
        let (history, gate, cache) = (history.clone(), gate.clone(), cache.clone());
        tokio::spawn(async move {
            let mut ends: HashMap<&str, usize> = HashMap::new();
            for _ in 0..REQUESTS {
                let subject = id(SUBJECTS[fastrand::usize(0..SUBJECTS.len())]);
                let end = decide(&history, &gate, &cache, &subject).await;
                *ends.entry(end).or_default() += 1;
                pause().await;
            }
            ends
        })
    });
    let asking: Vec<_> = asking.collect();
    let mut ends: HashMap<&str, usize> = HashMap::new();
    for asking in asking {
        for (end, times) in asking.await.unwrap() {
            *ends.entry(end).or_default() += times;
        }
    }
    writing.await.unwrap();
    following.await.unwrap();
    for end in ["at hand", "loaded", "error"] {
        assert!(ends.get(end).is_some_and(|times| *times > 20), "{ends:?}");
    }
}
