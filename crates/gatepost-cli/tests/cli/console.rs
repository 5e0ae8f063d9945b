//! The console served by itself, and who is let in.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::stores::Store;
use crate::support::{command, data};

/// A console that is served.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(store: &Store, args: &[&str]) -> Self {
        let mut child = command()
            .args(["serve", "--listen", "127.0.0.1:0", "--store", &store.url])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("gatepost listens on http://").unwrap();
        let second = lines.next().unwrap().unwrap();
        assert!(
            second.contains("gatepost console login --as SUBJECT --url http"),
            "{second}"
        );
        Self {
            child,
            address: address.to_owned(),
        }
    }

    /// Sends a request, and answers with the status and all that came.
    fn send(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (address, length) = (&self.address, body.len());
        write!(
            stream,
            "{head}\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        (status, text)
    }

    fn get(&self, path: &str, headers: &str) -> (u16, String) {
        self.send(&format!("GET {path} HTTP/1.1{headers}"), "")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_token_is_made_used_listed_and_taken_back() {
    let store = Store::new();
    let made = [
        "token",
        "create",
        "--as",
        "alice",
        "--label",
        "the nightly export",
    ];
    let token = store.run(&made).out(0);
    let token = token.strip_suffix('\n').unwrap();
    assert!(token.starts_with("gatepost_") && !token.contains(char::is_whitespace));

    let served = Served::start(&store, &[]);
    let bearer = format!("\r\nauthorization: Bearer {token}");
    let (status, text) = served.get("/api/v1/me", &bearer);
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("\"subject\":\"alice\""), "{text}");
    assert!(
        text.to_lowercase().contains("x-frame-options: deny"),
        "{text}"
    );
    assert_eq!(served.get("/api/v1/me", "").0, 401);
    assert_eq!(served.get("/api/v1/site", &bearer).0, 403);

    let listed = store.run(&["token", "list"]).out(0);
    assert!(
        listed.contains("alice") && listed.contains("the nightly export"),
        "{listed}"
    );
    assert!(!listed.contains(token));
    let id = listed.split_whitespace().next().unwrap();
    assert_eq!(store.run(&["token", "revoke", id]).out(0), "revoked\n");
    assert_eq!(
        store.run(&["token", "revoke", id]).out(1),
        "there is none with this id\n"
    );
    assert_eq!(served.get("/api/v1/me", &bearer).0, 401);
    assert_eq!(store.run(&["token", "list"]).out(0), "");
}

#[test]
fn a_token_is_limited_as_it_is_asked_to_be() {
    let store = Store::new();
    let make = |args: &[&str]| store.run(&[&["token", "create", "--as", "alice"], args].concat());
    make(&[
        "--scope",
        "gatepost-site:read",
        "--scope",
        "chat:read",
        "--days",
        "1",
    ])
    .out(0);
    let listed = store.run(&["token", "list"]).out(0);
    assert!(
        listed.contains("only gatepost-site:read chat:read"),
        "{listed}"
    );
    for wrong in [
        ["--scope", "no grant"],
        ["--scope", "!chat:read"],
        ["--days", "0"],
        ["--days", "367"],
    ] {
        assert_ne!(make(&wrong).code, 0, "{wrong:?}");
    }
    let nobody = store.run(&["token", "create", "--as", "\u{7}"]);
    assert_eq!(nobody.code, 2);
    assert!(nobody.err.contains("`--as`"), "{}", nobody.err);
}

#[test]
fn a_login_link_is_printed_alone() {
    let store = Store::new();
    let link = |args: &[&str]| store.run(&[&["console", "login", "--as", "alice"], args].concat());
    let one = link(&[]).out(0);
    assert!(
        one.starts_with("http://127.0.0.1:8787/login?code="),
        "{one}"
    );
    assert_eq!(one.lines().count(), 1);
    let other = link(&["--url", "https://gatepost.example.com/console/"]).out(0);
    assert!(
        other.starts_with("https://gatepost.example.com/console/login?code="),
        "{other}"
    );
    for wrong in [
        "gatepost.example.com",
        "javascript:alert(1)",
        "https://h?x",
        "https://h #",
    ] {
        assert_eq!(link(&["--url", wrong]).code, 2, "{wrong}");
    }
}

#[test]
fn whoever_is_logged_in_is_listed_and_logged_out() {
    let store = Store::new();
    let served = Served::start(&store, &[]);
    let sessions = || store.run(&["console", "sessions"]).out(0);
    let link = |subject| {
        let link = store.run(&["console", "login", "--as", subject]).out(0);
        let (_, code) = link.trim().split_once("code=").unwrap();
        code.to_owned()
    };
    assert_eq!(sessions(), "");
    let url = store.url.parse().unwrap();
    let logged_in = |subject| {
        let code = link(subject);
        let log_in = async {
            let store = gatepost_store::PolicyStore::open(&url).await.unwrap();
            store.log_in(&code).await.unwrap().unwrap().secret
        };
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(log_in)
    };
    let (alice, bob) = (logged_in("alice"), logged_in("bob"));
    let me = |session: &str| {
        let cookie = format!("\r\ncookie: gatepost-session={session}");
        served.get("/api/v1/me", &cookie).0
    };
    assert_eq!((me(&alice), me(&bob)), (200, 200));
    let listed = sessions();
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(!listed.contains(&alice) && !listed.contains(&bob));

    // A link that is still on its way is no way back in.
    let unused = link("alice");
    let logout = |subject| store.run(&["console", "logout", "--as", subject]).out(0);
    assert_eq!(logout("alice"), "sessions and login links ended: 2\n");
    assert_eq!(logout("alice"), "sessions and login links ended: 0\n");
    assert_eq!((me(&alice), me(&bob)), (401, 200));
    let seen = served.get(&format!("/login?code={unused}"), "").1;
    assert!(!seen.contains("alice"), "{seen}");

    let listed = sessions();
    assert!(
        listed.contains("bob") && !listed.contains("alice"),
        "{listed}"
    );
    let id = listed.split_whitespace().next().unwrap();
    assert_eq!(store.run(&["token", "revoke", id]).out(0), "revoked\n");
    assert_eq!((me(&bob), sessions()), (401, String::new()));
    assert_eq!(store.run(&["console", "logout", "--as", ""]).code, 2);
}

#[test]
fn others_than_this_machine_are_served_behind_tls_alone() {
    let store = Store::new();
    for args in [
        vec!["--listen", "0.0.0.0:0"],
        vec!["--listen", "[::]:0"],
        vec![
            "--listen",
            "0.0.0.0:0",
            "--public-url",
            "http://gatepost.example.com",
        ],
    ] {
        let refused = store.run(&[&["serve"], &*args].concat());
        assert_eq!(refused.code, 2, "{args:?}");
        assert!(refused.err.contains("--insecure-http"), "{}", refused.err);
    }
    let wrong = store.run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--public-url",
        "https://h/console",
    ]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("the public URL is"), "{}", wrong.err);
    let wrong = store.run(&["serve", "--listen", "127.0.0.1:0", "--routes", "nothing"]);
    assert_eq!(wrong.code, 2);
    let missing = store.run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--routes",
        "a=/nowhere.json",
    ]);
    assert_eq!(missing.code, 2);
}

#[test]
fn what_there_is_nothing_for_is_no_fault_of_the_server() {
    let store = Store::new();
    let routes = format!("chats={}", data("routes.json"));
    let served = Served::start(&store, &["--routes", &routes]);
    for (head, expected) in [
        ("GET /nowhere HTTP/1.1", 404),
        ("GET /api/v2/site HTTP/1.1", 404),
        ("DELETE /api/v1/site HTTP/1.1", 405),
        ("PUT /api/v1/me HTTP/1.1", 405),
        ("GET /api/v1/openapi.json HTTP/1.1", 200),
        ("NONSENSE /api/v1/site HTTP/1.1", 405),
    ] {
        let (status, text) = served.send(head, "");
        assert_eq!(status, expected, "{head}: {text}");
    }
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_asked_to() {
    let store = Store::new();
    let mut served = Served::start(&store, &[]);
    // A connection that is kept open is not waited for, since nothing is asked on it.
    let _idle = TcpStream::connect(&served.address).unwrap();
    let pid = served.child.id().to_string();
    let asked = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(asked.unwrap().success());
    let start = Instant::now();
    loop {
        if let Some(status) = served.child.try_wait().unwrap() {
            assert!(status.success());
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(15), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}
