//! The OpenAPI document of the admin API.

use axum::extract::State;
use axum::response::IntoResponse;
use gatepost::Inventory;
use gatepost_openapi::{OpenApiError, describe};
use http::header::CONTENT_TYPE;
use utoipa::OpenApi;
use utoipa::openapi::Server;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};

use super::schema::Nothing;
use crate::ask::Asked;
use crate::base::Base;
use crate::kept::Kept;
use crate::views::ProblemView;

/// The name of how a subject says who it is.
const TOKEN: &str = "token";
/// Public routes that find the subject themselves.
const FOR_SUBJECTS: [&str; 2] = ["/api/v1/why", "/api/v1/me"];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gatepost console",
        description = "Reads and changes a Gatepost policy: what the site and its orgs say, who is a member, who changed what and why."
    ),
    paths(
        super::site::site,
        super::site::changes,
        super::site::change,
        super::site::denials,
        super::site::subject,
        super::site::replicas,
        super::site::routes,
        super::org::orgs,
        super::org::org,
        super::org::members,
        super::org::matrix,
        super::org::changes,
        super::org::change,
        super::org::denials,
        super::write::site,
        super::write::org,
        super::write::undo_of_site,
        super::write::undo_of_org,
        super::why::anywhere,
        super::why::in_org,
        super::why::me,
        show,
    ),
    components(schemas(ProblemView))
)]
struct Api;

/// The document, as JSON: the operations that are described, with what their routes require.
pub(crate) fn document(routes: &Inventory, base: &Base) -> Result<String, OpenApiError> {
    let mut api = Api::openapi();
    let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    for path in FOR_SUBJECTS {
        if let Some(item) = api.paths.paths.get_mut(path) {
            let asked = SecurityRequirement::new(TOKEN, Vec::<String>::new());
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                operation.security = Some(vec![asked.clone()]);
            }
        }
    }
    describe(&mut api, routes, TOKEN, token)?;
    let place = format!("{}{}", base.origin().unwrap_or_default(), base.path());
    let place = if place.is_empty() { "/" } else { &place };
    api.servers = Some(vec![Server::new(place)]);
    // Strings and numbers alone: there is nothing in it that JSON cannot write.
    Ok(api.to_json().unwrap_or_default())
}

/// This document
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "document", operation_id = "openapi", responses(
    (status = 200, description = "The document.", content_type = "application/json"),
))]
pub(super) async fn show(State(kept): State<Kept>, _: Asked<Nothing>) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "application/json")],
        kept.openapi.to_string(),
    )
}
