//! The secret that the service and `axum-chats token` share.

use std::fs;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use tempfile::TempDir;

use super::harness::{SECRET, Service, binary};

fn file_in(state: &TempDir) -> PathBuf {
    state.path().join("axum-chats").join("secret")
}

fn token(state: &TempDir, arguments: &[&str]) -> Output {
    binary(state).arg("token").args(arguments).output().unwrap()
}

fn last_line(output: &Output) -> &str {
    assert!(output.status.success(), "{output:?}");
    str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .last()
        .unwrap()
}

fn status(service: &Service, token: &str) -> u16 {
    let authorization = format!("Bearer {token}");
    service
        .send("GET", "/orgs/acme/chats", &[&authorization], "")
        .status
}

#[test]
fn whoever_comes_first_makes_it_and_all_agree() {
    for _ in 0..5 {
        let state = TempDir::new().unwrap();
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let mut command = binary(&state);
                command
                    .args(["token", "alice"])
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        let service = Service::start_with(|command| {
            command.env("XDG_STATE_HOME", state.path());
        });
        for child in waiting {
            let output = child.wait_with_output().unwrap();
            assert_eq!(status(&service, last_line(&output)), 200);
        }
        let left: Vec<_> = fs::read_dir(state.path().join("axum-chats"))
            .unwrap()
            .collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}

#[cfg(unix)]
#[test]
fn it_is_random_and_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let secrets = [(); 2].map(|()| {
        let state = TempDir::new().unwrap();
        last_line(&token(&state, &["alice"]));
        let file = file_in(&state);
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        fs::read_to_string(file).unwrap()
    });
    assert_ne!(secrets[0], secrets[1]);
    assert!(secrets.iter().all(|secret| secret.len() == 64));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_be_known_to_others_or_is_no_secret_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let good = "0123456789abcdef".repeat(4);
    let rows = [
        (good.as_str(), 0o600, None),
        (&good, 0o400, None),
        (&good, 0o644, Some("is open to others (mode 0644)")),
        (&good, 0o620, Some("is open to others (mode 0620)")),
        ("", 0o600, Some("does not hold 64 hexadecimal digits")),
        (
            &good[1..],
            0o600,
            Some("does not hold 64 hexadecimal digits"),
        ),
        (
            &good.replace('a', "x"),
            0o600,
            Some("does not hold 64 hexadecimal digits"),
        ),
        (
            &good.repeat(2),
            0o600,
            Some("does not hold 64 hexadecimal digits"),
        ),
    ];
    for (content, mode, refusal) in rows {
        let state = TempDir::new().unwrap();
        let file = file_in(&state);
        fs::create_dir(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let output = token(&state, &["alice"]);
        let said = String::from_utf8_lossy(&output.stderr);
        match refusal {
            None => assert!(output.status.success(), "{said}"),
            Some(refusal) => {
                assert_eq!(output.status.code(), Some(1));
                assert!(
                    said.contains(refusal) && said.contains(&*file.to_string_lossy()),
                    "{said}"
                );
                assert!(output.stdout.is_empty());
            }
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
}

#[test]
fn that_of_the_environment_comes_first_and_is_not_short() {
    let state = TempDir::new().unwrap();
    let with = |secret: &str| {
        let mut command = binary(&state);
        command
            .args(["token", "alice"])
            .env("AXUM_CHATS_SECRET", secret)
            .output()
            .unwrap()
    };
    let service = Service::start();
    assert_eq!(status(&service, last_line(&with(SECRET))), 200);
    assert!(!state.path().join("axum-chats").exists());
    for short in ["", "secret", &"x".repeat(31)] {
        let output = with(short);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("needs 32 bytes or more"));
    }
}

#[test]
fn a_token_says_what_was_asked_for() {
    let state = TempDir::new().unwrap();
    let service = Service::start_with(|command| {
        command.env("XDG_STATE_HOME", state.path());
    });
    let post = |arguments: &[&str], path: &str, body: &str| {
        let output = token(&state, arguments);
        let authorization = format!("Bearer {}", last_line(&output));
        let answer = service.send("POST", path, &[&authorization], body);
        (answer.status, answer.code().unwrap_or_default())
    };
    let chats = "/orgs/acme/chats";
    let planner = "/orgs/acme/agents/planner/runs";
    let scoped = [
        "alice",
        "--scope",
        "chat:create",
        "--scope",
        "agent:execute",
    ];
    let agent = ["alice", "--agent", "planner-bot"];
    let limited_agent = [
        "alice",
        "--agent",
        "planner-bot",
        "--scope",
        "agent-planner:*",
    ];
    let allowed = |status| (status, String::new());
    let denied = |code: &str| (403, code.to_owned());
    assert_eq!(post(&["alice"], chats, "{}"), allowed(201));
    assert_eq!(post(&scoped, chats, "{}"), allowed(201));
    assert_eq!(post(&scoped, planner, ""), denied("scope_missing"));
    assert_eq!(
        post(&["alice", "--scope", ""], chats, "{}"),
        denied("scope_missing")
    );
    assert_eq!(post(&agent, chats, "{}"), allowed(201));
    assert_eq!(post(&limited_agent, chats, "{}"), denied("scope_missing"));
    assert_eq!(post(&limited_agent, planner, ""), allowed(202));
    assert_eq!(
        post(&["planner-bot"], chats, "{}"),
        denied("delegator_missing")
    );
    assert!(!token(&state, &[""]).status.success());
}
