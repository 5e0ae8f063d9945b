//! The example services as their clients meet them: the real binary, over a real socket.
//!
//! All of them are to answer the same. So each has these tests, by its `tests/service.rs`, which names
//! its own binary.

mod harness;
mod policy;
mod routes;
mod runs;
mod secret;
mod streams;
mod table;
mod tokens;
mod told;

use std::process::Command;

use self::harness::{Answer, SHIPPED_POLICY, Service, binary};
use crate::NAME;

#[test]
fn the_printed_lines_answer_as_they_say() {
    let service = Service::start();
    let expected = [
        (201, None, None),
        (403, Some("org_off"), Some("/remedy/action")),
        (403, Some("mode_floor"), Some("/required_role")),
        (202, None, Some("/mode")),
    ];
    let lines = service
        .greeting
        .iter()
        .filter(|line| line.starts_with("curl "));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), expected.len());
    for (line, (status, code, member)) in lines.into_iter().zip(expected) {
        let answer = run(&service, line);
        assert_eq!(answer.status, status, "{line}\n{answer:?}");
        let json = answer.json();
        assert_eq!(
            json.get("code").and_then(|code| code.as_str()),
            code,
            "{json}"
        );
        if let Some(member) = member {
            assert!(
                json.pointer(member)
                    .is_some_and(serde_json::Value::is_string),
                "{json}"
            );
        } else {
            assert_eq!(json["title"], "A first chat");
        }
    }
}

/// Runs a line as it was printed, where there is a curl to run it; else sends what it says.
fn run(service: &Service, line: &str) -> Answer {
    let has_curl = Command::new("curl").arg("--version").output().is_ok();
    if !has_curl {
        let mut quoted = line.split('\'').skip(3).step_by(2);
        let authorization = quoted
            .next()
            .unwrap()
            .strip_prefix("Authorization: ")
            .unwrap();
        let body = quoted.nth(1).unwrap();
        let path = line
            .split_whitespace()
            .find_map(|word| word.strip_prefix(&service.base));
        return service.send("POST", path.unwrap(), &[authorization], body);
    }
    let done = Command::new("sh").args(["-c", line]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let text = String::from_utf8(done.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        headers: ureq::http::HeaderMap::new(),
        bytes: body.into(),
    }
}

#[test]
fn it_stops_when_it_is_asked_to() {
    let mut service = Service::start();
    assert_eq!(service.ask("-", "GET", "/healthz", "").status, 200);
    let pid = service.child.id().to_string();
    let asked = Command::new("sh")
        .args(["-c", &format!("kill -TERM {pid}")])
        .status();
    assert!(asked.unwrap().success());
    harness::until("it ended", || service.child.try_wait().unwrap().is_some());
    assert!(service.child.wait().unwrap().success(), "{}", service.log());
}

#[test]
fn a_policy_that_cannot_be_read_is_no_start() {
    let state = tempfile::tempdir().unwrap();
    let done = binary(&state)
        .args([
            "--listen",
            "127.0.0.1:0",
            "--policy",
            "/nowhere/policy.toml",
        ])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(
        said.contains(&format!("{NAME}: /nowhere/policy.toml: cannot be read")),
        "{said}"
    );
}

#[test]
fn a_queue_that_cannot_be_opened_is_no_start() {
    let state = tempfile::tempdir().unwrap();
    let queue = state.path().join("nowhere").join("runs.db");
    let done = binary(&state)
        .args(["--listen", "127.0.0.1:0", "--policy", SHIPPED_POLICY])
        .arg("--queue")
        .arg(&queue)
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(
        said.contains(&format!("{NAME}: {}: ", queue.display())),
        "{said}"
    );
}
