//! Gatepost for [axum](https://docs.rs/axum): a router on which no route
//! stands without its requirement.
//!
//! ```
//! use axum::Json;
//! use axum::http::StatusCode;
//! use axum::http::request::Parts;
//! use axum::routing::get;
//! use gatepost_axum::{Gate, Gated, Mode, Org, Owner, Permit, PolicyText, Requirement, SourceError, Subject};
//!
//! const CREATE_CHAT: Requirement =
//!     Requirement::new("chat", "create").mode(Mode::Foreground).org(Org::path("org")).owner(Owner::Subject);
//!
//! async fn create_chat(permit: Permit) -> (StatusCode, Json<String>) {
//!     (StatusCode::CREATED, Json(format!("{} has a chat", permit.subject())))
//! }
//!
//! // Your own authentication has run before and left the subject in the request's extensions.
//! fn who(request: &Parts) -> Result<Option<Subject>, SourceError> {
//!     Ok(request.extensions.get::<Subject>().cloned())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"create\"]\n");
//! let app: axum::Router = Gated::new(Gate::fixed(policy.compile(1)?), who)
//!     .post("/orgs/{org}/chats", CREATE_CHAT, create_chat)
//!     .public("/healthz", get(|| async { "ok" }), "liveness probe")
//!     .into_router()?;
//! # Ok(())
//! # }
//! ```
//!
//! # What cannot happen
//!
//! The layer goes around the handler, in the call that registers it. So the
//! order of calls decides nothing: a layer, a fallback, a `nest` or a `merge`
//! before or after leaves no handler open. `HEAD` is decided as the `GET` that
//! answers it. A method that a path does not have gets axum's 405 from a
//! router that ran no handler, and a path that it does not have gets its 404.
//!
//! What is mounted on the [`Router`](axum::Router) *after*
//! [`Gated::into_router`] is plain axum, and is not decided.
//!
#![doc = include_str!("who_asks.md")]

mod extract;
mod gated;
mod handler;
mod params;

pub use extract::{Entity, Permit, PermitFor, Rejection};
pub use gated::{Gated, GatedHandler, GatedRoute, RouteNeedsRequirement};

pub use gatepost::{
    Catalogue, Code, Denial, Gate, Health, Kind, Language, Mode, Org, OrgId, Owner, PolicyText,
    ProblemDocument, Reach, RequestHead, Requirement, Resource, Subject, SubjectId, Words,
};
pub use gatepost_enforce::{Requires, SetupError, SetupProblem};
pub use gatepost_tower::{
    DeniedResponse, EntityKey, EntityLoader, FindSubject, LoadSubject, Loaded, OwnBody, ProxyError,
    SourceError, TrustedProxy,
};

#[cfg(feature = "jwt")]
pub use gatepost_enforce::jwt;

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
