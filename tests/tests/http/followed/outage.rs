//! The store is not there, at the start or later on.

use std::fs;
use std::time::{Duration, Instant};

use gatepost::Code;

use super::{Followed, Server, policy};
use crate::calls;
use crate::service::{request, until};
use crate::wire::Wire;

const LEASE: Duration = Duration::from_millis(800);

impl Server {
    /// Asks what alice may; the code of the refusal, and none where the handler ran.
    async fn refused(&mut self) -> Option<String> {
        let code = if self.adapter.is_some() {
            let mut wire = Wire::connect(self.address).await;
            wire.send(request("GET", "/orgs/acme/chats", "alice", "", ""))
                .await;
            let reply = wire.reply().await;
            if reply.status != 200 {
                reply.assert_refused(&reply.code().unwrap());
            }
            reply.code()
        } else {
            calls::read_note(&mut self.client, "alice").await
        };
        let ran = self.canary.take().len();
        assert_eq!(ran, usize::from(code.is_none()), "{}", self.name);
        code
    }
}

async fn all_say(servers: &mut [Server], code: Option<&str>) {
    for server in servers {
        assert_eq!(server.refused().await.as_deref(), code, "{}", server.name);
    }
}

#[tokio::test]
async fn a44_without_a_store_at_the_start_nothing_is_served_until_there_is_one() {
    let followed = Followed::nothing(LEASE).await;
    let mut servers = followed.servers().await;
    all_say(&mut servers, Some("policy_unavailable")).await;
    // A file that holds no store, and then one that holds no policy.
    let path = followed.url();
    let path = path.file().unwrap();
    fs::write(path, "[resources]").unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    all_say(&mut servers, Some("policy_unavailable")).await;
    fs::remove_file(path).unwrap();
    followed.make(&policy()).await;
    all_say(&mut servers, None).await;
}

#[tokio::test]
async fn a45_past_the_lease_nothing_is_served_until_the_store_is_back() {
    let followed = Followed::nothing(LEASE).await;
    let mut servers = followed.servers().await;
    drop(followed.make(&policy()).await);
    all_say(&mut servers, None).await;
    let path = followed.url();
    let path = path.file().unwrap();
    let away = followed.folder.path().join("away.db");
    fs::rename(path, &away).unwrap();
    // What is known is decided by, and no longer than the lease.
    all_say(&mut servers, None).await;
    let gate = followed.gate();
    let gone = Instant::now();
    until("stale", || gate.snapshot().err() == Some(Code::PolicyStale)).await;
    let took = gone.elapsed().as_millis();
    assert!(took < 1200, "closed after {took} ms");
    all_say(&mut servers, Some("policy_stale")).await;
    fs::rename(&away, path).unwrap();
    let back = Instant::now();
    until("back", || gate.snapshot().is_ok()).await;
    let took = back.elapsed().as_millis();
    assert!(took < 1500, "back after {took} ms");
    all_say(&mut servers, None).await;
}
