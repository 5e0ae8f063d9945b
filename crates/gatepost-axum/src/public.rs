//! Routes that are public.

use axum::extract::Request;
use axum::middleware::map_request;
use axum::routing::MethodRouter;
use gatepost_enforce::{Met, Watch};
use http::StatusCode;

/// What is public, as it is served.
pub(crate) fn public<S>(route: MethodRouter<S>) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    route.layer(map_request(come))
}

/// The same of the methods that it has alone: any other is 405, as of a route that nobody has made public.
pub(crate) fn public_methods<S>(route: MethodRouter<S>) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    route.route_layer(map_request(come))
}

/// It has no permit, whatever the request carried when it came here. Whoever watches is told that it is
/// public; a probe gets no further.
async fn come(mut request: Request) -> Result<Request, StatusCode> {
    let extensions = request.extensions_mut();
    if let Some(watch) = extensions.get::<Watch>()
        && watch.meet(Met::Public)
    {
        return Err(StatusCode::NO_CONTENT);
    }
    extensions.remove::<gatepost::Permit>();
    extensions.remove::<gatepost::Passage>();
    extensions.remove::<gatepost_tower::Entity>();
    Ok(request)
}
