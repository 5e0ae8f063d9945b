//! A console over a store of its own, and a client.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use gatepost::{Gate, Health, PolicyDocument, Subject, SubjectId};
use gatepost_axum::SourceError;
use gatepost_store::{Author, PolicyStore, Replica, ReplicaOptions, StoreUrl};
use http::request::Parts;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tower::util::ServiceExt as _;

use crate::Console;

/// Root is the site's admin, aron its auditor, rita reads what it says; ada is acme's admin, lena that of acme's lab,
/// olga globex's. alice is a member of acme, sue was suspended, and nobody is a stranger.
pub(super) const POLICY: &str = r#"
version = 1

[resources]
chat = ["create", "read"]
agent = ["execute"]

[site.gates.chat]
switch = "opt-in"
[site.gates.agent]
switch = "opt-out"
background = { floor = "member", default = "owner" }

[site.roles.admin]
grants = ["*:*", "gatepost-site:*", "gatepost-org:*", "gatepost-audit:*"]
all_orgs = true
[site.roles.auditor]
grants = ["gatepost-site:read", "gatepost-org:read", "gatepost-audit:read"]
all_orgs = true
[site.roles.reader]
grants = ["gatepost-site:read"]
[site.roles.org-admin]
grants = ["chat:*", "agent:*", "gatepost-org:*", "gatepost-audit:read"]
[site.roles.guest]
grants = ["chat:*", "agent:*"]

[org_roles.member]
level = 10
grants = ["chat:*@own", "agent:execute#foreground"]
[org_roles.owner]
level = 50
include = ["member"]
grants = ["chat:*", "agent:*", "gatepost-org:*", "gatepost-audit:read"]

[orgs.acme]
gates.chat = { switch = "on" }
[orgs.acme.members]
ada = { roles = ["owner"] }
alice = { roles = ["member"] }
sue = { roles = ["owner"] }
[orgs.acme-lab]
parent = "acme"
[orgs.acme-lab.members]
lena = { roles = ["owner"] }
[orgs.globex]
[orgs.globex.members]
olga = { roles = ["owner"] }
gus = { roles = ["member"] }

[subjects]
root = { site_roles = ["admin"] }
aron = { site_roles = ["auditor"] }
rita = { site_roles = ["reader"] }
ada = { site_roles = ["org-admin"] }
lena = { site_roles = ["org-admin"] }
olga = { site_roles = ["org-admin"] }
alice = { site_roles = ["guest"] }
gus = { site_roles = ["guest"] }
sue = { site_roles = ["admin"], status = "suspended" }
"#;

/// Who there is to ask, nobody aside.
pub(super) const ASKERS: [&str; 7] = ["stranger", "alice", "ada", "lena", "olga", "root", "aron"];

/// A console, and what it stands on.
pub(super) struct Rig {
    pub(super) app: Router,
    pub(super) store: PolicyStore,
    pub(super) gate: Gate,
    replica: Option<Replica>,
    _folder: TempDir,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

/// A request that is not sent yet.
pub(super) struct Call<'r> {
    rig: &'r Rig,
    request: Request<Body>,
}

/// Whoever the header names.
pub(super) fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
    let name = request.headers.get("x-subject");
    let name = name.and_then(|name| name.to_str().ok());
    let id = name.map(SubjectId::new).transpose();
    let id = id.map_err(|_| SourceError::bad_request("no id"))?;
    Ok(id.map(Subject::new))
}

impl Rig {
    /// One whose host says who asks.
    pub(super) async fn new() -> Self {
        Self::with(POLICY, |console| console.identity(who)).await
    }

    /// One with sessions of its own.
    pub(super) async fn with_sessions() -> Self {
        Self::with(POLICY, |console| console.at("").sessions()).await
    }

    pub(super) async fn with(policy: &str, change: impl FnOnce(Console) -> Console) -> Self {
        let folder = TempDir::new().unwrap();
        let url = StoreUrl::sqlite(folder.path().join("policy.db"));
        let document: PolicyDocument = toml::from_str(policy).unwrap();
        let store = PolicyStore::open_or_seed(&url, &document, operator(), "the first policy");
        let store = store.await.unwrap();
        let options: ReplicaOptions = Replica::options();
        let replica = options.name("test").open(&url).await.unwrap();
        let gate = replica.gate();
        let console = change(Console::new(store.clone(), gate.clone()));
        Self {
            app: console.into_router().unwrap(),
            store,
            gate,
            replica: Some(replica),
            _folder: folder,
        }
    }

    pub(super) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path, Body::empty())
    }

    /// Sends JSON.
    pub(super) fn post(&self, path: &str, body: &Value) -> Call<'_> {
        self.call(Method::POST, path, Body::from(body.to_string()))
            .with("content-type", "application/json")
    }

    /// Sends a form.
    pub(super) fn submit(&self, path: &str, form: &str) -> Call<'_> {
        self.call(Method::POST, path, Body::from(form.to_owned()))
            .with("content-type", "application/x-www-form-urlencoded")
    }

    pub(super) fn call(&self, method: Method, path: &str, body: Body) -> Call<'_> {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", "console.localhost");
        Call {
            rig: self,
            request: request.body(body).unwrap(),
        }
    }

    /// Waits until the gate decides by the store's newest version.
    pub(super) async fn caught_up(&self) {
        let newest = self.store.head().await.unwrap().version;
        for _ in 0..400 {
            if matches!(self.gate.health(), Health::Ready { version } if version >= newest) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the gate does not follow");
    }

    pub(super) fn replica(&self) -> &Replica {
        self.replica.as_ref().unwrap()
    }
}

pub(super) fn operator() -> Author {
    Author::Operator {
        name: "ines".to_owned(),
    }
}

impl Call<'_> {
    pub(super) fn by(self, subject: &str) -> Self {
        self.with("x-subject", subject)
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        let headers = self.request.headers_mut();
        headers.append(name, value.parse().unwrap());
        self
    }

    /// Based on this version.
    pub(super) fn on(self, version: u64) -> Self {
        self.with("if-match", &format!("\"{version}\""))
    }

    pub(super) async fn send(self) -> Answer {
        let app = self.rig.app.clone();
        self.send_to(&app).await
    }

    /// Sends it to another app.
    pub(super) async fn send_to(self, app: &Router) -> Answer {
        let response = app.clone().oneshot(self.request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Sends it, and says which status came.
    pub(super) async fn status(self) -> u16 {
        self.send().await.status
    }
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// The JSON of an answer that is as it should be.
    #[track_caller]
    pub(super) fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json()
    }

    /// What a refusal says it is: its code, or the last part of its type.
    pub(super) fn problem(&self) -> (u16, String) {
        let json = self.json();
        let code = json["code"].as_str();
        let kind = json["type"]
            .as_str()
            .and_then(|kind| kind.rsplit('/').next());
        (self.status, code.or(kind).unwrap_or_default().to_owned())
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The cookie that it sets, without its attributes.
    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all("set-cookie").iter();
        let mut set = set.filter_map(|value| value.to_str().ok());
        let found = set.find(|value| value.starts_with(&format!("{name}=")))?;
        Some(found.split(';').next().unwrap_or_default().to_owned())
    }
}
