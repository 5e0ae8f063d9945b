//! A route as plain axum takes it: there is no requirement in it.
//! hint: a route on a `Gated` router takes a requirement
//! hint: use `.get(path, REQUIREMENT, handler)`
//! hint: or `.public(path, get(handler), "why it is public")`

use axum::routing::get;
use gatepost_axum::Gated;

fn routes(gated: Gated) -> Gated {
    gated.route("/orgs/{org}/chats", get(|| async {}))
}

fn main() {}
