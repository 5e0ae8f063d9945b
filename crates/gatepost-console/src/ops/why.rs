//! Why a request is answered as it is.

use gatepost::RequestDocument;

use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::Scope;
use crate::views::WhyView;

impl Kept {
    /// The fifteen checks of a request, by the live facts; of an org, only of requests in it.
    pub(crate) async fn why(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        request: &RequestDocument,
    ) -> Result<WhyView, Fault> {
        let _ = (asker, scope, request);
        Err(Fault::unsound())
    }
}
