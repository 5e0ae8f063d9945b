//! What is logged: one event a decision, with the fields that the crate's page documents.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use gatepost::{Gate, Mode, Org, Owner, ReportOnly, Requirement, Subject, SubjectId};
use gatepost_tower::{Enforcer, RequireLayer, SourceError};
use http::Response;
use tower::{Layer as _, ServiceExt};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::{Instrument, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::fixture::{
    Canary, CountedBody, Shelf, answer, ask, enforcer, gate, guard, refusal_of, subject,
};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const READ_LOADED: Requirement = READ.owner(Owner::Loaded);

/// The fields of an event or a span, as text.
type Fields = BTreeMap<&'static str, String>;

#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Logged>>);

#[derive(Debug, Default)]
struct Logged {
    events: Vec<(Level, &'static str, Fields)>,
    spans: Fields,
}

struct Write<'a>(&'a mut Fields);

impl Visit for Write<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Write(&mut fields));
        let metadata = event.metadata();
        let mut logged = self.0.lock().unwrap();
        logged
            .events
            .push((*metadata.level(), metadata.target(), fields));
    }

    fn on_record(
        &self,
        _: &tracing::span::Id,
        values: &tracing::span::Record<'_>,
        _: Context<'_, S>,
    ) {
        values.record(&mut Write(&mut self.0.lock().unwrap().spans));
    }
}

/// Sends one request inside a span that declares the fields, and gives the answer and what was logged.
async fn logged(
    enforcer: &Enforcer,
    requirement: Requirement,
    who: Option<Subject>,
    path: &str,
) -> (Response<Vec<u8>>, Canary, Logged) {
    let canary = Canary::default();
    let body = CountedBody::chunked(br#"{"org":"acme"}"#, 4);
    let answering = answer(enforcer, requirement, &canary, ask(path, who, body));
    let (response, logged) = spanned(answering).await;
    (response, canary, logged)
}

/// What comes of something inside a span that declares the fields, and what was logged meanwhile.
async fn spanned<F: Future>(work: F) -> (F::Output, Logged) {
    let log = Log::default();
    let inside = async {
        let span = tracing::info_span!(
            "request",
            gatepost.decision = tracing::field::Empty,
            gatepost.outcome = tracing::field::Empty,
            gatepost.code = tracing::field::Empty,
            gatepost.enforced = tracing::field::Empty,
        );
        work.instrument(span).await
    };
    let output = inside
        .with_subscriber(Registry::default().with(log.clone()))
        .await;
    let logged = std::mem::take(&mut *log.0.lock().unwrap());
    (output, logged)
}

/// The only event of the decision, without its message.
#[track_caller]
fn the_event(logged: &Logged) -> (Level, Fields) {
    let mut decisions = logged
        .events
        .iter()
        .filter(|(_, target, _)| *target == "gatepost::decision");
    let (level, _, fields) = decisions.next().expect("a decision is logged");
    assert!(decisions.next().is_none(), "one event a decision");
    let mut fields = fields.clone();
    assert!(fields.remove("message").is_some());
    (*level, fields)
}

fn fields<const N: usize>(fields: [(&'static str, &str); N]) -> Fields {
    fields
        .into_iter()
        .map(|(name, text)| (name, text.to_owned()))
        .collect()
}

#[tokio::test]
async fn an_allow_is_one_debug_event_and_stands_on_the_span() {
    let execute = Requirement::new("agent", "execute")
        .mode(Mode::Foreground)
        .org(Org::path("org"));
    let (response, canary, logged) =
        logged(&enforcer(gate()), execute, Some(subject("alice")), "/acme").await;
    assert_eq!(response.status(), 200);
    let decision = canary.permit().decision().to_string();
    let want = fields([
        ("outcome", "allow"),
        ("decision", &decision),
        ("resource", "agent"),
        ("action", "execute"),
        ("mode", "foreground"),
        ("org", "acme"),
        ("subject", "alice"),
        ("version", "7"),
    ]);
    assert_eq!(the_event(&logged), (Level::DEBUG, want));
    assert_eq!(logged.events.len(), 1);
    assert_eq!(
        logged.spans,
        fields([
            ("gatepost.decision", &decision),
            ("gatepost.outcome", "allow")
        ])
    );
}

#[tokio::test]
async fn an_org_that_a_site_role_opened_is_logged_as_such() {
    let (_, canary, logged) =
        logged(&enforcer(gate()), READ, Some(subject("root")), "/globex").await;
    assert!(canary.permit().is_via_all_orgs());
    let (_, fields) = the_event(&logged);
    assert_eq!(fields["via"], "all_orgs");
}

#[tokio::test]
async fn a_denial_is_one_info_event_and_names_the_policy_version() {
    let agent = Subject::new(SubjectId::new("root").unwrap())
        .acting_for(SubjectId::new("mallory").unwrap());
    let (response, _, logged) = logged(&enforcer(gate()), READ, Some(agent), "/acme").await;
    let decision = refusal_of(&response).0.decision().to_string();
    let want = fields([
        ("outcome", "deny"),
        ("decision", &decision),
        ("code", "not_a_member"),
        ("tier", "org"),
        ("resource", "chat"),
        ("action", "read"),
        ("org", "acme"),
        ("subject", "root"),
        ("acting_for", "mallory"),
        ("whose", "acting_for"),
        ("version", "7"),
    ]);
    assert_eq!(the_event(&logged), (Level::INFO, want));
    assert_eq!(logged.events.len(), 1);
    let want = fields([
        ("gatepost.decision", &decision),
        ("gatepost.outcome", "deny"),
        ("gatepost.code", "not_a_member"),
        ("gatepost.enforced", "true"),
    ]);
    assert_eq!(logged.spans, want);
}

#[tokio::test]
async fn a_denial_that_is_only_reported_says_that_the_request_went_on() {
    let update = Requirement::new("chat", "update")
        .org(Org::path("org"))
        .report_only(ReportOnly::until("2999-12-31"));
    let (response, canary, logged) =
        logged(&enforcer(gate()), update, Some(subject("gina")), "/acme").await;
    assert_eq!((response.status().as_u16(), canary.calls()), (200, 1));
    let (level, told) = the_event(&logged);
    let want = fields([
        ("outcome", "deny"),
        ("enforced", "false"),
        ("decision", &told["decision"]),
        ("code", "org_grant_missing"),
        ("tier", "org"),
        ("resource", "chat"),
        ("action", "update"),
        ("org", "acme"),
        ("subject", "gina"),
        ("version", "7"),
    ]);
    assert_eq!((level, &told), (Level::INFO, &want));
    let want = fields([
        ("gatepost.decision", &told["decision"]),
        ("gatepost.outcome", "deny"),
        ("gatepost.code", "org_grant_missing"),
        ("gatepost.enforced", "false"),
    ]);
    assert_eq!(logged.spans, want);
}

#[tokio::test]
async fn a_denial_behind_one_that_was_only_reported_stands_on_the_span_as_enforced() {
    let update = Requirement::new("chat", "update").org(Org::path("org"));
    let reported = update.report_only(ReportOnly::until("2999-12-31"));
    let (canary, by) = (Canary::default(), enforcer(gate()));
    let outer = RequireLayer::new(&by, reported).unwrap();
    let body = CountedBody::chunked(b"", 4);
    let request = ask("/acme", Some(subject("gina")), body);
    let sent = outer.layer(guard(&by, update, &canary)).oneshot(request);
    let (response, logged) = spanned(sent).await;
    assert_eq!(
        (response.unwrap().status().as_u16(), canary.calls()),
        (403, 0)
    );
    assert_eq!(logged.spans["gatepost.code"], "org_grant_missing");
    assert_eq!(logged.spans["gatepost.enforced"], "true");
}

#[tokio::test]
async fn a_hidden_denial_is_logged_as_what_it_is() {
    let (response, _, logged) = logged(
        &enforcer(gate()),
        READ.hidden(),
        Some(subject("mallory")),
        "/acme",
    )
    .await;
    assert_eq!(response.status(), 404);
    let (level, fields) = the_event(&logged);
    assert_eq!(
        (level, &*fields["code"], &*fields["tier"]),
        (Level::INFO, "not_a_member", "org")
    );
    assert!(String::from_utf8_lossy(response.body()).contains(&fields["decision"]));
}

#[tokio::test]
async fn what_a_client_can_cause_at_will_is_never_at_error_level() {
    let by_body = Requirement::new("chat", "read").org(Org::json_within("org", 3));
    let garbled = |_: &http::request::Parts| -> Result<Option<Subject>, SourceError> {
        Err(SourceError::bad_request("the session is given twice"))
    };
    let loaded = enforcer(gate()).loader("chat", Shelf::default());
    let rows = [
        (
            enforcer(gate()),
            READ,
            None,
            "/acme",
            "deny",
            "unauthenticated",
            None,
        ),
        (
            enforcer(gate()),
            by_body,
            Some("alice"),
            "/",
            "error",
            "body_too_large",
            None,
        ),
        (
            enforcer(gate()),
            READ,
            Some("alice"),
            "/",
            "deny",
            "org_required",
            None,
        ),
        (
            loaded,
            READ_LOADED,
            Some("alice"),
            "/acme/unreadable",
            "error",
            "bad_request",
            Some("no such form of id"),
        ),
        (
            Enforcer::new(gate(), garbled),
            READ,
            None,
            "/",
            "error",
            "bad_request",
            Some("the session is given twice"),
        ),
    ];
    for (enforcer, requirement, who, path, outcome, code, reason) in rows {
        let (response, canary, logged) =
            logged(&enforcer, requirement, who.map(subject), path).await;
        let (level, fields) = the_event(&logged);
        assert_eq!(
            (level, &*fields["outcome"], &*fields["code"]),
            (Level::INFO, outcome, code)
        );
        assert_eq!(fields.get("reason").map(String::as_str), reason);
        assert_eq!(
            fields["decision"],
            refusal_of(&response).0.decision().to_string()
        );
        assert_eq!((logged.events.len(), canary.calls()), (1, 0));
        assert_eq!(logged.spans["gatepost.code"], code);
    }
}

#[tokio::test]
async fn what_the_service_could_not_do_is_at_error_level_with_its_source() {
    let (unfed, _feed) = Gate::channel();
    let down = |_: &http::request::Parts| -> Result<Option<Subject>, SourceError> {
        Err(SourceError::unavailable("the session store is down"))
    };
    let loaded = enforcer(gate()).loader("chat", Shelf::default());
    let rows = [
        (enforcer(unfed), READ, "/acme", None),
        (
            loaded,
            READ_LOADED,
            "/acme/broken",
            Some("the shelf fell over"),
        ),
        (
            Enforcer::new(gate(), down),
            READ,
            "/acme",
            Some("the session store is down"),
        ),
    ];
    for (enforcer, requirement, path, source) in rows {
        let (response, _, logged) =
            logged(&enforcer, requirement, Some(subject("alice")), path).await;
        assert_eq!(response.status(), 503);
        let (level, fields) = the_event(&logged);
        assert_eq!((level, &*fields["outcome"]), (Level::ERROR, "error"));
        assert_eq!(fields["code"], "policy_unavailable");
        let mut sources = logged
            .events
            .iter()
            .filter(|(_, target, _)| *target == "gatepost::source");
        let told = sources
            .next()
            .map(|(level, _, fields)| (*level, &*fields["error"]));
        assert_eq!(told, source.map(|source| (Level::ERROR, source)));
        // The client is not told what broke.
        let body = String::from_utf8_lossy(response.body());
        assert!(source.is_none_or(|source| !body.contains(source)), "{body}");
    }
}
