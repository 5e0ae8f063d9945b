//! Admissions that are written down first: no log, no allow.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gatepost::{Feed, Gate, Org, Requirement};
use gatepost_axum::{Decided, Journal, NotWritten, Verdict};
use tokio::sync::Notify;

use crate::calls;
use crate::served::{Adapter, Canary, Reports, Route, Served, Told, Verb, gated};
use crate::service::{POLICY, facts, request, within};
use crate::table::{Bytes, Client, Protocol, Row, document, policy};
use crate::wire::Wire;

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const ROUTES: [Route; 1] = [gated("list", Verb::Get, "/orgs/{org}/chats", READ.logged())];

/// What the journal does with what it is given.
#[derive(Clone, Debug)]
enum Does {
    Writes,
    Refuses,
    Panics,
    /// Holds the decision until it is told to go on.
    Waits,
    /// Everything is switched off before it is done.
    Kills(Feed, bool),
}

#[derive(Clone, Debug)]
struct Paper(Arc<Sheet>);

#[derive(Debug)]
struct Sheet {
    does: Mutex<Does>,
    written: Mutex<Vec<String>>,
    canary: Canary,
    told: Told,
    begun: Notify,
    go_on: Notify,
}

#[async_trait]
impl Journal for Paper {
    async fn write(&self, decided: &Decided<'_>) -> Result<(), NotWritten> {
        let Verdict::Allow(permit) = decided.verdict else {
            panic!("only what is allowed is written down first");
        };
        assert!(decided.asked.is_some() && decided.version == Some(permit.version()));
        let sheet = &*self.0;
        // Nothing runs before it is written, and nobody is told of an admission that is none yet.
        sheet.canary.assert_silent();
        assert_eq!(sheet.told.take(), []);
        let does = sheet.does.lock().unwrap().clone();
        match does {
            Does::Writes => {}
            Does::Refuses => return Err(NotWritten::new("the disk is full")),
            Does::Panics => panic!("a bug of the journal"),
            Does::Waits => {
                sheet.begun.notify_one();
                sheet.go_on.notified().await;
                sheet.canary.assert_silent();
            }
            Does::Kills(feed, is_of_calls) => {
                tokio::task::yield_now().await;
                let killed = if is_of_calls {
                    let mut killed = document();
                    killed.site.gates.clear();
                    gatepost::Snapshot::compile(&killed, 12).unwrap()
                } else {
                    facts(&POLICY.replacen("switch = \"on\"", "switch = \"off\"", 1))
                };
                feed.publish(killed);
            }
        }
        let line = format!("{} {}", permit.subject(), permit.decision());
        sheet.written.lock().unwrap().push(line);
        Ok(())
    }
}

/// A service with one logged route or method on each framework.
struct Rig {
    adapter: Option<Adapter>,
    feed: Feed,
    canary: Canary,
    told: Told,
    paper: Paper,
    address: std::net::SocketAddr,
}

impl Rig {
    async fn start(adapter: Option<Adapter>) -> Self {
        let (gate, feed) = Gate::channel();
        let routes = if adapter.is_some() {
            ROUTES.to_vec()
        } else {
            Vec::new()
        };
        let mut served = Served::new(gate, routes);
        let (canary, told) = (served.canary.clone(), Told::default());
        let paper = Paper(Arc::new(Sheet {
            does: Mutex::new(Does::Writes),
            written: Mutex::default(),
            canary: canary.clone(),
            told: told.clone(),
            begun: Notify::new(),
            go_on: Notify::new(),
        }));
        served.observers = vec![Arc::new(told.clone())];
        served.journal = Some(Arc::new(paper.clone()));
        served.reports = Reports {
            logged: true,
            ..Reports::default()
        };
        let address = match adapter {
            Some(adapter) => served.on(adapter).await,
            None => calls::serve(served).await,
        };
        feed.publish(if adapter.is_some() {
            facts(POLICY)
        } else {
            policy()
        });
        Self {
            adapter,
            feed,
            canary,
            told,
            paper,
            address,
        }
    }

    fn does(&self, does: Does) {
        *self.paper.0.does.lock().unwrap() = does;
    }

    fn written(&self) -> usize {
        std::mem::take(&mut *self.paper.0.written.lock().unwrap()).len()
    }

    /// The code of the refusal, or none.
    async fn ask(&self, who: &str) -> Option<String> {
        if self.adapter.is_some() {
            let mut wire = Wire::connect(self.address).await;
            let request = request("GET", "/orgs/acme/chats", who, "", "");
            wire.send(request).await;
            return wire.reply().await.code();
        }
        let headers = vec![("x-org".to_owned(), Bytes::Text("acme".to_owned()))];
        let path = "/gatepost.test.Table/ReadNote".to_owned();
        let message = Some(calls::Note::default().framed());
        let row = Row::post(path, Some(who.to_owned()), headers, message);
        let mut client = Client::new(Protocol::H2, self.address);
        let reply = client.ask(&row, "POST").await.unwrap();
        calls::reason(&reply)
    }

    async fn all() -> [Self; 3] {
        [
            Self::start(Some(Adapter::Axum)).await,
            Self::start(Some(Adapter::Actix)).await,
            Self::start(None).await,
        ]
    }
}

#[tokio::test]
async fn whoever_is_admitted_was_written_down_and_whoever_is_not_was_not() {
    for rig in Rig::all().await {
        assert_eq!(rig.ask("alice").await, None);
        assert_eq!(rig.canary.take().len(), 1);
        assert_eq!(rig.told.only().outcome, "allow");
        assert_eq!(rig.written(), 1);
        assert_eq!(rig.ask("mallory").await.as_deref(), Some("not_a_member"));
        rig.canary.assert_silent();
        assert_eq!(rig.told.only().code, Some("not_a_member"));
        assert_eq!(rig.written(), 0);
    }
}

#[tokio::test]
async fn a_handler_runs_once_its_admission_is_written_and_not_before() {
    for rig in Rig::all().await {
        rig.does(Does::Waits);
        let asked = Box::pin(within("an answer", rig.ask("alice")));
        let (answer, ()) = tokio::join!(asked, async {
            rig.paper.0.begun.notified().await;
            rig.canary.assert_silent();
            rig.paper.0.go_on.notify_one();
        });
        assert_eq!(answer, None);
        assert_eq!(rig.canary.take().len(), 1);
        assert_eq!(rig.written(), 1);
    }
}

#[tokio::test]
async fn a83_a_journal_that_does_not_write_admits_nobody() {
    for rig in Rig::all().await {
        for does in [Does::Refuses, Does::Panics, Does::Refuses] {
            rig.does(does);
            let code = rig.ask("alice").await;
            assert_eq!(code.as_deref(), Some("policy_unavailable"));
            rig.canary.assert_silent();
            let line = rig.told.only();
            assert_eq!(
                (line.outcome, line.code),
                ("error", Some("policy_unavailable"))
            );
            assert_eq!(rig.written(), 0);
        }
        rig.does(Does::Writes);
        assert_eq!(rig.ask("alice").await, None);
        assert_eq!(rig.canary.take().len(), 1);
    }
}

#[tokio::test]
async fn a_kill_while_an_admission_is_written_down_refuses_it() {
    for rig in Rig::all().await {
        rig.does(Does::Kills(rig.feed.clone(), rig.adapter.is_none()));
        assert_eq!(rig.ask("alice").await.as_deref(), Some("site_off"));
        rig.canary.assert_silent();
        let line = rig.told.only();
        assert_eq!((line.outcome, line.code), ("deny", Some("site_off")));
        assert_eq!(rig.written(), 1);
    }
}
