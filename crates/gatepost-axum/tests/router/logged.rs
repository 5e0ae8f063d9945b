//! A handler without its permit is a mistake of the service: it stands in the log as an error.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use axum::routing::get;
use gatepost_axum::{DeniedResponse, Permit, PermitFor, Requirement, Requires};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

use crate::fixture::{READ, UPDATE, ask, gated};

/// The errors that were logged, each with its fields.
#[derive(Clone, Debug, Default)]
struct Errors(Arc<Mutex<Vec<Fields>>>);

#[derive(Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber> Layer<S> for Errors {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR {
            assert_eq!(event.metadata().target(), "gatepost::decision");
            let mut fields = Fields::default();
            event.record(&mut fields);
            self.0.lock().unwrap().push(fields);
        }
    }
}

struct Updating;

impl Requires for Updating {
    const REQUIREMENT: Requirement = UPDATE;
}

#[tokio::test]
async fn a_missing_permit_is_one_error_that_names_the_route_and_the_answers_decision() {
    let router = gated()
        .public("/public", get(|_: Permit| async {}), "an example")
        .get("/orgs/{org}/wrong", READ, |_: PermitFor<Updating>| async {})
        .into_router()
        .unwrap();
    for (path, reason) in [
        ("/public", "the route has no requirement"),
        ("/orgs/acme/wrong", "the route has another requirement"),
    ] {
        let errors = Errors::default();
        let subscriber = Registry::default().with(errors.clone());
        let answer = ask(&router, "GET", path, "alice")
            .with_subscriber(subscriber)
            .await;
        let DeniedResponse(denial) = answer.denied.unwrap();
        let logged = errors.0.lock().unwrap();
        assert_eq!(logged.len(), 1, "{logged:?}");
        let field = |name| logged[0].0.get(name).map(String::as_str);
        assert_eq!(field("outcome"), Some("error"));
        assert_eq!(field("code"), Some("permit_missing"));
        assert_eq!((field("method"), field("path")), (Some("GET"), Some(path)));
        assert_eq!(field("reason"), Some(reason));
        assert_eq!(field("decision"), Some(&*denial.decision().to_string()));
    }
}
