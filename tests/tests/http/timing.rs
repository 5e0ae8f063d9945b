//! How long a refusal takes (A76): an org that one may not know, and one that there is not, in process.
//!
//! As dudect does it (Reparaz, Balasch and Verbauwhede, 2017): both classes in random order, what is slow for
//! another reason cropped, and Welch's t-test of what is left. In a release build the t stays below its bound; in
//! a debug build, where nothing is inlined, some 30 ns of 30 µs remain. So a difference is let through that is as
//! small as this part of the whole, which nobody sees through a socket. One by a look-up, or by not walking the
//! path of an org that is not there (0.4 µs here), is not.

use std::time::{Duration, Instant};

use actix_web::dev::Service as _;
use actix_web::test::TestRequest;
use axum::body::Body;
use gatepost::Gate;
use tower::ServiceExt;

use crate::served::{Served, actix, axum as served};
use crate::service::{POLICY, ROUTES, facts};

/// Beyond this, dudect speaks of a leak.
const BOUND: f64 = 4.5;
/// What of a whole request is too little to be seen from outside.
const UNSEEN: f64 = 0.006;
const SAMPLES: usize = 40_000;
/// A machine does other things: a difference that is there, is there each time.
const TRIES: usize = 4;
/// Twins of equal length: an org that mallory is no member of, and none.
const PATHS: [&str; 2] = ["/orgs/acme/chats", "/orgs/acmf/chats"];

/// How two classes differ.
#[derive(Clone, Copy, Debug)]
struct Difference {
    /// Welch's t.
    t: f64,
    /// As a part of the whole.
    part: f64,
}

impl Difference {
    /// Of two classes, without the slowest of both together.
    fn of(samples: &[(usize, Duration)]) -> Self {
        let mut all: Vec<_> = samples.iter().map(|(_, took)| *took).collect();
        all.sort_unstable();
        let crop = all[all.len() * 9 / 10];
        let [a, b] = [0, 1].map(|class| {
            let of_class = samples
                .iter()
                .filter(|sample| sample.0 == class && sample.1 <= crop);
            let of_class: Vec<f64> = of_class.map(|sample| sample.1.as_secs_f64()).collect();
            #[allow(clippy::cast_precision_loss, reason = "some ten thousands")]
            let count = of_class.len() as f64;
            let mean = of_class.iter().sum::<f64>() / count;
            let spread = of_class.iter().map(|took| (took - mean).powi(2));
            (mean, spread.sum::<f64>() / (count - 1.0) / count)
        });
        Self {
            t: (a.0 - b.0) / (a.1 + b.1).sqrt(),
            part: (a.0 - b.0).abs() / a.0.min(b.0),
        }
    }

    fn is_unseen(self) -> bool {
        self.t.abs() < BOUND || self.part < UNSEEN
    }
}

/// A class for each sample, in an order that nothing else goes by.
fn classes() -> impl Iterator<Item = usize> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..SAMPLES).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::from(state >> 63 == 1)
    })
}

/// Takes samples until in some of them nothing is seen.
async fn assert_unseen(mut ask: impl AsyncFnMut(&'static str) -> Duration) {
    let mut found = Vec::new();
    for _ in 0..TRIES {
        let mut samples = Vec::with_capacity(SAMPLES);
        for class in classes() {
            samples.push((class, ask(PATHS[class]).await));
        }
        let difference = Difference::of(&samples);
        println!("{difference:.3?}");
        if difference.is_unseen() {
            return;
        }
        found.push(difference);
    }
    panic!("{found:?}");
}

/// All of its orgs are alike, and so are their ids, so that nothing is told apart but whether an org exists: where
/// there is none, another is looked at in its place, and how long that takes is a matter of what it says.
fn service() -> Served {
    let (site, _) = POLICY.split_once("[orgs.acme.members]").unwrap();
    let orgs = [
        "acme", "bede", "coho", "dodo", "ecru", "fizz", "gogo", "hive",
    ];
    let orgs = orgs.map(|org| format!("[orgs.{org}.members]\nalice.roles = [\"guest\"]\n"));
    let policy = format!("{site}{}", orgs.concat());
    Served::new(Gate::fixed(facts(&policy)), ROUTES.to_vec())
}

#[tokio::test]
async fn a76_axum_takes_as_long_for_an_org_that_one_may_not_know_as_for_none() {
    let router = served::wrapped(&service());
    assert_unseen(async |path| {
        let request = http::Request::get(path).header("authorization", "Bearer mallory");
        let request = request.body(Body::empty()).unwrap();
        let router = router.clone();
        let begun = Instant::now();
        let response = router.oneshot(request).await.unwrap();
        let took = begun.elapsed();
        assert_eq!(response.status(), 403);
        took
    })
    .await;
}

#[tokio::test]
async fn a76_actix_takes_as_long_for_an_org_that_one_may_not_know_as_for_none() {
    let app = actix::in_process(service()).await;
    assert_unseen(async |path| {
        let request = TestRequest::get().uri(path);
        let request = request.insert_header(("authorization", "Bearer mallory"));
        let request = request.to_request();
        let begun = Instant::now();
        let response = app.call(request).await.unwrap();
        let took = begun.elapsed();
        assert_eq!(response.status(), 403);
        took
    })
    .await;
}

#[test]
fn a76_a_difference_of_one_part_in_ten_is_found() {
    let took = |class: usize, number: usize| {
        let noise = (number * 7_919) % 4_000;
        Duration::from_nanos((10_000 + noise + class * 1_500) as u64)
    };
    let numbered = classes().enumerate();
    let samples = numbered.map(|(number, class)| (class, took(class, number)));
    let difference = Difference::of(&samples.collect::<Vec<_>>());
    assert!(!difference.is_unseen(), "{difference:?}");
}
