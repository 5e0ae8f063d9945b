//! What a subject is told it may do is what it gets: each row of the answer against the requests that it speaks
//! of, for random policies, on axum and actix alike.

mod actix;
mod axum;
#[path = "../core/laws/policies.rs"]
#[allow(dead_code, reason = "the laws of the core use the rest")]
mod policies;
mod routes;

use std::collections::BTreeSet;

use gatepost::{Feed, Gate, ModeRule, ReportOnly, Requirement};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use policies::{GHOST, ORGS, SUBJECTS};
use routes::{Ask, ROUTES};

pub(crate) const CAPABILITIES: &str = "/.well-known/gatepost/capabilities";

/// The resources that only report where it is tried: a route about another is bound to its permit.
const RESOURCES: [&str; 2] = ["chat", "doc"];

/// What is denied at times, be it enforced or only reported; and what is denied where it is enforced.
const DENIED: [&str; 4] = ["deny", "hidden", "not_a_member", "no_default_org"];
const ENFORCED: [&str; 2] = ["org_off", "mode_floor"];

/// Who asks, as the authentication of the tests reads it.
const ASKERS: [&str; 9] = [
    "u0",
    "u1",
    "u2",
    "u3",
    GHOST,
    "stranger",
    "bot;for=u0",
    "bot",
    "u1;scopes=chat:read@own agent:*#foreground doc:*",
];

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Sends a request in process.
pub(crate) trait App {
    async fn send(&self, request: Ask) -> Reply;
}

/// How much was compared, so that a law that compares nothing does not pass.
#[derive(Debug, Default)]
struct Compared {
    requests: usize,
    outcomes: BTreeSet<String>,
}

impl Compared {
    fn assert_some(&self, outcomes: &[&str]) {
        for outcome in outcomes {
            assert!(self.outcomes.contains(*outcome), "{outcome}: {self:?}");
        }
    }
}

fn policies(many: u32) -> impl Iterator<Item = policies::Policy> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, b"what one may is what one may do!");
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..many).map(move |_| policies::policy().new_tree(&mut runner).unwrap().current())
}

fn gate() -> (Gate, Feed) {
    let (gate, feed) = Gate::channel();
    let first = policies(1).next().unwrap();
    feed.publish(first.compile());
    (gate, feed)
}

async fn every_row_is_what_its_requests_come_to(
    app: &impl App,
    feed: &Feed,
    many: u32,
) -> Compared {
    let mut compared = Compared::default();
    for (version, policy) in (2..).zip(policies(many)) {
        feed.publish(gatepost::Snapshot::compile(&policy.0, version).unwrap());
        for asker in ASKERS {
            for org in ORGS.into_iter().chain(["nowhere"]).map(Some).chain([None]) {
                compare(app, asker, org, &mut compared, &policy).await;
            }
        }
    }
    assert!(compared.requests > 1_600 * many as usize, "{compared:?}");
    compared.assert_some(&["allow"]);
    compared.assert_some(&DENIED);
    compared
}

async fn compare(
    app: &impl App,
    asker: &str,
    org: Option<&str>,
    compared: &mut Compared,
    policy: &policies::Policy,
) {
    let reply = app.send(Ask::capabilities(asker, org)).await;
    assert_eq!(reply.status, 200, "{asker} {org:?}");
    let told: Value = serde_json::from_slice(&reply.body).unwrap();
    let rows = told["routes"].as_array().unwrap();
    assert_eq!(rows.len(), routes::rows(), "{told:#}");
    for row in rows.iter().filter(|row| row.get("public").is_none()) {
        let route = ROUTES
            .iter()
            .find(|route| route.method == row["method"] && route.path == row["path"]);
        let route = route.unwrap();
        let own = asker
            .split_once("for=")
            .map_or(asker, |(_, delegator)| delegator);
        let own = own.split(';').next().unwrap();
        let whose: &[(&str, &Value)] = if row["on"][0] == "owner" {
            &[(own, &row["own"]), ("somebody", &row["other"])]
        } else if row["on"][0] == "org" {
            // Of an org that was not named there is nothing to compare with: some answer is a denial, some none.
            assert!(org.is_none() && route.needs_org(), "{row}");
            continue;
        } else {
            // Then it is the same whoever owns it.
            &[(own, row), ("somebody", row)]
        };
        for (owner, expected) in whose {
            let reply = app.send(Ask::of(route, row, asker, org, owner)).await;
            let context = format!("{asker} in {org:?}, {owner}'s: {row}\n{policy:?}");
            check(expected, &reply, &route.requirement, compared, &context);
        }
    }
}

fn check(
    expected: &Value,
    reply: &Reply,
    requirement: &Requirement,
    compared: &mut Compared,
    context: &str,
) {
    compared.requests += 1;
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let mut seen = |what: &str| {
        compared.outcomes.insert(what.to_owned());
    };
    match expected["outcome"].as_str().unwrap() {
        "allow" => {
            assert_eq!(reply.status, 200, "{body} {context}");
            seen("allow");
        }
        "deny" if requirement.is_hidden() => {
            assert_eq!(reply.status, 404, "{body} {context}");
            assert_eq!(expected.as_object().unwrap().get("code"), None, "{context}");
            seen("hidden");
        }
        "deny" => {
            seen("deny");
            seen(expected["code"].as_str().unwrap());
            let mut members = vec!["code", "tier", "title", "whose", "required_role"];
            // What is refused in either mode is refused before a body is read, and names no mode.
            if !matches!(requirement.mode_rule(), ModeRule::Body { .. }) {
                members.extend(["detail", "remedy"]);
            }
            for member in members {
                assert_eq!(
                    expected.get(member),
                    body.get(member),
                    "{member}: {body} {context}"
                );
            }
        }
        other => panic!("{other} {context}"),
    }
}

#[tokio::test]
async fn what_one_is_told_on_axum_is_what_one_gets() {
    let (gate, feed) = gate();
    let app = axum::app(gate, None);
    every_row_is_what_its_requests_come_to(&app, &feed, 12)
        .await
        .assert_some(&ENFORCED);
}

/// What would be let pass is told as allowed.
#[tokio::test]
async fn what_one_is_told_on_axum_is_what_one_gets_where_it_is_only_reported() {
    let (gate, feed) = gate();
    let app = axum::app(gate, Some(ReportOnly::ALWAYS));
    every_row_is_what_its_requests_come_to(&app, &feed, 4).await;
}

#[test]
fn what_one_is_told_on_actix_is_what_one_gets() {
    ::actix_web::rt::System::new().block_on(async {
        let (gate, feed) = gate();
        let app = actix::app(gate, None).await;
        every_row_is_what_its_requests_come_to(&app, &feed, 12)
            .await
            .assert_some(&ENFORCED);
        let (gate, feed) = self::gate();
        let app = actix::app(gate, Some(ReportOnly::ALWAYS)).await;
        every_row_is_what_its_requests_come_to(&app, &feed, 4).await;
    });
}

#[test]
fn the_askers_are_those_of_the_policies() {
    assert!(
        SUBJECTS
            .iter()
            .all(|subject| ASKERS.iter().any(|asker| asker.starts_with(subject)))
    );
}
