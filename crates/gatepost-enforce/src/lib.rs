//! What Gatepost's adapters share: a request's way through its requirement.
//!
//! An adapter shows a request as a [`RequestHead`](gatepost::RequestHead), begins with
//! [`Route::begin`], awaits [`Route::finish`] where something has to be awaited, and goes
//! on with the handler or answers with [`Route::answer`]. It decides nothing.
//! A service uses the adapter for its framework, not this crate.
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
//! | `enforced` | `false` with a `deny` of a route that only reports: the request went on |
//! | `decision` | the id that is also in the answer |
//! | `code`, `tier` | why not, where it was not |
//! | `resource`, `action`, `mode` | what was asked for |
//! | `org`, `subject`, `acting_for`, `whose` | where and by whom |
//! | `via` | `all_orgs`, where that opened the org |
//! | `version` | the policy version, once there was one to read |
//! | `reason` | what a request that could not be read had wrong |
//!
//! A permit that is revoked while something is [bound](Bond) to it is one more event, `revoked`, with the
//! decision of the permit as `of`.
//!
//! The same `decision`, `outcome`, `code` and `enforced` are recorded on the current span
//! where it has declared the fields `gatepost.decision`, `gatepost.outcome`, `gatepost.code`
//! and `gatepost.enforced`, the last of every denial: `true` where the request was refused.
//! Ids hold no control characters, so a client cannot write a line of the log.

mod answer;
mod audit;
mod bond;
mod capabilities;
mod caught;
mod enforcer;
mod entity;
mod event;
mod memberships;
mod observe;
mod pace;
mod param;
mod registered;
mod requires;
mod route;
mod seen;
mod setup;
mod sever;
mod source;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod walk;
mod watch;

pub use answer::{Answer, Answers, HeaderField, Headers, OwnBody};
pub use audit::{audit, twice};
pub use bond::{Bond, LastWord};
pub use capabilities::Capabilities;
pub use enforcer::Enforcer;
pub use entity::{Entity, EntityKey, EntityLoader, Loaded, NotThere};
pub use event::{permit_missing, record_rejection, undecided};
pub use observe::{Decided, Journal, NotWritten, Observer, Verdict};
pub use pace::Pace;
pub use param::is_well_encoded;
pub use registered::{Registered, inventory};
pub use requires::Requires;
pub use route::{Begun, Route};
pub use setup::{RouteError, SetupError, SetupProblem};
pub use sever::{GRACE, Severing};
#[cfg(feature = "jwt")]
pub use source::jwt;
pub use source::{FindSubject, SourceError, find_subject, load_subject};
#[cfg(feature = "proxy")]
pub use source::{ProxyError, TrustedProxy};
pub use walk::{Admitted, BodySource, Walk};
pub use watch::{Met, Watch, is_list_of_methods};
