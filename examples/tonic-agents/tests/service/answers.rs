//! What each method answers to whom.

use std::time::Duration;

use tonic::{Code, Request};

use crate::harness::{Service, refused, request, run_request};
use crate::proto::PingRequest;

#[tokio::test]
async fn a_run_that_is_allowed_is_done_as_its_method_says() {
    let service = Service::start().await;
    for who in ["grace", "alice", "root", "planner-bot for alice"] {
        let reply = service.run(who, "acme").await.unwrap();
        assert_eq!(reply.mode, "foreground", "{who}");
        assert_eq!(reply.output.as_deref(), Some("stressed"), "{who}");
    }
    for who in ["alice", "root", "planner-bot for alice"] {
        let reply = service.run_detached(who, "acme").await.unwrap();
        assert_eq!((&*reply.mode, reply.output), ("background", None), "{who}");
    }
}

#[tokio::test]
async fn a_run_that_is_not_says_why() {
    let service = Service::start().await;
    let denied = Code::PermissionDenied;
    for (who, org, foreground, background) in [
        ("", "acme", (Code::Unauthenticated, "unauthenticated"), None),
        ("alice", "", (Code::InvalidArgument, "org_required"), None),
        (
            "alice",
            "a\nb",
            (Code::InvalidArgument, "bad_request"),
            None,
        ),
        ("alice", "initech", (denied, "org_off"), None),
        ("alice", "globex", (denied, "not_a_member"), None),
        ("alice", "no-such-org", (denied, "not_a_member"), None),
        ("sam", "acme", (denied, "site_grant_missing"), None),
        ("planner-bot", "acme", (denied, "delegator_missing"), None),
        (
            "alice for planner-bot",
            "acme",
            (denied, "delegator_missing"),
            None,
        ),
        (
            "planner-bot for gus",
            "acme",
            (denied, "not_a_member"),
            None,
        ),
        (
            "grace",
            "acme",
            (Code::Ok, ""),
            Some((denied, "mode_floor")),
        ),
        (
            "planner-bot for grace",
            "acme",
            (Code::Ok, ""),
            Some((denied, "mode_floor")),
        ),
        (
            "alice",
            "acme-labs",
            (Code::Ok, ""),
            Some((denied, "mode_floor")),
        ),
    ] {
        let run = service.run(who, org).await;
        if foreground.0 == Code::Ok {
            assert!(run.is_ok(), "{who} {org}: {run:?}");
        } else {
            let (code, info) = refused(run);
            assert_eq!((code, &*info.reason), foreground, "{who} {org}");
        }
        let (code, info) = refused(service.run_detached(who, org).await);
        let want = background.unwrap_or(foreground);
        assert_eq!((code, &*info.reason), want, "{who} {org}");
    }
}

#[tokio::test]
async fn a_refusal_has_the_members_of_the_problem_document() {
    let service = Service::start().await;
    let whole = service.run_detached("planner-bot for grace", "acme").await;
    let message = whole.as_ref().unwrap_err().message().to_owned();
    let (_, info) = refused(whole);
    assert_eq!(
        (&*info.domain, &*info.reason),
        ("gatepost.dev", "mode_floor")
    );
    let mut names: Vec<_> = info.metadata.keys().map(String::as_str).collect();
    names.sort_unstable();
    let want = "action code decision detail mode org remedy_action remedy_who required_role \
                resource status tier title type whose";
    assert_eq!(names, want.split_whitespace().collect::<Vec<_>>());
    for (name, value) in [
        ("type", "https://gatepost.dev/codes/mode_floor"),
        ("status", "403"),
        ("detail", &message),
        ("code", "mode_floor"),
        ("tier", "mode"),
        ("resource", "agent"),
        ("action", "execute"),
        ("mode", "background"),
        ("org", "acme"),
        ("whose", "acting_for"),
        ("required_role", "developer"),
        ("remedy_who", "org_admin"),
    ] {
        assert_eq!(info.metadata[name], value, "{name}");
    }
}

#[tokio::test]
async fn a_message_is_read_up_to_the_size_that_the_requirement_says() {
    let service = Service::start().await;
    let mut message = run_request("acme");
    message.input = "x".repeat(60 * 1024);
    let mut client = service.client.clone();
    let fits = client.run(request("alice", message.clone())).await;
    let output = fits.unwrap().into_inner().output.unwrap();
    assert_eq!(output.len(), 60 * 1024);
    message.input = "x".repeat(64 * 1024);
    let larger = client.run(request("alice", message)).await;
    let (code, info) = refused(larger);
    assert_eq!(
        (code, &*info.reason),
        (Code::ResourceExhausted, "body_too_large")
    );
}

#[tokio::test]
async fn a_switch_is_thrown_while_the_service_runs() {
    let service = Service::start().await;
    service.run("alice", "acme").await.unwrap();
    service.change_policy(
        "[site.gates.agent]\nswitch = \"opt-out\"",
        "[site.gates.agent]\nswitch = \"off\"",
    );
    for _ in 0..500 {
        if let Err(status) = service.run("alice", "acme").await {
            let (code, info) = refused::<()>(Err(status));
            assert_eq!((code, &*info.reason), (Code::PermissionDenied, "site_off"));
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the switch was never seen");
}

#[tokio::test]
async fn a_probe_needs_no_identity() {
    let service = Service::start().await;
    let mut client = service.client.clone();
    assert!(client.ping(Request::new(PingRequest {})).await.is_ok());
}
