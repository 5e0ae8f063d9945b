//! Who may do what in an org.

use crate::fault::Fault;
use crate::kept::Kept;
use crate::views::MatrixView;

impl Kept {
    /// Roles, actions and modes of an org as it stands.
    pub(crate) async fn matrix(&self, org: &str) -> Result<MatrixView, Fault> {
        let _ = org;
        Err(Fault::unsound())
    }
}
