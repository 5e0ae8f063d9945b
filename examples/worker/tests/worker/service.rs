//! A run all the way: asked for over HTTP, queued, parked by a kill, and gone on with.

use gatepost::SiteSwitch;

use crate::harness::{Process, World, author, beside};

#[tokio::test]
async fn a_run_that_a_service_queued_is_parked_at_its_step_and_goes_on_from_there() {
    let world = World::new().await;
    let mut command = world.command(&beside("axum-chats"));
    command.args(["--listen", "127.0.0.1:0"]);
    let service = Process::start(command, "A token for somebody else");
    let base = service.printed[0].split_once("http://").unwrap().1;
    let mut command = world.command(&beside("axum-chats"));
    let token = command.args(["token", "alice"]).output().unwrap().stdout;
    let token = String::from_utf8(token).unwrap();
    let url = format!("http://{base}/orgs/acme/agents/planner/runs");
    let start = || {
        let asked = ureq::post(&url).header("authorization", format!("Bearer {}", token.trim()));
        let text = asked.send(r#"{"detach": true}"#).unwrap();
        let text = text.into_body().read_to_string().unwrap();
        let run: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(run["mode"], "background");
        run["id"].as_str().unwrap().to_owned()
    };
    let run = start();
    assert_eq!(world.run(&run).await.state, "queued");

    let worker = world.worker(&["--step", "400"]);
    worker.until("did a step", 1).await;
    worker.until("begins", 2).await;
    let killed = world.store.kill("agent-planner", None, author(), "a test");
    killed.await.unwrap();
    let parked = world.until(&run, "parked", Some("site_off")).await;
    assert_eq!((parked.step, worker.did(&run).len()), (1, 1));
    world.switch("agent-planner", SiteSwitch::On).await;
    world.until(&run, "done", None).await;
    assert_eq!(worker.did(&run), ["reads", "thinks", "writes"]);
}
