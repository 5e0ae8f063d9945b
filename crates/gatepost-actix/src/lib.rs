//! Gatepost for [actix-web](https://docs.rs/actix-web): routes, resources and scopes behind their requirements.
//!
//! ```
//! use actix_web::{App, HttpMessage, HttpRequest, HttpResponse, web};
//! use gatepost_actix::{Gate, Gated, Mode, Org, Owner, Permit, PolicyText, Requirement, SourceError, Subject};
//!
//! const CREATE_CHAT: Requirement =
//!     Requirement::new("chat", "create").mode(Mode::Foreground).org(Org::path("org")).owner(Owner::Subject);
//!
//! async fn create_chat(permit: Permit) -> HttpResponse {
//!     HttpResponse::Created().body(format!("{} has a chat", permit.subject()))
//! }
//!
//! // Your own authentication has run before and left the subject in the request's extensions.
//! fn who(request: &HttpRequest) -> Result<Option<Subject>, SourceError> {
//!     Ok(request.extensions().get::<Subject>().cloned())
//! }
//!
//! fn routes(app: &mut web::ServiceConfig, gate: &Gated) {
//!     app.service(gate.resource("/orgs/{org}/chats").post(CREATE_CHAT, create_chat));
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = PolicyText::toml("version = 1\n[resources]\nchat = [\"create\"]\n");
//! let gated = Gated::new(Gate::fixed(policy.compile(1)?), who);
//! let routes = gated.routes(routes)?;
//! let route = &routes.inventory().routes()[0];
//! assert_eq!((&*route.method, &*route.path), ("POST", "/orgs/{org}/chats"));
//!
//! // For `HttpServer::new(move || ..)`.
//! let app = move || App::new().configure(&*routes).wrap(gated.only_decided());
//! # drop(app());
//! # Ok(())
//! # }
//! ```
//!
//! # Which form for what
//!
//! | to | use |
//! | --- | --- |
//! | protect the handlers of a path | [`gate.resource(path)`](Gated::resource) |
//! | protect one in a resource of your own, with middleware or guards beside it | [`gate.post(REQUIREMENT, handler)`](Gated::post) and its like |
//! | protect everything in a scope | [`gate.scope(path, REQUIREMENT)`](Gated::scope) |
//! | serve to everybody, and say why | [`gate.public(method, why, handler)`](Gated::public), [`gate.public_scope(path, why)`](Gated::public_scope) |
//! | put a requirement around something that has some of its own | [`.wrap(gate.require(REQUIREMENT))`](Gated::require) |
//! | call another handler for those who may not | [`gate.choice(path)`](Gated::choice) |
//! | let a guard of yours and a requirement choose together | [`gate.guard(REQUIREMENT)`](Gated::guard), with [`gate.instead()`](Gated::instead) for the route that takes over and [`gate.denials()`](Gated::denials) as `default_service` |
//!
//! All that take a requirement protect but the last, and a refusal of theirs is the answer. A guard only chooses: where it says no,
//! actix looks for the next route, and answers 404 or 405 if there is none. So a guarded route has its
//! requirement as well, gated routes do not take a refused request over unless they say so, and
//! `gate.denials()` answers with the refusal instead of the 404.
//!
//! # What no route is forgotten by
//!
//! The routes are registered in one function, and [`Gated::routes`] tries it out before anything is served: what
//! has no requirement and does not say why it is public is refused, with its path. What was tried out is the
//! [inventory](Routes::inventory), to be kept in a file that is reviewed, and what
//! [`gate.capabilities(path)`](Gated::capabilities) tells a subject that it may do.
//!
//! Two more see what is served in fact, whoever registered it: [`gate.only_decided()`](Gated::only_decided)
//! around the application lets nothing out that nothing decided; and `testing::assert_decided` (feature
//! `testing`) asks every route of it, in the service's tests.
//!
//! # What cannot be found
//!
//! | found by | what |
//! | --- | --- |
//! | start-up | plain resources, routes, scopes, services of other crates; plain methods beside gated ones; a route for the paths of which something else answers, a resource of a broader pattern or a scope in front of it; a `HEAD` of its own beside `GET` |
//! | `assert_decided` | whatever else a request without special guards comes to, defaults too |
//! | [`only_decided`](Gated::only_decided) | whatever is asked; and a success in place of a refusal |
//! | nothing | code that a decided request passes and that answers by itself, as a handler that hands a request on to other routes; a second server |
//!
//! actix tells the methods and guards of a path, and not which belong to which. So start-up does not find what
//! stands on a path beside a gated route and is not set apart from it by a method: a route for every method, a
//! `default_service`, a sibling that a guard chooses, a scope of a gated scope's path that a guard chooses. Nor
//! does it find what the `App` has beside these routes, and what is registered in the workers alone. The other
//! two, which see the application itself, do.
//!
//! Around all in a [scope](Gated::scope) is its requirement, and all in a [public one](Gated::public_scope) is
//! public: so there such a route or default is decided, by what is around it, and is not in the inventory.
//!
//! # Who asks
//!
//! A function over the request, for what your authentication left there: an `Identity` or a `Session` of
//! actix's own crates, or a [`Subject`] in the extensions as above. What has to be awaited is a
//! [`LoadSubject`]. Two sources need no authentication of yours: `jwt::Jwt` (feature `jwt`) verifies a signed
//! token, and `TrustedProxy` (feature `proxy`) believes a header, from the proxy's own addresses alone:
//!
//! ```
//! # #[cfg(feature = "proxy")]
//! # mod service {
//! use gatepost_actix::{Gate, Gated, PolicyText, TrustedProxy};
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! # let gate = Gate::fixed(PolicyText::toml("version = 1").compile(1)?);
//! let gated = Gated::new(gate, TrustedProxy::new("x-forwarded-user", ["10.0.0.5"])?);
//! # drop(gated);
//! # Ok(())
//! # }
//! # }
//! ```
//!
//! # The order of middleware
//!
//! actix runs the middleware that was wrapped last first. Authentication that leaves the subject in the
//! request is wrapped on the `App` or on a scope outside of the gated routes: there it has run in every
//! order. A gate that runs before it finds nobody, and answers 401.
//!
//! # What outlives the decision
//!
//! A request whose requirement is [bound](Requirement::bound) ends when its permit does, on every form above
//! but a guard: before there is an answer, that is the refusal, and the handler is dropped; an event stream
//! ends with an event `denied`, a WebSocket with a close frame, and every other body breaks off. A WebSocket of
//! a route that is not bound is `ws::handle` (feature `ws`), which also ends what it receives.
//!
//! A client that does not read is asked nothing and told nothing. That it is cut as well needs a handle of its
//! connection: `HttpServer::new(..).on_connect(gatepost_actix::connection)`, see [`connection()`]. And actix goes on
//! for a client that has hung up, until it writes, unless told
//! [`h1_allow_half_closed(false)`](actix_web::HttpServer::h1_allow_half_closed).

mod answer;
mod body;
mod bound;
mod capabilities;
mod choice;
mod connection;
mod entry;
mod extract;
mod fill;
mod gated;
mod guard;
mod handler;
mod head;
mod identify;
mod introspect;
mod only_decided;
mod pattern;
mod refused;
mod resource;
mod route;
mod routes;
mod scope;
mod service;
mod setup;
mod source;
#[cfg(feature = "testing")]
pub mod testing;
mod trial;
mod watched;
#[cfg(feature = "ws")]
pub mod ws;

pub use answer::DeniedResponse;
pub use capabilities::CapabilitiesResource;
pub use choice::Choice;
pub use connection::connection;
pub use extract::{Entity, Passage, Permit, PermitFor, Rejection};
pub use gated::Gated;
pub use guard::RequirementGuard;
pub use identify::{Identify, IdentifyService};
pub use only_decided::{OnlyDecided, OnlyDecidedFuture, OnlyDecidedService};
pub use resource::GatedResource;
pub use routes::Routes;
pub use service::{Require, RequireService, ResponseFuture};
pub use source::LoadSubject;

pub use gatepost::{
    Catalogue, Code, Denial, Gate, Health, Inventory, InventoryRoute, Kind, Language, Mode, Org,
    OrgId, Owner, PolicyText, ProblemDocument, Reach, ReportOnly, RequestHead, Requirement,
    Resource, RouteAccess, Subject, SubjectId, Words,
};
pub use gatepost_enforce::{
    Decided, EntityKey, EntityLoader, FindSubject, Journal, Loaded, NotWritten, Observer, OwnBody,
    Requires, SetupError, SetupProblem, SourceError, Verdict,
};

#[cfg(feature = "jwt")]
pub use gatepost_enforce::jwt;
#[cfg(feature = "proxy")]
pub use gatepost_enforce::{ProxyError, TrustedProxy};
