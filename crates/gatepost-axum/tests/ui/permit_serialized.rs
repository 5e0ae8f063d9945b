//! A permit that is written down for later: what background work carries is a ticket.
//! hint: `serde_core::ser::Serialize` is not implemented for `gatepost::Permit`
//! hint: `serde_core::ser::Serialize` is not implemented for `gatepost_axum::Permit`

fn later(permit: &gatepost::Permit, extracted: &gatepost_axum::Permit) {
    let _ = serde_json::to_string(permit);
    let _ = serde_json::to_string(extracted);
}

fn main() {}
