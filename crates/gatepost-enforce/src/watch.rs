//! Whether anything decides a request, for whoever is around all routes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gatepost::{Requirement, RequirementRecord, RouteAccess};

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
    is_refused: AtomicBool,
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

impl Met {
    /// Whether it is what an inventory has of a route.
    pub fn is(self, access: &RouteAccess) -> bool {
        match (self, access) {
            (Self::Public, RouteAccess::Public(_)) => true,
            (Self::Required(met), RouteAccess::Requires(told)) => {
                RequirementRecord::of(met) == *told
            }
            (Self::Public, RouteAccess::Requires(_))
            | (Self::Required(_), RouteAccess::Public(_)) => false,
        }
    }
}

impl Watch {
    /// Watches a request on its way.
    #[allow(clippy::new_without_default, reason = "each is another request's")]
    pub fn new() -> Self {
        Self::of(false)
    }

    /// A probe: what meets it answers at once, without deciding and without running a handler. It is for tests.
    #[cfg(any(test, feature = "testing"))]
    pub fn probe() -> Self {
        Self::of(true)
    }

    fn of(is_probe: bool) -> Self {
        Self(Arc::new(Watched {
            is_probe,
            met: Mutex::new(None),
            is_refused: AtomicBool::new(false),
        }))
    }

    /// Says what the request came to; the first counts. True of a probe, which is to be answered at once.
    #[must_use]
    pub fn meet(&self, met: Met) -> bool {
        let mut first = self.0.met.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(met);
        self.0.is_probe
    }

    /// Says that this requirement, which the request came to, refused it. One that a request came to behind
    /// another does not count: what a handler was told that asked further is its own to answer with.
    pub fn refuse(&self, by: &'static Requirement) {
        if matches!(self.met(), Some(Met::Required(met)) if std::ptr::eq(met, by)) {
            self.0.is_refused.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the request was refused by what it came to first: then no success may be the answer.
    pub fn is_refused(&self) -> bool {
        self.0.is_refused.load(Ordering::Relaxed)
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

#[cfg(test)]
mod tests {
    use gatepost::Org;

    use super::*;

    const READ: Requirement = Requirement::new("chat", "read").org(Org::none());
    const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::none());

    #[test]
    fn what_a_request_came_to_first_counts() {
        let (read, update) = (READ.kept(), UPDATE.kept());
        let watch = Watch::new();
        assert!(watch.met().is_none());
        assert!(!watch.meet(Met::Required(read)));
        assert!(!watch.meet(Met::Public));
        assert!(matches!(watch.met(), Some(Met::Required(met)) if std::ptr::eq(met, read)));
        watch.refuse(update);
        assert!(!watch.is_refused());
        watch.refuse(read);
        assert!(watch.is_refused());
    }

    #[test]
    fn a_probe_is_answered_at_once() {
        assert!(Watch::probe().meet(Met::Public));
        assert!(Watch::probe().is_probe() && !Watch::new().is_probe());
    }

    #[test]
    fn what_allow_may_say_is_methods() {
        for methods in ["", "GET", "GET, HEAD", "GET,HEAD,M-SEARCH"] {
            assert!(is_list_of_methods(methods.as_bytes()), "{methods}");
        }
        for other in ["get", "balance=7", "GET\u{e4}", "\"X\""] {
            assert!(!is_list_of_methods(other.as_bytes()), "{other}");
        }
        assert!(!is_list_of_methods(&[b'A'; 129]));
    }
}
