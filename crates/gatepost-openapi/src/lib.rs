//! An OpenAPI document told by the routes that enforce it.
//!
//! The service describes its operations with [`utoipa`], as it would without Gatepost. [`describe`] adds to
//! each what its route requires: the answers that a refusal may have, the requirement itself, and how a
//! subject is to say who it is. A document and routes that do not fit each other are an error, so that a route
//! that nobody described is found in a test or at start-up.
//!
//! ```
//! use gatepost::{Inventory, InventoryRoute, Org, Owner, Requirement};
//! use utoipa::OpenApi;
//! use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
//!
//! #[derive(OpenApi)]
//! #[openapi(paths(read_chat))]
//! struct Api;
//!
//! /// Reads a chat.
//! #[utoipa::path(get, path = "/orgs/{org}/chats/{id}", responses((status = 200, description = "The chat")))]
//! async fn read_chat() {}
//!
//! const READ_CHAT: Requirement = Requirement::new("chat", "read")
//!     .org(Org::path("org"))
//!     .owner(Owner::Loaded)
//!     .hidden();
//!
//! // What the adapter says of the routes that were registered with it: `Gated::routes()`.
//! let routes = Inventory::new([InventoryRoute::requiring("GET", "/orgs/{org}/chats/{id}", &READ_CHAT)]);
//!
//! let mut api = Api::openapi();
//! let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
//! gatepost_openapi::describe(&mut api, &routes, "token", token)?;
//!
//! let api = serde_json::to_value(&api)?;
//! let read = &api["paths"]["/orgs/{org}/chats/{id}"]["get"];
//! let statuses: Vec<_> = read["responses"].as_object().unwrap().keys().collect();
//! assert_eq!(statuses, ["200", "400", "401", "404", "503"]);
//! assert_eq!(read["x-gatepost"]["action"], "read");
//! assert_eq!(read["security"][0]["token"], serde_json::json!([]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answers;
mod capabilities;
mod check;
mod describe;
mod error;
mod params;
mod place;
mod problem;
mod told;

pub use capabilities::add_capabilities;
pub use describe::describe;
pub use error::OpenApiError;

#[cfg(test)]
mod tests;
