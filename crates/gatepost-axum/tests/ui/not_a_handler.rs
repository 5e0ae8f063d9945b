//! A function that is no handler, since what it takes is no extractor.
//! hint: is no handler that can stand behind a requirement
//! hint: a gated route takes path, requirement and an async function
//! hint: `#[axum::debug_handler]` on it says which is none

use gatepost_axum::{Gated, Org, Requirement};

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));

async fn list(_: u8) {}

fn routes(gated: Gated) -> Gated {
    gated.get("/orgs/{org}/chats", READ, list)
}

fn main() {}
