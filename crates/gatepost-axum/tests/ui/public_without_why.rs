//! A public route that does not say why.
//! hint: this method takes 3 arguments but 2 arguments were supplied
//! hint: why: &str

use axum::routing::get;
use gatepost_axum::Gated;

fn routes(gated: Gated) -> Gated {
    gated.public("/healthz", get(|| async {}))
}

fn main() {}
