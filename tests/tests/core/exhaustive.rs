//! The whole of a small world: every combination, decided by the engine and by the oracle.
//!
//! The product of all dimensions is out of reach, so there are five tables, each exhaustive over
//! the dimensions that the semantics lets interact, with the others held where they do not hide
//! anything. A check is never alone in its table: what stands before it and behind it varies too,
//! so that a wrong order shows.
//!
//! | table | exhaustive over |
//! | --- | --- |
//! | `switches` | site switch, access, governed or not, org switch at org and parent, both modes' site switch, both modes' org switch at org and parent; who asks, mode, org |
//! | `grants` | site roles, org roles at org and at parent, `anyone`, visibility of org and parent, access, governed or not; mode, owner, org |
//! | `identity` | status and kind in the policy, claimed kind, `acting_for`, scopes, owner, mode, what org roles reach, org named or default |
//! | `floors` | site floor and default, `min_role` at org and parent, levels held at org and parent, `all_orgs`, governed or not; mode, owner |
//! | `places` | named, unknown and absent orgs under each rule, default org, memberships and their expiry, status and visibility of org and parent, before, at and after; mode; alone or through an agent |

mod floors;
mod grants;
mod identity;
mod places;
mod switches;

use std::collections::BTreeSet;

use gatepost::{Mode, RequestFields};
use gatepost_tests::question::Question;
use gatepost_tests::twin::Twin;
use serde_json::Value;

const MODES: [Option<Mode>; 3] = [None, Some(Mode::Foreground), Some(Mode::Background)];

#[test]
fn the_tables_hold_at_least_400_000_cells() {
    let cells = [
        switches::CELLS,
        grants::CELLS,
        identity::CELLS,
        floors::CELLS,
        places::CELLS,
    ];
    assert!(cells.iter().sum::<usize>() >= 400_000, "{cells:?}");
}

/// What both say to each of some questions, under each of some policies.
#[derive(Default)]
struct Table {
    cells: usize,
    wrong: Vec<String>,
    outcomes: BTreeSet<&'static str>,
}

impl Table {
    fn fill(&mut self, policy: &Value, questions: &[Question]) {
        let twin = Twin::of(policy);
        self.cells += questions.len();
        for question in questions {
            let (engine, oracle) = (twin.engine(question), twin.oracle(question));
            self.outcomes.insert(match engine.code {
                Some(code) => code,
                None if engine.via_all_orgs => "via_all_orgs",
                None => engine.reach.unwrap_or(engine.decision),
            });
            if engine != oracle && self.wrong.len() < 5 {
                let request = &question.oracle;
                self.wrong.push(format!(
                    "engine {engine}\noracle {oracle}\n{request:?}\n{policy}"
                ));
            }
        }
    }

    /// Both agreed everywhere, the count is right, and each of these outcomes is somewhere in the table.
    fn assert(self, cells: usize, outcomes: &[&'static str]) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n\n"));
        assert_eq!(self.cells, cells);
        assert_eq!(self.outcomes, outcomes.iter().copied().collect());
    }
}

/// A request to read a chat, to be filled in.
fn read_chat() -> RequestFields {
    RequestFields {
        resource: "chat".to_owned(),
        action: "read".to_owned(),
        ..RequestFields::default()
    }
}

/// An object's entry where there is a value.
fn set(object: &mut Value, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        object[key] = value.into();
    }
}
