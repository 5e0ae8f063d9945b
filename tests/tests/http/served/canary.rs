//! What a handler answers and notes: that it ran, and what it was admitted under.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use gatepost::{Passage, Permit, Reach};
use serde::{Deserialize, Serialize};

/// What a handler was admitted under; it answers exactly this, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ran {
    pub(crate) route: String,
    #[serde(default)]
    pub(crate) subject: Option<String>,
    #[serde(default)]
    acting_for: Option<String>,
    #[serde(default)]
    pub(crate) org: Option<String>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    pub(crate) mode: Option<String>,
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

    /// Under a passage, with the object that was loaded; what has no permit reaches what the handler lets it reach.
    pub(crate) fn passed(route: &str, passage: &Passage, entity: Option<&str>) -> Self {
        let text = |id: &dyn ToString| id.to_string();
        match passage.permit() {
            Some(permit) => Self::under(route, permit, entity),
            None => Self {
                route: route.to_owned(),
                subject: Some(passage.subject().to_string()),
                acting_for: passage.acting_for().map(|id| text(id)),
                org: passage.org().map(|id| text(id)),
                owner: passage.owner().map(|id| text(id)),
                mode: passage.mode().map(|mode| text(&mode)),
                reach: None,
                entity: entity.map(str::to_owned),
            },
        }
    }

    /// The same without what only a permit tells.
    pub(crate) fn but_for_its_reach(&self) -> Self {
        Self {
            reach: None,
            ..self.clone()
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

impl Deref for Run {
    type Target = Ran;

    fn deref(&self) -> &Ran {
        &self.ran
    }
}

/// The number of a run that has begun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Running(usize);

impl Canary {
    /// A handler runs, and has not read the body yet.
    pub(crate) fn begin(&self, ran: Ran, path_org: Option<String>) -> Running {
        let mut runs = self.0.lock().unwrap();
        runs.push(Run {
            ran,
            path_org,
            body: Vec::new(),
        });
        Running(runs.len() - 1)
    }

    /// A handler has read what it can of the body: what it answers.
    pub(crate) fn end(&self, running: Running, body: Vec<u8>) -> Vec<u8> {
        let mut runs = self.0.lock().unwrap();
        match runs.get_mut(running.0) {
            Some(run) => {
                run.body = body;
                run.ran.to_json()
            }
            // Somebody has asked what ran without awaiting the answer.
            None => Vec::new(),
        }
    }

    /// What ran since this was asked last.
    pub(crate) fn take(&self) -> Vec<Run> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Asserts that no handler ran.
    #[track_caller]
    pub(crate) fn assert_silent(&self) {
        assert_eq!(*self.0.lock().unwrap(), []);
    }

    /// The only run since this was asked last.
    #[track_caller]
    pub(crate) fn only(&self) -> Run {
        let mut ran = self.take();
        assert_eq!(ran.len(), 1, "{ran:?}");
        ran.remove(0)
    }
}
