//! Who decides by a version.

use crate::fault::Fault;
use crate::kept::Kept;
use crate::views::ReplicasView;

impl Kept {
    /// Which replicas decide by a version, the newest unless one is named; one look, and no waiting.
    pub(crate) async fn replicas(&self, version: Option<u64>) -> Result<ReplicasView, Fault> {
        let _ = version;
        Err(Fault::unsound())
    }
}
