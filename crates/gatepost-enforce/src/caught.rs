//! Panics of a service's own functions: an error of that request, and of no other.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt;

/// A function of the service panicked; what it said is kept for the log.
#[derive(Debug)]
pub(crate) struct Panicked(String);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a function of the service panicked: {}", self.0)
    }
}

impl std::error::Error for Panicked {}

impl From<Box<dyn Any + Send>> for Panicked {
    fn from(payload: Box<dyn Any + Send>) -> Self {
        let said = match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => payload.downcast::<&'static str>().map_or_else(
                |_| "it did not say why".to_owned(),
                |text| (*text).to_owned(),
            ),
        };
        Self(said)
    }
}

/// Runs what may panic. What it was about to change is thrown away by the caller, so nothing half done is seen.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(run)).map_err(Panicked::from)
}

/// [`caught`] for what has to be awaited.
pub(crate) async fn caught_async<T>(run: impl Future<Output = T>) -> Result<T, Panicked> {
    AssertUnwindSafe(run)
        .catch_unwind()
        .await
        .map_err(Panicked::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panic_said_is_kept() {
        let said = |run: fn()| caught(run).unwrap_err().to_string();
        assert!(said(|| panic!("of {}", 1)).ends_with(": of 1"));
        assert!(said(|| panic!("plain")).ends_with(": plain"));
        assert!(said(|| std::panic::panic_any(7)).ends_with("did not say why"));
        assert_eq!(caught(|| 7).unwrap(), 7);
    }
}
