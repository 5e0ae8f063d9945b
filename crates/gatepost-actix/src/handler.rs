//! Handlers as services, to be called for admitted requests alone.

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, FromRequest, Handler, HttpResponse, Responder};

/// Extracts what a handler takes and calls it, as `Route::to` does.
pub(crate) async fn call<F, Args>(
    handler: F,
    request: ServiceRequest,
) -> Result<ServiceResponse, Error>
where
    F: Handler<Args>,
    Args: FromRequest,
    F::Output: Responder,
{
    let (request, mut payload) = request.into_parts();
    let response = match Args::from_request(&request, &mut payload).await {
        Ok(args) => handler
            .call(args)
            .await
            .respond_to(&request)
            .map_into_boxed_body(),
        Err(error) => HttpResponse::from_error(error),
    };
    Ok(ServiceResponse::new(request, response))
}
