//! Gatepost as a [Tower](https://docs.rs/tower) layer over `http` 1.
//!
//! [`RequireLayer`] goes around one handler, with that handler's
//! [`Requirement`](gatepost::Requirement). The inner service is not called
//! before the decision, and a body is read only where the requirement says
//! that something stands in it.
//!
//! [`BoundLayer`] is for requirements that are
//! [bound](gatepost::Requirement::bound): what it wraps ends when its request
//! would no longer be allowed.
//!
//! [`OnlyDecidedLayer`] goes around all routes: what neither a requirement nor
//! a public route answered for does not leave.
//!
//! What it logs is told in [`gatepost_enforce`].

mod answer;
mod bind;
mod body;
mod bound;
mod enforcer;
mod future;
mod head;
mod layer;
mod only_decided;
mod route;
mod severable;

pub use answer::{DeniedResponse, not_found, probed, response, send};
pub use bind::{Bind, BoundLayer};
pub use bound::{Binding, BoundBody, Ending};
pub use enforcer::{Enforcer, LoadSubject};
pub use future::ResponseFuture;
pub use head::Head;
pub use layer::{Require, RequireLayer};
pub use only_decided::{Deciding, OnlyDecided, OnlyDecidedLayer};
pub use severable::{Connection, Severable};

pub use gatepost_enforce::{
    Decided, Entity, EntityKey, EntityLoader, FindSubject, Journal, Loaded, NotThere, NotWritten,
    Observer, OwnBody, RouteError, SourceError, Verdict,
};
