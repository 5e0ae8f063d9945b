//! Runs of an agent, and where they are kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{Stream, stream};
use gatepost_tonic::{EntityKey, EntityLoader, Loaded, OrgId, SourceError, SubjectId, message};
use tokio::sync::watch;
use tonic::Status;
use uuid::Uuid;

use crate::proto::{Event, WatchRequest};

/// The runs of this process.
#[derive(Clone, Default)]
pub(crate) struct Runs(Arc<Mutex<HashMap<String, Arc<Run>>>>);

pub(crate) struct Run {
    id: String,
    org: OrgId,
    owner: SubjectId,
    progress: watch::Sender<Progress>,
}

#[derive(Default)]
struct Progress {
    told: Vec<String>,
    is_over: bool,
}

impl Runs {
    pub(crate) fn add(&self, org: &OrgId, owner: &SubjectId) -> Arc<Run> {
        let run = Arc::new(Run {
            id: Uuid::now_v7().to_string(),
            org: org.clone(),
            owner: owner.clone(),
            progress: watch::Sender::default(),
        });
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.insert(run.id.clone(), run.clone());
        run
    }
}

#[async_trait]
impl EntityLoader for Runs {
    type Entity = Run;

    async fn load(&self, key: EntityKey<'_>) -> Result<Option<Loaded<Run>>, SourceError> {
        let named: WatchRequest = message(key.body())
            .map_err(|_| SourceError::bad_request("the message cannot be decoded"))?;
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let run = runs.get(&named.run).cloned();
        Ok(run.map(|run| {
            let (org, owner) = (run.org.clone(), run.owner.clone());
            Loaded::in_org(org, run).owned_by(owner)
        }))
    }
}

impl Run {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Stands for what an agent of yours does.
    pub(crate) async fn work(self: Arc<Self>, input: String) -> String {
        let working = Working(self);
        for step in ["reads", "thinks", "writes"] {
            working.0.tell(step);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tracing::info!(run = working.0.id, "the agent ran");
        input.chars().rev().collect()
    }

    fn tell(&self, text: &str) {
        self.progress
            .send_modify(|progress| progress.told.push(text.to_owned()));
    }

    /// What happened so far, and then what happens, until it is over.
    pub(crate) fn events(&self) -> impl Stream<Item = Result<Event, Status>> + use<> {
        let progress = self.progress.subscribe();
        stream::unfold((progress, 0), |(mut progress, at)| async move {
            let text = {
                let news = progress.wait_for(|now| now.told.len() > at || now.is_over);
                news.await.ok()?.told.get(at)?.clone()
            };
            Some((Ok(Event { text }), (progress, at + 1)))
        })
    }
}

/// A run is over however its work ends: a caller who waits for it may hang up.
struct Working(Arc<Run>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0
            .progress
            .send_modify(|progress| progress.is_over = true);
    }
}
