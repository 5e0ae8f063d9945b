//! A week: a service without gates, the same behind gates that report, a candidate, the flip, and no surprise.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use chats::{Error, Secret, TokenArgs};
use gatepost::{Impact, ImpactSide, PolicyText, Snapshot};
use gatepost_axum::{Gate, ReportOnly};
use gatepost_observe::LogReader;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::service::{self, Chats};
use crate::watch::Watched;

const POLICY: &str = include_str!("../policy.toml");
const CANDIDATE: &str = include_str!("../candidate.toml");

/// Who does what in which org, in a week.
const WEEK: &[(&str, &str, &str)] = &[
    ("alice", "POST", "acme"),
    ("alice", "GET", "acme"),
    ("gus", "POST", "acme"),
    ("gus", "GET", "acme"),
    ("carl", "POST", "acme"),
    ("carl", "GET", "acme"),
    ("bob", "POST", "globex"),
    ("bob", "GET", "globex"),
];

type Answer = (StatusCode, String);
/// A subject, an org and an action.
type Asked = (String, String, String);

/// What handlers took before there were gates: nothing.
struct Nothing;

impl FromRequestParts<Chats> for Nothing {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &Chats) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

fn facts(policy: &str) -> Snapshot {
    PolicyText::toml(policy).compile(1).unwrap()
}

async fn answer(app: Router, who: &str, method: &str, path: String, secret: &Secret) -> Answer {
    let token = TokenArgs::of(who.parse().unwrap()).token(secret).unwrap();
    let request = Request::builder().method(method).uri(path);
    let request = request.header("authorization", format!("Bearer {token}"));
    let response = app
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn week(app: Router, secret: &Secret) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (who, method, org) in WEEK {
        let path = format!("/orgs/{org}/chats");
        answers.push(answer(app.clone(), who, method, path, secret).await);
    }
    answers
}

fn gated(
    policy: &str,
    report_only: Option<ReportOnly>,
    watched: &Watched,
    secret: &Secret,
) -> Router {
    let gate = Gate::fixed(facts(policy));
    let identity = chats::identity(secret).unwrap();
    let routes = service::routes(gate, identity, report_only, watched);
    Router::new().fallback_service(service::service(routes).unwrap())
}

/// What of the week was refused, by the answers.
fn refused(answers: &[Answer]) -> BTreeSet<Asked> {
    let week = WEEK.iter().zip(answers);
    let refused = week.filter(|(_, (status, _))| !status.is_success());
    refused
        .map(|((who, method, org), _)| asked(who, org, method))
        .collect()
}

fn asked(who: &str, org: &str, method: &str) -> Asked {
    let action = if method == "POST" { "create" } else { "read" };
    (who.to_owned(), org.to_owned(), action.to_owned())
}

/// What the log says would have been refused.
fn reported(log: &Path) -> BTreeSet<Asked> {
    let records = LogReader::open(log).unwrap().map(Result::unwrap);
    let reported = records.filter(|record| !record.enforced);
    reported
        .map(|record| {
            assert!(record.code.is_some() && !record.decision);
            let who = record.subject.unwrap().id.to_string();
            let org = record.resource.properties.org.unwrap().to_string();
            (who, org, record.action.name)
        })
        .collect()
}

fn members(side: &ImpactSide) -> BTreeSet<Asked> {
    let examples = side
        .examples
        .iter()
        .filter(|it| it.path.ends_with("/chats"));
    let member = |it: &gatepost::ImpactExample| {
        let org = it.org.as_ref().unwrap().as_str();
        asked(it.subject.as_str(), org, &it.method)
    };
    examples.map(member).collect()
}

#[tokio::test]
async fn a_week_from_no_gate_to_gates_without_a_surprise() -> Result<(), Error> {
    let folder = tempfile::tempdir()?;
    let secret = Secret::new(*b"a secret that is long enough to sign with")?;
    let log = folder.path().join("decisions.jsonl");
    let candidate = folder.path().join("candidate.toml");
    std::fs::write(&candidate, CANDIDATE)?;
    let watched = Watched::open(&log, Some(&candidate))?;

    // Monday: nothing is guarded.
    let chats = get(service::list::<Nothing>).post(service::create::<Nothing>);
    let open = Router::new().route("/orgs/{org}/chats", chats);
    let before = week(open.with_state(Chats::default()), &secret).await;
    assert!(refused(&before).is_empty());

    // Tuesday: gates that report. Nobody notices, and the log says who would.
    let app = gated(POLICY, Some(service::REPORTED), &watched, &secret);
    assert_eq!(week(app, &secret).await, before);
    assert!(watched.log.flush(std::time::Duration::from_secs(10)));
    let reported = reported(&log);
    assert_eq!(reported.len(), 5, "{reported:?}");

    // Wednesday: of these, a candidate would let the guests and globex go on, and cut nobody off beside.
    let shadow = watched.shadow.as_ref().unwrap().report();
    assert_eq!((shadow.compared, shadow.newly_denied), (8, 0));
    let row = |row: &gatepost_observe::ShadowRow| {
        let org = row.org.as_ref().unwrap().as_str();
        let who = row.examples[0].subject.as_ref().unwrap().as_str();
        asked(who, org, row.method)
    };
    let let_go_on: BTreeSet<_> = shadow.allowed.iter().map(row).collect();
    assert_eq!(let_go_on.len(), 3);

    // Thursday: the impact says the same of everybody, and not only of who came by.
    let identity = chats::identity(&secret)?;
    let gate = Gate::fixed(facts(POLICY));
    let routes = service::routes(gate, identity, None, &watched).routes();
    let impact = Impact::between(&facts(POLICY), &facts(CANDIDATE), &routes, 1_000)?;
    assert_eq!(impact.losing.members, 0);
    assert!(members(&impact.gaining).is_subset(&let_go_on));
    assert_eq!(impact.gaining.members, 2);

    // Friday: the candidate is the policy, and the gates are enforced.
    let app = gated(CANDIDATE, None, &watched, &secret);
    let after = week(app, &secret).await;
    let expected: BTreeSet<_> = reported.difference(&let_go_on).cloned().collect();
    assert_eq!(refused(&after), expected);
    assert_eq!(
        expected
            .iter()
            .map(|(who, ..)| who.as_str())
            .collect::<BTreeSet<_>>(),
        ["carl"].into()
    );

    // A kill is one, whatever is only reported.
    let killed = POLICY.replace("switch = \"opt-in\"", "switch = \"off\"");
    let app = gated(&killed, Some(service::REPORTED), &watched, &secret);
    assert_eq!(refused(&week(app, &secret).await).len(), WEEK.len());

    // What was enforced from the first day was all along, with a line in the log for each that got through.
    let app = gated(POLICY, Some(service::REPORTED), &watched, &secret);
    let path = || "/orgs/acme/export".to_owned();
    let (status, _) = answer(app.clone(), "gus", "GET", path(), &secret).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = answer(app, "alice", "GET", path(), &secret).await;
    assert_eq!(status, StatusCode::OK);
    let records = LogReader::open(&log)?.map(Result::unwrap);
    let exported = records.filter(|it| it.resource.r#type == "export" && it.decision);
    assert_eq!(exported.count(), 1);

    // What the metrics say of the week.
    let gate = Gate::fixed(facts(POLICY));
    let told = answer(
        watched.router(gate, &routes),
        "alice",
        "GET",
        "/metrics".into(),
        &secret,
    )
    .await
    .1;
    let line = told.lines().find(|line| {
        line.contains("gatepost_decisions_total")
            && line.contains("enforced=\"false\"")
            && line.contains("org_off")
    });
    assert!(line.is_some_and(|line| line.ends_with(" 2")), "{told}");
    Ok(())
}
