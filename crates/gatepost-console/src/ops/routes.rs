//! Routes of services.

use crate::fault::Fault;
use crate::kept::Kept;
use crate::views::RoutesView;

impl Kept {
    /// The routes that services have told of: by hand, and through the store.
    pub(crate) async fn routes(&self) -> Result<RoutesView, Fault> {
        Err(Fault::unsound())
    }
}
