//! What the log writes of a decision is enough to take it again.

use std::sync::{Arc, Mutex};

use super::*;
use crate::record::LogRecord;
use crate::seen::Seen;

/// Takes down what the log would write.
#[derive(Clone, Debug, Default)]
struct Written(Arc<Mutex<Vec<LogRecord>>>);

impl Observer for Written {
    fn decided(&self, decided: &Decided<'_>) {
        self.0
            .lock()
            .unwrap()
            .push(Seen::of(decided).record("chats"));
    }
}

#[test]
fn a_record_is_answered_again_as_it_was_and_by_another_policy_as_it_would_be() {
    let policies = policies();
    let compile = |(version, text): (u64, &PolicyText)| text.compile(version).unwrap();
    let all: Vec<Snapshot> = (1..).zip(&policies).map(compile).collect();
    let (mut answered, mut open) = (0, 0);
    for live in &all {
        for ask in asks() {
            for is_read in [false, true] {
                let written = Written::default();
                decide_and_tell(live, ask, is_read, &written);
                let record = written.0.lock().unwrap().pop().unwrap();
                let replay = record.replay().unwrap();
                assert!(replay.is_answered_as_recorded(live, &record), "{record:?}");
                for other in &all {
                    match decide(other, &replay.as_request()) {
                        Step::Need(_) => open += 1,
                        Step::Done(step) => {
                            answered += 1;
                            let is = by_hand(other, ask);
                            let allowed = matches!(step, Decision::Allow(_));
                            assert_eq!(allowed, is == Said::Allow, "{is:?} {record:?}");
                        }
                    }
                }
            }
        }
    }
    assert!(answered > 1_000 && open > 1_000, "{answered} {open}");
}
