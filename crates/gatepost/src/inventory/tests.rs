use super::*;
use crate::requirement::{Org, Owner};
use crate::vocabulary::Mode;

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);
const READ: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org").and(Org::header("x-org")))
    .owner(Owner::Loaded)
    .hidden()
    .bound();

fn inventory() -> Inventory {
    Inventory::new([
        InventoryRoute::public("*", "/healthz", "probes | have no identity").at("src/main.rs:7"),
        InventoryRoute::requiring("POST", "/orgs/{org}/chats", &CREATE),
        InventoryRoute::requiring("GET", "/orgs/{org}/chats", &READ),
    ])
}

#[test]
fn what_is_written_is_read_again() {
    let inventory = inventory();
    assert_eq!(Inventory::from_json(&inventory.to_json()), Ok(inventory));
}
