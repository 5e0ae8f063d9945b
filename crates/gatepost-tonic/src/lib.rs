//! Gatepost for [tonic](https://docs.rs/tonic): a gRPC service on which no
//! method stands without its requirement.
//!
//! ```
//! use gatepost_tonic::{
//!     Admitted, Denial, Gate, Gated, Mode, Org, PolicyText, Requirement, SourceError, Subject,
//! };
//! use tonic::{Request, Response, Status};
//! # use tonic_health::pb::health_server::{Health, HealthServer};
//! # use tonic_health::pb::{FILE_DESCRIPTOR_SET, HealthCheckRequest, HealthCheckResponse};
//! # type Stream = std::pin::Pin<Box<dyn tonic::codegen::tokio_stream::Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;
//!
//! const CHECK: Requirement = Requirement::new("health", "read").org(Org::body(1024, org));
//! const WATCH: Requirement = Requirement::new("health", "read").org(Org::header("x-org"));
//!
//! /// Reads the first message, before the method does.
//! fn org(message: &[u8]) -> Result<Option<String>, Denial> {
//!     Ok(Some(gatepost_tonic::message::<HealthCheckRequest>(message)?.service))
//! }
//!
//! struct Checks;
//!
//! #[tonic::async_trait]
//! impl Health for Checks {
//!     async fn check(
//!         &self,
//!         request: Request<HealthCheckRequest>,
//!     ) -> Result<Response<HealthCheckResponse>, Status> {
//!         let permit = request.permit()?;
//!         println!("{} looks after {:?}", permit.subject(), permit.org());
//!         Ok(Response::new(HealthCheckResponse::default()))
//!     }
//!     # type WatchStream = Stream;
//!     # async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Stream>, Status> { Err(Status::unimplemented("")) }
//! }
//!
//! // Your own authentication has run before and left the subject in the request's extensions.
//! fn who(request: &http::request::Parts) -> Result<Option<Subject>, SourceError> {
//!     Ok(request.extensions.get::<Subject>().cloned())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = PolicyText::toml("version = 1\n[resources]\nhealth = [\"read\"]\n");
//! let checks = Gated::new(Gate::fixed(policy.compile(1)?), who)
//!     .described_by(FILE_DESCRIPTOR_SET)
//!     .method("Check", CHECK)
//!     .method("Watch", WATCH)
//!     .service(HealthServer::new(Checks))?;
//! let server = tonic::transport::Server::builder().add_service(checks);
//! # let _ = server;
//! # Ok(())
//! # }
//! ```
//!
//! # What cannot happen
//!
//! A method that nobody said anything of is not called: `permit_missing`,
//! INTERNAL, and an error in the log. With [`Gated::described_by`] such a
//! service does not start, and what is left are methods that it does not have:
//! UNIMPLEMENTED.
//!
//! What is put into the server *beside* the gated service (health, reflection)
//! is plain tonic, and is not decided. Where the server has an
//! [`OnlyDecidedLayer`](gatepost_tower::OnlyDecidedLayer) around everything, what
//! of it is called is answered 500; what the gate answers here by itself, a
//! refusal or UNIMPLEMENTED, leaves as the status that it is.
//!
//! # Every method
//!
//! [`Gated::routes`] and [`GatedService::routes`] are the inventory: each method
//! as it is called, `POST /package.Service/Method`, with what it requires or why
//! it is public, and the line of its registration. Kept in a file beside the
//! code, a change of what a method requires is a change that a reviewer sees
//! (`testing::assert_routes`, feature `testing`).
//!
//! ```
//! use gatepost_tonic::{Gate, Gated, Org, PolicyText, Requirement};
//! # use gatepost_tonic::{SourceError, Subject};
//! # fn who(_: &http::request::Parts) -> Result<Option<Subject>, SourceError> { Ok(None) }
//! # use tonic_health::pb::health_server::{Health, HealthServer};
//! # fn routes<T: Health>() -> Result<(), Box<dyn std::error::Error>> {
//! const CHECK: Requirement = Requirement::new("health", "read").org(Org::header("x-org"));
//!
//! let policy = PolicyText::toml("version = 1\n[resources]\nhealth = [\"read\"]\n");
//! let gated = Gated::new(Gate::fixed(policy.compile(1)?), who).method("Check", CHECK);
//! let inventory = gated.routes::<HealthServer<T>>();
//! assert_eq!(inventory.routes()[0].path, "/grpc.health.v1.Health/Check");
//! # Ok(())
//! # }
//! # struct Checks;
//! # #[tonic::async_trait]
//! # impl Health for Checks {
//! #     async fn check(&self, _: tonic::Request<tonic_health::pb::HealthCheckRequest>) -> Result<tonic::Response<tonic_health::pb::HealthCheckResponse>, tonic::Status> { Err(tonic::Status::unimplemented("")) }
//! #     type WatchStream = std::pin::Pin<Box<dyn tonic::codegen::tokio_stream::Stream<Item = Result<tonic_health::pb::HealthCheckResponse, tonic::Status>> + Send>>;
//! #     async fn watch(&self, _: tonic::Request<tonic_health::pb::HealthCheckRequest>) -> Result<tonic::Response<Self::WatchStream>, tonic::Status> { Err(tonic::Status::unimplemented("")) }
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> { routes::<Checks>() }
//! ```
//!
//! # Where a call says who and where
//!
//! In its metadata, which is read as the headers that it is: [`FindSubject`],
//! [`Org::header`]. And in its first message: [`Org::body`],
//! [`Requirement::mode_from_body`], [`Owner::LoadedByBody`]. Of a
//! client's stream no more than that message is awaited, and the method gets
//! the whole of it. A message that is compressed cannot be read so early, and
//! is refused where the decision depends on it.
//!
//! # What lasts longer than its decision
//!
//! A method whose requirement is [bound](Requirement::bound) ends when the same
//! call would no longer be allowed: with the status that it would be refused
//! with, in place of an answer or behind the messages that were sent. The
//! messages of the client end with that status as well, wherever they are read.
//!
//! A client that does not read never comes to the status: its connection is cut
//! a second later where it is a [`Severable`] one, with all calls on it, and is
//! held until it reads or goes away where it is not.
//!
//! # What a client sees
//!
//! A status, and the members of the problem document in a
//! `google.rpc.ErrorInfo`: see [`status()`].

mod admitted;
mod answer;
mod bound;
mod first_message;
mod gated;
mod head;
mod message;
mod methods;
mod route;
mod service;
mod severable;
mod status;

pub use admitted::Admitted;
pub use gated::Gated;
pub use message::message;
pub use service::GatedService;
pub use severable::{Peer, Severable};
pub use status::{DOMAIN, status};

pub use gatepost::{
    Catalogue, Code, Denial, Gate, Health, Inventory, InventoryRoute, Kind, Language, Mode, Org,
    OrgId, Owner, Passage, Permit, PolicyText, ProblemDocument, Reach, ReportOnly, RequestHead,
    Requirement, Resource, Subject, SubjectId,
};
pub use gatepost_enforce::{
    Decided, EntityKey, EntityLoader, FindSubject, Journal, Loaded, NotWritten, Observer, Requires,
    SetupError, SetupProblem, SourceError, Verdict,
};
pub use gatepost_tower::{DeniedResponse, LoadSubject};

#[cfg(feature = "jwt")]
pub use gatepost_enforce::jwt;
#[cfg(feature = "proxy")]
pub use gatepost_enforce::{ProxyError, TrustedProxy};

/// What a service's own tests assert about its methods (feature `testing`).
#[cfg(feature = "testing")]
pub mod testing {
    pub use gatepost_enforce::testing::*;
}
