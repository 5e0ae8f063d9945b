//! The one place where a ticket becomes a permit.

use chats::{QueuedRun, RUN_AGENT, resource_of};
use gatepost::{Code, Denial, Gate, OrgId, Permit, Snapshot, Ticket};

/// Why a run does not go on.
pub(crate) struct Refusal {
    pub(crate) denial: Denial,
    /// A policy version that is no newer than the one that refused it.
    pub(crate) version: u64,
}

/// Decides whether a run may go on now, by its ticket and the policy of this moment.
///
/// A ticket of another org's run, or of another agent's, is no ticket for this one.
pub(crate) async fn admit(gate: &Gate, run: &QueuedRun) -> Result<Permit, Refusal> {
    // Before it is decided, so that no version after it is taken for one that has refused the run.
    let version = gate.read(Snapshot::version).unwrap_or_default();
    let ticket = Ticket::from_text(run.ticket.as_str());
    let redeemed = gate.redeem_for(&ticket, &RUN_AGENT).await;
    let checked = redeemed.and_then(|permit| {
        let is_its_own = permit.org().map(OrgId::as_str) == Some(&run.org)
            && permit.resource() == resource_of(&run.agent);
        if is_its_own {
            Ok(permit)
        } else {
            Err(Denial::new(Code::TicketInvalid))
        }
    });
    checked.map_err(|denial| Refusal { denial, version })
}

impl Refusal {
    /// Whether no change of the policy will make it good.
    pub(crate) fn is_for_good(&self) -> bool {
        matches!(
            self.denial.code(),
            Code::TicketInvalid | Code::TicketExpired
        )
    }
}
