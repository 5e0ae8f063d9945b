//! What is kept, for how long, and what a load does that a change overtakes.

mod model;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatepost::{MemberDocument, OrgId};
use tokio::sync::Notify;

use super::*;

fn id(text: &str) -> SubjectId {
    SubjectId::new(text).unwrap()
}

/// One membership in acme that holds these roles.
fn holding(subject: &SubjectId, version: u64, roles: &[&str]) -> LoadedMemberships {
    let mut member = MemberDocument::default();
    member.roles = roles.iter().map(|&role| role.to_owned()).collect();
    LoadedMemberships::new(
        subject.clone(),
        version,
        [(OrgId::new("acme").unwrap(), member)],
    )
}

/// A store that answers with its version, after a word where it is told to wait for one.
#[derive(Default)]
struct Store {
    reads: AtomicUsize,
    version: Mutex<u64>,
    /// Since when everything has been as it is, where that is told.
    since: Mutex<Option<u64>>,
    /// The next reads see their version, and then wait.
    slow: Mutex<bool>,
    began: Notify,
    go_on: Notify,
    broken: Mutex<bool>,
}

impl Store {
    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    fn commit(&self, version: u64) {
        *self.version.lock().unwrap() = version;
    }
}

impl MembershipReader for Arc<Store> {
    async fn read(
        &self,
        subject: &SubjectId,
    ) -> Result<LoadedMemberships, Box<dyn Error + Send + Sync>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let version = *self.version.lock().unwrap();
        let is_slow = *self.slow.lock().unwrap();
        if is_slow {
            self.began.notify_one();
            self.go_on.notified().await;
        }
        if *self.broken.lock().unwrap() {
            return Err("the store is broken".into());
        }
        let since = self.since.lock().unwrap().unwrap_or(version);
        Ok(holding(subject, version, &["developer"]).unchanged_since(since))
    }
}

type Cached = Arc<LookThrough<Arc<Store>>>;

fn cached(options: LookThroughOptions) -> (Arc<Store>, Cached) {
    let store = Arc::new(Store::default());
    store.commit(1);
    let cache = LookThrough::new(store.clone(), options);
    cache.reset(1);
    cache.published(1);
    (store, Arc::new(cache))
}

fn fresh() -> (Arc<Store>, Cached) {
    cached(LookThroughOptions::new())
}

/// A change of alice, told and published.
fn change(store: &Store, cache: &Cached, version: u64) {
    store.commit(version);
    cache.changed(version, ["alice"]);
    cache.published(version);
}

fn loading(cache: &Cached) -> tokio::task::JoinHandle<Result<u64, String>> {
    let cache = cache.clone();
    tokio::spawn(async move {
        let loaded = cache.load(&id("alice")).await;
        loaded.map(|it| it.version()).map_err(|it| it.to_string())
    })
}

#[tokio::test]
async fn loads_of_one_subject_at_a_time_are_one_read() {
    let (store, cache) = fresh();
    *store.slow.lock().unwrap() = true;
    let loads: Vec<_> = (0..50).map(|_| loading(&cache)).collect();
    store.began.notified().await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    store.go_on.notify_one();
    for load in loads {
        assert_eq!(load.await.unwrap(), Ok(1));
    }
    assert_eq!(store.reads(), 1);
    // And what was read is there for whoever comes later.
    assert!(cache.at_hand(&id("alice"), 1).is_some());
    assert_eq!(loading(&cache).await.unwrap(), Ok(1));
    assert_eq!(store.reads(), 1);
}

#[tokio::test]
async fn a_load_that_is_given_up_is_taken_over_by_the_next() {
    let (store, cache) = fresh();
    *store.slow.lock().unwrap() = true;
    let first = loading(&cache);
    store.began.notified().await;
    let second = loading(&cache);
    tokio::task::yield_now().await;
    first.abort();
    store.began.notified().await;
    store.go_on.notify_one();
    assert_eq!(second.await.unwrap(), Ok(1));
    assert_eq!(store.reads(), 2);
}

#[tokio::test]
async fn no_more_is_kept_than_may_be() {
    let options = LookThroughOptions::new().most_subjects(64);
    let (_, cache) = cached(options);
    for number in 0..1000 {
        cache.load(&id(&format!("s{number}"))).await.unwrap();
        assert!(cache.subjects() <= 64, "{}", cache.subjects());
    }
    assert!(cache.subjects() > 32, "{}", cache.subjects());
    let (_, cache) = cached(options.most_subjects(1 << 20).most_bytes(64 << 10));
    for number in 0..1000 {
        cache.load(&id(&format!("s{number}"))).await.unwrap();
        assert!(cache.bytes() <= 64 << 10, "{}", cache.bytes());
    }
    assert!(
        (32..1000).contains(&cache.subjects()),
        "{}",
        cache.subjects()
    );
}

#[tokio::test]
async fn a_change_of_a_subject_has_it_read_again_and_no_other() {
    let (store, cache) = fresh();
    let (alice, bob) = (id("alice"), id("bob"));
    let before = cache.load(&alice).await.unwrap();
    cache.load(&bob).await.unwrap();
    store.commit(2);
    cache.changed(2, ["alice"]);
    // Told, and not published yet: neither what was read, nor what is newer than the gate.
    assert!(!cache.is_current(&before, 2));
    assert!(cache.at_hand(&alice, 2).is_none());
    assert!(cache.at_hand(&bob, 2).is_some());
    cache.published(2);
    let after = cache.load(&alice).await.unwrap();
    assert_eq!((after.version(), store.reads()), (2, 3));
    assert!(cache.is_current(&after, 2) && !cache.is_current(&after, 1));
    assert_eq!(cache.load(&bob).await.unwrap().version(), 1);
    assert_eq!(store.reads(), 3);
}

#[tokio::test]
async fn a_read_that_a_change_overtakes_is_thrown_away() {
    let (store, cache) = fresh();
    *store.slow.lock().unwrap() = true;
    let loads = [loading(&cache), loading(&cache)];
    store.began.notified().await;
    change(&store, &cache, 2);
    *store.slow.lock().unwrap() = false;
    store.go_on.notify_one();
    for load in loads {
        assert_eq!(load.await.unwrap(), Ok(2));
    }
    assert_eq!(store.reads(), 2);
}

#[tokio::test]
async fn a_read_that_a_reset_overtakes_is_thrown_away_whatever_its_version() {
    let (store, cache) = fresh();
    *store.slow.lock().unwrap() = true;
    store.commit(9);
    let load = loading(&cache);
    store.began.notified().await;
    cache.reset(5);
    cache.published(9);
    *store.slow.lock().unwrap() = false;
    store.go_on.notify_one();
    assert_eq!(load.await.unwrap(), Ok(9));
    assert_eq!(store.reads(), 2);
    let held = cache.at_hand(&id("alice"), 9).unwrap();
    cache.reset(9);
    assert!(!cache.is_current(&held, 9));
    assert!(cache.at_hand(&id("alice"), 9).is_none());
}

#[tokio::test]
async fn what_is_read_after_a_reset_is_used_with_no_snapshot_from_before() {
    let (store, cache) = fresh();
    cache.reset(5);
    cache.published(5);
    store.commit(5);
    *store.since.lock().unwrap() = Some(1);
    let loaded = cache.load(&id("alice")).await.unwrap();
    assert_eq!(loaded.since(), 1);
    assert!(cache.is_current(&loaded, 5) && !cache.is_current(&loaded, 4));
}

#[tokio::test]
async fn a_store_that_lags_behind_the_gate_is_an_error() {
    let (store, cache) = fresh();
    // Alice may have changed since, and nobody has told of it.
    cache.reset(5);
    cache.published(5);
    store.commit(4);
    assert!(loading(&cache).await.unwrap().is_err());
    // Of what has changed by word, no older answer is taken.
    store.commit(5);
    assert_eq!(loading(&cache).await.unwrap(), Ok(5));
    cache.changed(6, ["alice"]);
    cache.published(6);
    assert!(loading(&cache).await.unwrap().is_err());
}

#[tokio::test]
async fn what_has_long_been_so_does_not_wait_for_the_gate() {
    let (store, cache) = fresh();
    store.commit(3);
    *store.since.lock().unwrap() = Some(1);
    assert_eq!(loading(&cache).await.unwrap(), Ok(3));
    assert!(cache.at_hand(&id("alice"), 1).is_some());
}

#[tokio::test(start_paused = true)]
async fn one_that_is_always_overtaken_is_an_error() {
    let (store, cache) = fresh();
    *store.slow.lock().unwrap() = true;
    let load = loading(&cache);
    for version in 2..2 + u64::from(MOST_READS) {
        store.began.notified().await;
        change(&store, &cache, version);
        store.go_on.notify_one();
    }
    let error = load.await.unwrap().unwrap_err();
    assert!(error.ends_with("changed each time meanwhile"), "{error}");
    assert_eq!(store.reads(), usize::from(MOST_READS));
}

#[tokio::test(start_paused = true)]
async fn what_is_newer_than_the_gate_waits_for_it() {
    let (store, cache) = fresh();
    store.commit(3);
    let load = loading(&cache);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!load.is_finished());
    assert!(cache.at_hand(&id("alice"), 2).is_none());
    cache.changed(3, []);
    assert!(!load.is_finished());
    cache.published(3);
    assert_eq!(load.await.unwrap(), Ok(3));
    // A gate that does not come as far is an error.
    store.commit(4);
    cache.changed(4, ["alice"]);
    let error = loading(&cache).await.unwrap().unwrap_err();
    assert_eq!(error, "memberships could not be had within 2s");
}

#[tokio::test(start_paused = true)]
async fn a_slow_store_is_an_error_and_nothing_is_kept() {
    let (store, cache) = cached(LookThroughOptions::new().timeout(Duration::from_millis(300)));
    *store.slow.lock().unwrap() = true;
    let began = tokio::time::Instant::now();
    let error = loading(&cache).await.unwrap().unwrap_err();
    assert_eq!(error, "memberships could not be had within 300ms");
    assert_eq!(began.elapsed(), Duration::from_millis(300));
    assert_eq!(cache.subjects(), 0);
}

#[tokio::test]
async fn an_error_is_kept_nowhere_and_is_no_empty_list() {
    let (store, cache) = fresh();
    *store.broken.lock().unwrap() = true;
    for reads in 1..=3 {
        let error = loading(&cache).await.unwrap().unwrap_err();
        assert_eq!(
            (error.as_str(), store.reads()),
            ("the store is broken", reads)
        );
    }
    *store.broken.lock().unwrap() = false;
    assert_eq!(loading(&cache).await.unwrap(), Ok(1));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_loaded_before_the_changes_are_followed() {
    let store = Arc::new(Store::default());
    store.commit(7);
    let cache = Arc::new(LookThrough::new(store.clone(), LookThroughOptions::new()));
    cache.published(7);
    assert!(loading(&cache).await.unwrap().is_err());
    cache.reset(7);
    assert!(loading(&cache).await.unwrap().is_err());
    cache.published(7);
    assert_eq!(loading(&cache).await.unwrap(), Ok(7));
}
