//! Gatepost as a [Tower](https://docs.rs/tower) layer over `http` 1.
//!
//! [`RequireLayer`] goes around one handler, with that handler's
//! [`Requirement`](gatepost::Requirement). The inner service is not called
//! before the decision, and a body is read only where the requirement says
//! that something stands in it.
//!
//! # What it logs
//!
//! One event a decision, with the target `gatepost::decision`: an allow at
//! `debug`, a denial or a request that cannot be read at `info`, an error of
//! the service at `error`. Its fields:
//!
//! | field | what |
//! | --- | --- |
//! | `outcome` | `allow`, `deny` or `error` |
//! | `decision` | the id that is also in the answer |
//! | `code`, `tier` | why not, where it was not |
//! | `resource`, `action`, `mode` | what was asked for |
//! | `org`, `subject`, `acting_for`, `whose` | where and by whom |
//! | `via` | `all_orgs`, where that opened the org |
//! | `version` | the policy version, once there was one to read |
//! | `reason` | what a request that could not be read had wrong |
//!
//! The same `decision`, `outcome` and `code` are recorded on the current span
//! where it has declared the fields `gatepost.decision`, `gatepost.outcome`
//! and `gatepost.code`.

mod answer;
mod body;
mod enforcer;
mod entity;
mod event;
mod future;
mod layer;
mod source;
mod walk;

pub use answer::{DeniedResponse, not_found, response};
pub use enforcer::{Enforcer, PathParams, SetupError};
pub use entity::{Entity, EntityKey, EntityLoader, Loaded};
pub use future::ResponseFuture;
pub use layer::{Require, RequireLayer};
pub use source::{FindSubject, LoadSubject, SourceError};
