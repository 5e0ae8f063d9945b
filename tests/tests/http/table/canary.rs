//! What a handler of the table answers and notes: that it ran, and what it was admitted under.

use std::sync::{Arc, Mutex};

use gatepost::{Permit, Reach};
use serde::{Deserialize, Serialize};

/// What a handler was admitted under; it answers exactly this, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ran {
    pub(crate) route: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    acting_for: Option<String>,
    #[serde(default)]
    org: Option<String>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    mode: Option<String>,
    /// `any` or `own`.
    #[serde(default)]
    reach: Option<String>,
    /// The object that the handler was given.
    #[serde(default)]
    entity: Option<String>,
}

/// One run of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) ran: Ran,
    /// The path parameter `org`, as the framework gives it to a handler.
    pub(crate) path_org: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Knows which handlers of one server ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct Canary(Arc<Mutex<Vec<Run>>>);

impl Ran {
    /// On a public route.
    pub(crate) fn public(route: &str) -> Self {
        Self {
            route: route.to_owned(),
            ..Self::default()
        }
    }

    /// Under a permit, with the object that was loaded.
    pub(crate) fn under(route: &str, permit: &Permit, entity: Option<&str>) -> Self {
        let text = |id: &dyn ToString| id.to_string();
        Self {
            route: route.to_owned(),
            subject: Some(permit.subject().to_string()),
            acting_for: permit.acting_for().map(|id| text(id)),
            org: permit.org().map(|id| text(id)),
            owner: permit.owner().map(|id| text(id)),
            mode: permit.mode().map(|mode| text(&mode)),
            reach: Some(match permit.reach() {
                Reach::Any => "any".to_owned(),
                Reach::Own => "own".to_owned(),
            }),
            entity: entity.map(str::to_owned),
        }
    }

    /// What the handler answers.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap()
    }

    pub(crate) fn org(&self) -> Option<&str> {
        self.org.as_deref()
    }
}

impl Canary {
    /// A handler ran: what it answers.
    pub(crate) fn note(&self, ran: Ran, path_org: Option<String>, body: Vec<u8>) -> Vec<u8> {
        let answer = ran.to_json();
        self.0.lock().unwrap().push(Run {
            ran,
            path_org,
            body,
        });
        answer
    }

    /// What ran since this was asked last.
    pub(crate) fn take(&self) -> Vec<Run> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}
