//! In which order roles are compiled that include each other.

use super::Map;
use super::compile::Problems;
use super::roles::Group;

/// The order in which a group's roles can be compiled: what is included first.
pub(super) struct Inclusion<'d> {
    order: Vec<&'d str>,
    state: Map<&'d str, State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Done,
}

impl<'d> Inclusion<'d> {
    /// Walks with a stack of its own: a long chain of roles must not overflow the thread's.
    pub(super) fn order(group: &Group<'d>, problems: &mut Problems) -> Vec<&'d str> {
        let mut walk = Self {
            order: Vec::new(),
            state: Map::default(),
        };
        for (name, role) in group.roles {
            let mut stack = Vec::new();
            if !walk.state.contains_key(name.as_str()) {
                walk.state.insert(name, State::Open);
                stack.push((name.as_str(), role.include.iter().enumerate()));
            }
            while let Some((at, rest)) = stack.last_mut() {
                let at = *at;
                let Some((index, included)) = rest.next() else {
                    walk.state.insert(at, State::Done);
                    walk.order.push(at);
                    stack.pop();
                    continue;
                };
                let Some((below, role)) = group.roles.get_key_value(included) else {
                    continue;
                };
                match walk.state.get(below.as_str()) {
                    Some(State::Done) => {}
                    Some(State::Open) => {
                        let path = group.path.clone().key(at).key("include").index(index);
                        problems.add(
                            path,
                            format!("`{at}` includes `{below}`, which includes `{at}`: a circle"),
                        );
                    }
                    None => {
                        walk.state.insert(below, State::Open);
                        stack.push((below, role.include.iter().enumerate()));
                    }
                }
            }
        }
        walk.order
    }
}
