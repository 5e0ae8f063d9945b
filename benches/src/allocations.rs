//! Counts allocations of the current thread.
//!
//! The allocator comes with the `allocation-counter` crate and is in place in
//! every binary that links this one. Its bookkeeping costs some nanoseconds an
//! allocation, so timed code runs [`uncounted`].

/// What a piece of work asked of the allocator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocations {
    /// Allocations made. A reallocation counts as one.
    pub count: u64,
    /// Bytes asked for but not given back when the work was done.
    pub live_bytes: i64,
}

/// Runs `work` and counts what the current thread allocates meanwhile.
///
/// Work done on other threads is not seen: drive async code on a
/// current-thread runtime.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, Allocations) {
    let mut result = None;
    let info = allocation_counter::measure(|| result = Some(work()));
    let allocations = Allocations {
        count: info.count_total,
        live_bytes: info.bytes_current,
    };
    (finished(result), allocations)
}

/// Runs `work` with the counting switched off for the current thread.
pub fn uncounted<T>(work: impl FnOnce() -> T) -> T {
    let mut result = None;
    allocation_counter::opt_out(|| result = Some(work()));
    finished(result)
}

#[expect(
    clippy::expect_used,
    reason = "the allocator's functions call their closure exactly once"
)]
fn finished<T>(result: Option<T>) -> T {
    result.expect("the work ran")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    fn an_allocation_is_counted_with_the_bytes_it_holds() {
        let (kept, seen) = counted(|| {
            drop(black_box(Box::new(1_u64)));
            black_box(Box::new(2_u64))
        });
        assert_eq!(*kept, 2);
        assert_eq!(
            seen,
            Allocations {
                count: 2,
                live_bytes: 8
            }
        );
    }

    #[test]
    fn uncounted_work_is_not_counted() {
        let ((), seen) = counted(|| uncounted(|| drop(black_box(Box::new(1_u64)))));
        assert_eq!(
            seen,
            Allocations {
                count: 0,
                live_bytes: 0
            }
        );
    }
}
