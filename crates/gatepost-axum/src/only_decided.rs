//! What goes around all routes of an app.

use axum::Router;
use gatepost_tower::OnlyDecidedLayer;
use tower_layer::Layer;

pub use gatepost_tower::OnlyDecided;

/// Lets nothing out of an app that neither a requirement nor a public route answered for.
///
/// Nor a success, once the requirement that a request came to has refused it: a layer may make a redirect or a
/// page of its own of a refusal, and cannot ask another router instead.
///
/// It goes around the whole app, behind the last route, fallback and layer, and is no router any more: nothing
/// can be added to it. What answers by itself for every route, as CORS does, goes around this.
///
/// ```no_run
/// use std::net::SocketAddr;
///
/// use axum::ServiceExt;
/// use axum::extract::Request;
/// use gatepost_axum::only_decided;
///
/// # async fn serve(app: axum::Router) -> std::io::Result<()> {
/// let app = only_decided(app.merge(whatever_else_there_is()));
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(app);
/// axum::serve(listener, service).await
/// # }
/// # fn whatever_else_there_is() -> axum::Router { axum::Router::new() }
/// ```
///
/// A route that was forgotten is found when it is asked, and not before:
///
/// ```
/// use axum::body::Body;
/// use axum::extract::Request;
/// use axum::routing::get;
/// use gatepost_axum::only_decided;
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = axum::Router::new().route("/forgotten", get(async || "a secret"));
/// let request = Request::get("/forgotten").body(Body::empty()).unwrap();
/// let response = only_decided(app).oneshot(request).await.unwrap();
/// assert_eq!(response.status(), 500);
/// # }
/// ```
pub fn only_decided(app: Router) -> OnlyDecided<Router> {
    OnlyDecidedLayer::new().layer(app)
}
