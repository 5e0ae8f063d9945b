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
#![doc = include_str!("every_route.md")]
//!
//! # What lasts longer than its decision
//!
//! A route whose requirement is [bound](Requirement::bound) ends when the same
//! request would no longer be allowed: a switch is turned, a role taken, a
//! membership over. A handler that has not answered yet is dropped, and the
//! denial is the answer. A stream of server-sent events ends with an event
//! `denied`, whose data is the problem document; any other body is broken off,
//! so that nobody takes it for the whole. What the handler reads of the
//! request ends as well.
//!
//! ```
//! use std::convert::Infallible;
//!
//! use axum::response::sse::{Event, Sse};
//! use gatepost_axum::{Gate, Gated, Org, Requirement};
//! # use gatepost_axum::{SourceError, Subject};
//! # fn who(_: &axum::http::request::Parts) -> Result<Option<Subject>, SourceError> { Ok(None) }
//!
//! const FOLLOW_CHAT: Requirement = Requirement::new("chat", "read").org(Org::path("org")).bound();
//!
//! async fn follow_chat() -> Sse<impl futures_util::Stream<Item = Result<Event, Infallible>>> {
//!     Sse::new(futures_util::stream::pending())
//! }
//! # fn routes(gate: Gate) -> Gated {
//! Gated::new(gate, who).get("/orgs/{org}/chats/{chat}/events", FOLLOW_CHAT, follow_chat)
//! # }
//! ```
//!
//! What a server has taken to send is sent in front of the last word. A peer
//! that does not read never comes to it: its connection is cut a second later
//! where the app is served on a [`Severable`] listener, and is held until it
//! reads or goes away where it is not.
//!
//! A WebSocket is bound by `ws::on_upgrade` (feature `ws`), which closes it with
//! the code of the denial.
//!
#![doc = include_str!("who_asks.md")]

mod capabilities;
mod extract;
mod gated;
mod handler;
mod mounted;
mod only_decided;
mod params;
mod path;
mod peer;
mod public;
mod setup;
#[cfg(any(feature = "http1", feature = "http2"))]
mod severable;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "ws")]
pub mod ws;

pub use extract::{Entity, Passage, Permit, PermitFor, Rejection};
pub use gated::{Gated, GatedHandler, RouteNeedsRequirement};
pub use only_decided::{OnlyDecided, only_decided};
pub use peer::Peer;
#[cfg(any(feature = "http1", feature = "http2"))]
pub use severable::Severable;

pub use gatepost::{
    Catalogue, Code, Denial, Gate, Health, Inventory, InventoryRoute, Kind, Language, Mode, Org,
    OrgId, Owner, PolicyText, ProblemDocument, Reach, ReportOnly, RequestHead, Requirement,
    Resource, Subject, SubjectId, Words,
};
pub use gatepost_enforce::{Requires, SetupError, SetupProblem};
pub use gatepost_tower::{
    Decided, DeniedResponse, EntityKey, EntityLoader, FindSubject, Journal, LoadSubject, Loaded,
    NotWritten, Observer, OwnBody, SourceError, Verdict,
};

#[cfg(feature = "jwt")]
pub use gatepost_enforce::jwt;
#[cfg(feature = "proxy")]
pub use gatepost_enforce::{ProxyError, TrustedProxy};

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
