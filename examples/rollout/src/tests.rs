//! A week: a service without gates, the same behind gates that report, a candidate, the flip, and no surprise.

mod asked;
#[cfg(feature = "otel")]
mod spans;

use std::collections::BTreeSet;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use chats::Error;
use gatepost::{Impact, Timestamp};
use gatepost_axum::{Gate, OrgId};
use gatepost_observe::LogReader;
use gatepost_store::DecisionFilter;

use crate::policy::Policy;
use crate::service::{self, Chats, REPORTED};
use crate::watch::{self, Watched};
use asked::{
    Asked, CANDIDATE, POLICY, WEEK, answer, facts, folder, gated, refused, reported, secret,
    served, shadowed, sum, week,
};

const SOON: Duration = Duration::from_secs(10);

/// The service as it was before there were gates.
fn open() -> Router {
    let list =
        async |State(chats): State<Chats>, Path(org): Path<OrgId>| Json(chats.count(Some(&org)));
    let create = async |State(chats): State<Chats>, Path(org): Path<OrgId>| {
        (StatusCode::CREATED, Json(chats.create(Some(&org))))
    };
    let routes = Router::new().route("/orgs/{org}/chats", get(list).post(create));
    routes.with_state(Chats::default())
}

#[tokio::test]
async fn a_week_from_no_gate_to_gates_without_a_surprise() -> Result<(), Error> {
    let recorder = watch::prometheus()?.build_recorder();
    let _here = metrics::set_default_local_recorder(&recorder);
    let (_folder, log, candidate) = folder();
    let watched = Watched::open(&log, None, Some(&candidate))?;

    // Monday: nothing is guarded.
    let before = week(&open()).await;
    assert!(refused(&before).is_empty());

    // Tuesday: gates that report. Nobody who is known notices, and the log says who would.
    let app = gated(POLICY, Some(REPORTED), &watched);
    assert_eq!(week(&app).await, before);
    assert!(watched.log.flush(SOON));
    let reported = reported(&log);
    assert_eq!(reported.len(), 5, "{reported:?}");
    // Strangers are refused from this day on, so memberships come before gates.
    let (status, _) = answer(&app, "mallory", "GET", "/orgs/acme/chats").await;
    assert_eq!(status, StatusCode::FORBIDDEN);

    // And so say the metrics; on the day of the date they do not wait for a restart.
    let identity = chats::identity(&secret())?;
    let policy = Policy {
        gate: Gate::fixed(facts(POLICY)),
        store: None,
    };
    let routes = service::routes(policy.gate.clone(), identity, Some(REPORTED), &watched).routes();
    let told = |now| watched.router(&policy, routes.clone(), recorder.handle(), now);
    let (_, metrics) = answer(&told(Timestamp::now), "olga", "GET", "/metrics").await;
    let count = |name, label| sum(&metrics, name, label);
    let unenforced = count("gatepost_decisions_total", "enforced=\"false\"");
    assert_eq!(unenforced, reported.len(), "{metrics}");
    assert_eq!(count("gatepost_report_only_routes", "reporting"), 2);
    let that_day = || "2099-01-31T00:00:00Z".parse().unwrap();
    let (_, metrics) = answer(&told(that_day), "olga", "GET", "/metrics").await;
    assert_eq!(sum(&metrics, "gatepost_report_only_routes", "past"), 2);

    // Wednesday: of these, a candidate would let guests and globex go on, and cut nobody off beside.
    let shadow = watched.shadow.as_ref().unwrap().report();
    assert_eq!((shadow.compared, shadow.newly_denied), (9, 0));
    let let_go_on = shadowed(&shadow.allowed);
    assert_eq!(u64::try_from(let_go_on.len())?, shadow.newly_allowed);
    assert!(let_go_on.len() == 3 && let_go_on.is_subset(&reported));

    // Thursday: the impact names exactly these, of all whom the policy knows.
    let (live, candidate) = (facts(POLICY), facts(CANDIDATE));
    let (mut gaining, now) = (BTreeSet::<Asked>::new(), Timestamp::now());
    let impact = Impact::listed_at(&live, &candidate, &routes, now, 1_000, |member| {
        let org = member.org().unwrap().as_str();
        let flips = member.flips().filter(|flip| flip.path.ends_with("/chats"));
        gaining.extend(flips.map(|flip| asked::asked(member.subject().as_str(), org, flip.method)));
    })?;
    assert_eq!((impact.losing.members, impact.gaining.members), (0, 2));
    assert_eq!(gaining, let_go_on);

    // Friday: the candidate is the policy, and the gates are enforced. All others are answered as on Monday.
    let after = week(&gated(CANDIDATE, None, &watched)).await;
    let expected: BTreeSet<_> = reported.difference(&let_go_on).cloned().collect();
    assert_eq!(refused(&after), expected);
    assert!(expected.len() == 2 && expected.iter().all(|(who, ..)| who == "carl"));
    for (was, is) in before.iter().zip(&after) {
        assert!(is == was || is.0 == StatusCode::FORBIDDEN, "{was:?} {is:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a89_a_kill_refuses_whatever_is_only_reported() -> Result<(), Error> {
    let (_folder, log, _) = folder();
    let watched = Watched::open(&log, None, None)?;
    let killed = POLICY.replace("switch = \"opt-in\"", "switch = \"off\"");
    let app = gated(&killed, Some(REPORTED), &watched);
    assert_eq!(refused(&week(&app).await).len(), WEEK.len());
    assert!(watched.log.flush(SOON) && reported(&log).is_empty());
    Ok(())
}

#[tokio::test]
async fn what_is_enforced_from_the_first_day_lets_nobody_through_without_a_line()
-> Result<(), Error> {
    let (_folder, log, _) = folder();
    let watched = Watched::open(&log, None, None)?;
    let app = gated(POLICY, Some(REPORTED), &watched);
    let (status, _) = answer(&app, "gus", "GET", "/orgs/acme/export").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = answer(&app, "alice", "GET", "/orgs/acme/export").await;
    assert_eq!(status, StatusCode::OK);
    // Not flushed: the line was there before the answer.
    let records = LogReader::open(&log)?.map(Result::unwrap);
    let exported = records.filter(|it| it.resource.r#type == "export" && it.decision);
    assert_eq!(exported.count(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_in_a_store_has_the_log_beside_it() -> Result<(), Error> {
    let (folder, log, candidate) = folder();
    let url = format!("sqlite:{}", folder.path().join("rollout.db").display());
    // Any document: an empty store begins with it.
    let policy = Policy::open(&candidate, Some(&url)).await?;
    let watched = Watched::open(&log, policy.store.as_ref(), None)?;
    let app = served(policy.gate.clone(), Some(REPORTED), &watched);
    let (status, _) = answer(&app, "carl", "GET", "/orgs/acme/chats").await;
    assert_eq!(status, StatusCode::OK);
    assert!(watched.log.flush(SOON));
    let store = policy.store.unwrap();
    let notes = store.decisions(&DecisionFilter::default()).await?;
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].code.as_deref(), Some("org_grant_missing"));
    Ok(())
}
