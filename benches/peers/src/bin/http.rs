//! What a server's processor does for a request with an authorization layer and without, over sockets.
//!
//! The route and the handler are those of `layers`. Who asks is in a bearer token that each server verifies in
//! the same way, but the bare ones, which look at nothing.
//!
//! It stands by itself: the benches' own library brings an allocator that counts, and no server should pay for that.

#[path = "../casbin.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "another bench uses the rest of it"
)]
mod casbin;
#[path = "../http/mod.rs"]
mod http;
#[path = "../scene.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "another bench uses the rest of it"
)]
mod scene;

/// What the modules above share.
mod contest {
    /// Why something could not be set up.
    pub(crate) type Failure = Box<dyn std::error::Error>;
}

fn main() -> Result<(), contest::Failure> {
    http::run(std::env::args().skip(1))
}
