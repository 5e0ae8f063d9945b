//! Whether anything decides a request, for whoever is around all routes.

use std::sync::{Arc, Mutex, PoisonError};

use gatepost::Requirement;

/// Left in a request's extensions by whoever wants to know whether the request is decided.
///
/// What enforces a requirement, and what makes a route public, [meets](Self::meet) it. It shows what a
/// request came to, and decides nothing: a request in which it lies is decided like every other.
#[derive(Clone, Debug)]
pub struct Watch(Arc<Watched>);

#[derive(Debug)]
struct Watched {
    is_probe: bool,
    met: Mutex<Option<Met>>,
}

/// What a request came to first.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a route has a requirement or says why it has none"
)]
pub enum Met {
    /// A route with this requirement.
    Required(&'static Requirement),
    /// A route that says why it has none.
    Public,
}

impl Watch {
    /// Watches a request on its way.
    #[allow(clippy::new_without_default, reason = "each is another request's")]
    pub fn new() -> Self {
        Self::of(false)
    }

    /// A probe: what meets it answers at once, without deciding and without running a handler. It is for tests.
    pub fn probe() -> Self {
        Self::of(true)
    }

    fn of(is_probe: bool) -> Self {
        let met = Mutex::new(None);
        Self(Arc::new(Watched { is_probe, met }))
    }

    /// Says what the request came to; the first counts. True of a probe, which is to be answered at once.
    #[must_use]
    pub fn meet(&self, met: Met) -> bool {
        let mut first = self.0.met.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(met);
        self.0.is_probe
    }

    /// Whether it is a probe.
    pub fn is_probe(&self) -> bool {
        self.0.is_probe
    }

    /// What the request came to, if anything.
    pub fn met(&self) -> Option<Met> {
        *self.0.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the value of `Allow` (RFC 9110, 10.2.1) is a list of methods in upper case, and no place for
/// anything else that an undecided handler could tell.
pub fn is_list_of_methods(allow: &[u8]) -> bool {
    let is_of_methods = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'-' | b',' | b' ');
    allow.len() <= 128 && allow.iter().all(is_of_methods)
}
