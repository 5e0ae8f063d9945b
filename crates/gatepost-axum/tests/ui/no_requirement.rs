//! A route whose requirement was forgotten.
//! hint: this method takes 3 arguments but 2 arguments were supplied
//! hint: argument #2 of type `Requirement` is missing

use gatepost_axum::Gated;

async fn list() {}

fn routes(gated: Gated) -> Gated {
    gated.get("/orgs/{org}/chats", list)
}

fn main() {}
