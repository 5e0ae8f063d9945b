//! The identifier that a client gave its request.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderName;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers with the identifier of the request, where it has one (section 11.1.3).
pub(super) async fn echo(request: Request, next: Next) -> Response {
    let id = request.headers().get(X_REQUEST_ID).cloned();
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}
