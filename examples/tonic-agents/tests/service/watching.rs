//! Who may watch a run, and what is seen.

use tonic::Code;

use crate::harness::{Service, refused};

const ALL: [&str; 3] = ["reads", "thinks", "writes"];

#[tokio::test]
async fn a_run_is_watched_while_it_goes_on_and_when_it_is_over() {
    let service = Service::start().await;
    let run = service.run_detached("alice", "acme").await.unwrap().run;
    // Hers, a maintainer's, and a site admin's to watch; twice, once it is over.
    for who in ["alice", "alice", "max", "root", "planner-bot for alice"] {
        assert_eq!(
            service.watch(who, "acme", &run).await.unwrap(),
            ALL,
            "{who}"
        );
    }
    let waited_for = service.run("alice", "acme").await.unwrap().run;
    assert_eq!(
        service.watch("alice", "acme", &waited_for).await.unwrap(),
        ALL
    );
}

#[tokio::test]
async fn whoever_may_not_watch_a_run_learns_no_more_than_of_one_that_is_not_there() {
    let service = Service::start().await;
    let run = service.run_detached("alice", "acme").await.unwrap().run;
    let missing = service.watch("alice", "acme", "no-such-run").await;
    let message = missing.as_ref().unwrap_err().message().to_owned();
    let (code, missing) = refused(missing);
    assert_eq!((code, &*missing.reason), (Code::NotFound, ""));
    for (who, org) in [
        ("grace", "acme"),
        ("sam", "acme"),
        ("gus", "acme"),
        ("planner-bot for grace", "acme"),
        ("alice", "initech"),
        ("alice", "no-such-org"),
        ("max", "acme-labs"),
    ] {
        let answer = service.watch(who, org, &run).await;
        assert_eq!(answer.as_ref().unwrap_err().message(), message);
        let (code, mut hidden) = refused(answer);
        assert_eq!((code, &*hidden.reason), (Code::NotFound, ""), "{who} {org}");
        let decision = missing.metadata["decision"].clone();
        let another = hidden.metadata.insert("decision".to_owned(), decision);
        assert_ne!(another.as_ref(), missing.metadata.get("decision"));
        assert_eq!(hidden.metadata, missing.metadata, "{who} {org}");
    }
    let (code, _) = refused(service.watch("", "acme", &run).await);
    assert_eq!(code, Code::Unauthenticated);
}
