//! What each method requires.

use chats::{Error, Jwt};
use gatepost_tonic::{
    Denial, Gate, Gated, GatedService, Inventory, Mode, Org, Owner, Requirement, SetupError,
    message,
};

use crate::agents::Service;
use crate::proto::agents_server::AgentsServer;
use crate::proto::{DESCRIPTOR, RunRequest};
use crate::runs::Runs;

/// The largest message that is read before the decision, in bytes.
const LIMIT: usize = 64 * 1024;

const EXECUTE: Requirement = Requirement::new("agent", "execute")
    .org(Org::body(LIMIT, org_of_a_run))
    .owner(Owner::Subject);
const RUN: Requirement = EXECUTE.mode(Mode::Foreground).bound();
const RUN_DETACHED: Requirement = EXECUTE.mode(Mode::Background);

/// Whether there is such a run is nobody's business but theirs who may watch it, and no longer than they may.
const WATCH: Requirement = Requirement::new("run", "read")
    .org(Org::header("x-org"))
    .owner(Owner::LoadedByBody { limit: LIMIT })
    .hidden()
    .bound();

fn org_of_a_run(bytes: &[u8]) -> Result<Option<String>, Denial> {
    Ok(message::<RunRequest>(bytes)?.org)
}

/// The service, every method behind its requirement.
pub(crate) fn gated(
    gate: Gate,
    identity: Jwt,
) -> Result<GatedService<AgentsServer<Service>>, SetupError> {
    let runs = Runs::default();
    Gated::new(gate, identity)
        .described_by(DESCRIPTOR)
        .loader("run", runs.clone())
        .method("Run", RUN)
        .method("RunDetached", RUN_DETACHED)
        .method("Watch", WATCH)
        .public("Ping", "probes have no identity")
        .service(AgentsServer::new(Service::new(runs)))
}

/// The methods and what they require, of a service that nobody serves.
pub(crate) fn routes() -> Result<Inventory, Error> {
    let (gate, identity) = chats::unserved()?;
    Ok(gated(gate, identity)?.routes())
}
