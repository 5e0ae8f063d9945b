//! A requirement whose resource or action could be no name.
//! hint: a resource's name is of the form [a-z][a-z0-9_-]{0,62}
//! hint: an action's name is of the form [a-z][a-z0-9_-]{0,62}

use gatepost_axum::{Org, Requirement};

const RESOURCE: Requirement = Requirement::new("Chat", "read").org(Org::path("org"));
const ACTION: Requirement = Requirement::new("chat", "read all").org(Org::path("org"));

fn main() {
    let _ = (RESOURCE, ACTION);
}
