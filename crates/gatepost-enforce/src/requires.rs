//! Requirements as types.

use gatepost::Requirement;

/// Names a requirement as a type, for handlers that take the permit of no other.
///
/// ```
/// use gatepost::{Org, Requirement};
/// use gatepost_enforce::Requires;
///
/// struct DeleteChat;
///
/// impl Requires for DeleteChat {
///     const REQUIREMENT: Requirement = Requirement::new("chat", "delete").org(Org::path("org"));
/// }
///
/// assert_eq!(DeleteChat::REQUIREMENT.to_string(), "chat:delete");
/// ```
pub trait Requires {
    /// The requirement.
    const REQUIREMENT: Requirement;
}
