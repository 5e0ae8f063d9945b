//! The real binary, on a port of its own, with a copy of the shipped policy.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const SECRET: &str = "a secret of the tests, 32 bytes and more";
pub(crate) const SHIPPED_POLICY: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../axum-chats/policy.toml");
/// What the service prints last before it serves.
const LAST_LINE: &str = "A token for somebody else";

/// The binary, with nothing of the tester's own environment that it would go by.
pub(crate) fn binary(state: &TempDir) -> Command {
    let mut command = Command::new(crate::BINARY);
    command
        .env("XDG_STATE_HOME", state.path())
        .env_remove("AXUM_CHATS_SECRET")
        .env_remove("RUST_LOG");
    command
}

pub(crate) struct Service {
    pub(crate) child: Child,
    /// What it printed at start-up.
    pub(crate) greeting: Vec<String>,
    pub(crate) base: String,
    folder: TempDir,
    log: Arc<Mutex<String>>,
    client: ureq::Agent,
}

impl Service {
    /// Starts it with the secret of the tests.
    pub(crate) fn start() -> Self {
        Self::start_with(|command| {
            command.env("AXUM_CHATS_SECRET", SECRET);
        })
    }

    pub(crate) fn start_with(change: impl FnOnce(&mut Command)) -> Self {
        let folder = TempDir::new().unwrap();
        let policy = folder.path().join("policy.toml");
        fs::copy(SHIPPED_POLICY, &policy).unwrap();
        Self::start_in(folder, |command| {
            command.arg("--policy").arg(&policy);
            change(command);
        })
    }

    /// Starts it with this store and the secret of the tests.
    pub(crate) fn start_on(store: &str) -> Self {
        Self::start_in(TempDir::new().unwrap(), |command| {
            command.args(["--store", store]);
            command.env("AXUM_CHATS_SECRET", SECRET);
        })
    }

    fn start_in(folder: TempDir, change: impl FnOnce(&mut Command)) -> Self {
        let mut command = binary(&folder);
        command
            .args(["--listen", "127.0.0.1:0"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        change(&mut command);
        let mut child = command.spawn().unwrap();

        let log = Arc::new(Mutex::new(String::new()));
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let written = log.clone();
        thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
                written.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        let mut greeting = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let is_last = line.starts_with(LAST_LINE);
            greeting.push(line);
            if is_last {
                break;
            }
        }
        let first = greeting.first().unwrap_or_else(|| {
            panic!("it did not start: {}", log.lock().unwrap());
        });
        let base = first.split_once("http://").unwrap().1.to_owned();
        let client = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A refusal leaves the body unread, and the server closes that connection.
            .max_idle_connections(0)
            .timeout_global(Some(Duration::from_secs(20)))
            .build();
        Self {
            child,
            base: format!("http://{base}"),
            greeting,
            folder,
            log,
            client: client.into(),
        }
    }

    /// Sends a request with these `Authorization` headers.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        authorization: &[&str],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let headers = authorization.iter().map(|value| ("authorization", *value));
        let headers: Vec<_> = headers.collect();
        self.send_with(method, path, &headers, body)
    }

    /// Sends a request with these headers.
    pub(crate) fn send_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let response = self
            .client
            .configure_request(request)
            .allow_non_standard_methods(true)
            .build();
        let mut response = self.client.run(response).unwrap();
        let content_type = response.headers().get("content-type");
        let is_stream = method == "GET" && content_type.is_some_and(|is| is == "text/event-stream");
        let mut bytes = Vec::new();
        let mut body = response.body_mut().as_reader();
        if is_stream {
            // It has no end: its first event will do.
            while !bytes.ends_with(b"\n\n") {
                let mut byte = [0];
                body.read_exact(&mut byte).unwrap();
                bytes.extend(byte);
            }
        } else {
            body.read_to_end(&mut bytes).unwrap();
        }
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes,
        }
    }

    /// Opens a stream of events as `who`, to be read line by line.
    pub(crate) fn open(&self, who: &str, path: &str) -> impl Iterator<Item = String> + use<> {
        let token = token_of(who).unwrap();
        let opened = ureq::get(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {token}"));
        let response = opened.call().unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let body = BufReader::new(response.into_body().into_reader());
        body.lines().map(Result::unwrap)
    }

    /// The file that runs are queued in.
    pub(crate) fn queue(&self) -> PathBuf {
        self.folder.path().join("runs.db")
    }

    /// Sends a request as `who`: see [`token_of`].
    pub(crate) fn ask(&self, who: &str, method: &str, path: &str, body: &str) -> Answer {
        match token_of(who) {
            Some(token) => self.send(method, path, &[&format!("Bearer {token}")], body),
            None => self.send(method, path, &[], body),
        }
    }

    /// Creates a chat, and returns its id.
    pub(crate) fn chat_of(&self, who: &str, org: &str) -> String {
        let answer = self.ask(who, "POST", &format!("/orgs/{org}/chats"), "{}");
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn policy(&self) -> PathBuf {
        self.folder.path().join("policy.toml")
    }

    /// Replaces the policy document as an editor does: beside it, then over it.
    pub(crate) fn write_policy(&self, text: &str) {
        let beside = self.folder.path().join("policy.toml.new");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, self.policy()).unwrap();
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The code of a problem document; none where the answer is no such document, or says none.
    pub(crate) fn code(&self) -> Option<String> {
        let is_problem = self.header("content-type") == Some("application/problem+json");
        let json = is_problem.then(|| self.json())?;
        json.get("code")
            .map(|code| code.as_str().unwrap().to_owned())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {}",
            self.status,
            String::from_utf8_lossy(&self.bytes)
        )
    }
}

/// The token of `alice`, of `alice with chat:read` or of `planner-bot for alice`; `-` has none.
pub(crate) fn token_of(who: &str) -> Option<String> {
    let (who, scope) = match who.split_once(" with ") {
        Some((who, scope)) => (who, Some(scope)),
        None => (who, None),
    };
    let mut claims = match who.split_once(" for ") {
        Some((agent, human)) => json!({"sub": human, "act": {"sub": agent}}),
        None if who == "-" => return None,
        None => json!({"sub": who}),
    };
    claims["exp"] = in_seconds(3600).into();
    if let Some(scope) = scope {
        claims["scope"] = scope.trim_matches('"').into();
    }
    Some(sign(&claims))
}

pub(crate) fn sign(claims: &Value) -> String {
    sign_as(&Header::new(Algorithm::HS256), claims, SECRET)
}

pub(crate) fn sign_as(header: &Header, claims: &Value, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(header, claims, &key).unwrap()
}

pub(crate) fn in_seconds(seconds: i64) -> u64 {
    jsonwebtoken::get_current_timestamp()
        .checked_add_signed(seconds)
        .unwrap()
}

/// Waits until something is so, and says how long that took.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}
