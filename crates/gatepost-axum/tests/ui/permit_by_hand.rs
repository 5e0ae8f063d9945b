//! A permit that no gate made.
//! hint: cannot construct `gatepost_axum::Permit` with struct literal syntax due to private fields
//! hint: cannot construct `gatepost::Permit` with struct literal syntax due to private fields

fn extracted() -> gatepost_axum::Permit {
    gatepost_axum::Permit {}
}

fn decided() -> gatepost::Permit {
    gatepost::Permit {}
}

fn main() {}
