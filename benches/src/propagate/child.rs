//! One replica process: it says when its gate gives another answer, and when a bare notification comes.

use std::error::Error;
use std::io::Write;
use std::sync::{Arc, OnceLock};

use gatepost::{Decision, Gate, OrgId, Request, Step, Subject, SubjectId, decide};
use gatepost_store::{Replica, StoreUrl};
use tokio_postgres::{AsyncMessage, NoTls};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::{BARE_CHANNEL, now};

/// What a replica process is started with.
#[derive(Debug)]
pub struct Asked {
    url: String,
    name: String,
}

/// The arguments of a replica process, where they are that.
pub fn asked_for(mut arguments: impl Iterator<Item = String>) -> Option<Asked> {
    (arguments.next()? == "--replica").then_some(())?;
    Some(Asked {
        url: arguments.next()?,
        name: arguments.next()?,
    })
}

/// Follows the store until its input ends.
///
/// # Errors
///
/// When the store cannot be followed.
pub fn run(asked: &Asked) -> Result<(), Box<dyn Error>> {
    let gate = Arc::new(OnceLock::new());
    let watch = tracing_subscriber::registry().with(Applied { gate: gate.clone() });
    tracing::subscriber::set_global_default(watch)?;
    let url: StoreUrl = asked.url.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let replica = Replica::options().name(&asked.name).open(&url).await?;
        let _ = gate.set(replica.gate());
        if asked.url.starts_with("postgres") {
            let bare = listen(&asked.url).await?;
            tokio::spawn(bare);
        }
        say("ready", 0);
        // The input is a pipe that ends with the bench.
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()))
            .await??;
        Ok(())
    })
}

/// Sees what the replica's thread logs as it publishes, and asks the gate on that very thread.
struct Applied {
    gate: Arc<OnceLock<Gate>>,
}

impl<S: Subscriber> Layer<S> for Applied {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "gatepost::policy" {
            return;
        }
        if let Some(gate) = self.gate.get()
            && let Ok((version, allowed)) = gate.read(|facts| (facts.version(), allows(facts)))
        {
            say(if allowed { "allow" } else { "deny" }, version);
        }
    }
}

fn allows(facts: &gatepost::Snapshot) -> bool {
    let (Ok(alice), Ok(acme)) = (SubjectId::new("alice"), OrgId::new("acme")) else {
        return false;
    };
    let alice = Subject::new(alice);
    let request = Request::new("chat", "create").subject(&alice).org(&acme);
    matches!(decide(facts, &request), Step::Done(Decision::Allow(_)))
}

fn say(what: &str, number: u64) {
    let moment = now();
    let mut out = std::io::stdout().lock();
    // A bench that has gone away wants no more lines.
    let _ = writeln!(out, "{what} {number} {moment}").and_then(|()| out.flush());
}

async fn listen(url: &str) -> Result<impl Future<Output = ()> + use<>, tokio_postgres::Error> {
    let (client, mut connection) = tokio_postgres::connect(url, NoTls).await?;
    let told = async move {
        while let Some(Ok(message)) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
            if let AsyncMessage::Notification(note) = message
                && let Ok(number) = note.payload().parse()
            {
                say("bare", number);
            }
        }
    };
    let told = tokio::spawn(told);
    client
        .batch_execute(&format!("LISTEN {BARE_CHANNEL}"))
        .await?;
    Ok(async move {
        let _open = client;
        let _ = told.await;
    })
}
