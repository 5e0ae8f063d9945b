//! Facts that could not be understood, and for how long they are left alone.

use std::time::Duration;

use crate::head::Head;

/// How long facts that could not be understood are left alone at least, before they are read again.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// When a question was asked, and when its answer was complete.
#[derive(Clone, Copy, Debug)]
pub(in crate::replica) struct Asked {
    pub(in crate::replica) at: Duration,
    pub(in crate::replica) read: Duration,
}

/// Facts of a head that could not be understood.
pub(super) struct Refused {
    token: String,
    pub(super) why: String,
    until: Duration,
}

impl Refused {
    pub(super) fn new(Asked { at, read }: Asked, head: &Head, why: &str) -> Self {
        // What takes long to read is left alone for as long: in between it is heard what is killed.
        let rest = read.saturating_add(read.saturating_sub(at));
        Self {
            token: head.token.clone(),
            why: format!("version {} is not understood: {why}", head.version),
            until: at.saturating_add(SECOND_LOOK).max(rest),
        }
    }

    /// Whether the facts of the head are not worth another look yet.
    pub(super) fn leaves_alone(&self, head: &Head, now: Duration) -> bool {
        self.token == head.token && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_to_read_is_left_alone_for_as_long() {
        let head = |token: &str| Head {
            format: 1,
            lineage: "l".into(),
            epoch: 1,
            version: 7,
            token: token.into(),
            whole: 1,
            kills: gatepost::Kills::default(),
        };
        let seconds = Duration::from_secs;
        for (read, until) in [(10, 12), (11, 12), (20, 30)] {
            let asked = Asked {
                at: seconds(10),
                read: seconds(read),
            };
            let refused = Refused::new(asked, &head("t"), "it is bent");
            let just_before = seconds(until).saturating_sub(Duration::from_millis(1));
            assert!(refused.leaves_alone(&head("t"), just_before));
            assert!(!refused.leaves_alone(&head("t"), seconds(until)));
            assert!(!refused.leaves_alone(&head("u"), seconds(read)));
        }
    }
}
