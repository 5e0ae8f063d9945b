//! Who is measured, and beside whom.

/// A server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contestant {
    pub(super) name: &'static str,
    /// The server that it is measured beside; none for those that are only measured for others.
    pub(super) beside: Option<&'static str>,
    /// What it answers.
    pub(super) status: u16,
}

/// In the order of their turns: each stands next to the one that it is measured beside, or near it.
pub(super) const ALL: [Contestant; 15] = [
    beside(BARE_AXUM, IDENTITY_AXUM, 201),
    base(IDENTITY_AXUM, 201),
    beside(GATED_AXUM, IDENTITY_AXUM, 201),
    beside("axum, axum-casbin", IDENTITY_AXUM, 201),
    beside(LOGIN_AXUM, IDENTITY_AXUM, 201),
    base(REFUSES_AXUM, 403),
    beside(DENIED_AXUM, REFUSES_AXUM, 403),
    beside(BARE_ACTIX, IDENTITY_ACTIX, 201),
    base(IDENTITY_ACTIX, 201),
    beside(GATED_ACTIX, IDENTITY_ACTIX, 201),
    beside("actix, actix-web-grants", IDENTITY_ACTIX, 201),
    beside("actix, actix-casbin-auth", IDENTITY_ACTIX, 201),
    base(REFUSES_ACTIX, 403),
    beside(DENIED_ACTIX, REFUSES_ACTIX, 403),
    // What the same server shows beside itself is what the clock cannot tell apart.
    beside("axum, identity only, again", IDENTITY_AXUM, 201),
];

pub(super) const BARE_AXUM: &str = "axum, bare";
pub(super) const IDENTITY_AXUM: &str = "axum, identity only";
pub(super) const GATED_AXUM: &str = "axum, gatepost";
pub(super) const LOGIN_AXUM: &str = "axum, axum-login with its own session";
pub(super) const REFUSES_AXUM: &str = "axum, identity and a handler that refuses";
pub(super) const DENIED_AXUM: &str = "axum, gatepost refuses";
pub(super) const BARE_ACTIX: &str = "actix, bare";
pub(super) const IDENTITY_ACTIX: &str = "actix, identity only";
pub(super) const GATED_ACTIX: &str = "actix, gatepost";
pub(super) const REFUSES_ACTIX: &str = "actix, identity and a handler that refuses";
pub(super) const DENIED_ACTIX: &str = "actix, gatepost refuses";

/// What a pair may cost at most: the one, the other, times.
pub(super) const GOALS: [(&str, f64); 4] = [
    (GATED_AXUM, 1.03),
    (GATED_ACTIX, 1.03),
    (DENIED_AXUM, 1.1),
    (DENIED_ACTIX, 1.1),
];

const fn base(name: &'static str, status: u16) -> Contestant {
    Contestant {
        name,
        beside: None,
        status,
    }
}

const fn beside(name: &'static str, other: &'static str, status: u16) -> Contestant {
    Contestant {
        name,
        beside: Some(other),
        status,
    }
}

impl Contestant {
    /// Whose refusal it answers with, where it is told what to answer.
    pub(super) fn answers_like(self) -> Option<&'static str> {
        match self.name {
            REFUSES_AXUM => Some(DENIED_AXUM),
            REFUSES_ACTIX => Some(DENIED_ACTIX),
            _ => None,
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        ALL.into_iter().find(|contestant| contestant.name == name)
    }
}
