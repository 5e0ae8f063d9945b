//! Which plain routes stand in which gated scope.
//!
//! actix tells the whole path of each resource, and what it was called where it was mounted. A resource that
//! was called more than what follows the scope's own path was mounted outside of the scope.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::entry::{Entry, Form};
use crate::introspect::{Mounted, Node};

/// The gated scopes of an application, and all of its paths.
pub(super) struct Covers<'m> {
    scopes: Vec<(&'m str, &'m Arc<Entry>)>,
    nodes: BTreeMap<&'m str, &'m Node>,
}

impl<'m> Covers<'m> {
    pub(super) fn of(mounted: &'m Mounted) -> Self {
        let nodes = mounted.nodes.iter();
        let mut scopes = Vec::new();
        for node in nodes.clone() {
            let entries = node.marks.iter();
            let entries = entries.filter_map(|id| mounted.entries.get(id));
            let of_scopes = entries.filter(|(_, entry)| entry.form == Form::Scope);
            scopes.extend(of_scopes.map(|(_, entry)| (&*node.path, entry)));
        }
        Self {
            scopes,
            nodes: nodes.map(|node| (&*node.path, node)).collect(),
        }
    }

    /// The innermost scope around what is plain at a path; several where guards choose between them.
    pub(super) fn of_node(&self, node: &Node) -> Vec<&'m Arc<Entry>> {
        let scopes = self.scopes.iter();
        let around: Vec<_> = scopes
            .filter(|(scope, _)| self.is_in(node, scope))
            .collect();
        let innermost = around.iter().map(|(scope, _)| scope.len()).max();
        let innermost = around
            .iter()
            .filter(|(scope, _)| Some(scope.len()) == innermost);
        innermost.map(|(_, entry)| *entry).collect()
    }

    fn is_in(&self, node: &Node, scope: &str) -> bool {
        if node.path == scope {
            // What is in the scope at its own path has no name of its own; the scope's is that of what is beside it.
            return node.patterns.iter().any(String::is_empty);
        }
        if !is_under(&node.path, scope) {
            return false;
        }
        let way = self.nodes.values().filter(|other| {
            let is_on_it = other.path == node.path || is_under(&node.path, &other.path);
            is_on_it && is_under(&other.path, scope)
        });
        let mut names = way.flat_map(|on_it| names(on_it).map(move |name| (on_it, name)));
        names.all(|(on_it, name)| name.len() + scope.len() <= on_it.path.len())
    }

    /// Two names of one path, where it was mounted in two places.
    pub(super) fn two_names<'n>(&self, node: &'n Node) -> Option<[&'n str; 2]> {
        let mut names: Vec<_> = names(node).collect();
        names.sort_unstable_by_key(|name| name.len());
        let [one, .., other] = *names else {
            return None;
        };
        // A resource of several patterns has all of them wherever it is.
        let stem = node.path.strip_suffix(other)?;
        let sibling = self.nodes.get(&*format!("{stem}{one}"));
        let is_one_resource = sibling.is_some_and(|sibling| {
            sibling.path != node.path
                && [one, other]
                    .iter()
                    .all(|name| sibling.patterns.iter().any(|pattern| pattern == name))
        });
        (!is_one_resource).then_some([one, other])
    }
}

/// What ends the path, and is a name of what is there; the other patterns of a resource are those of other paths.
fn names(node: &Node) -> impl Iterator<Item = &str> {
    let patterns = node.patterns.iter().map(String::as_str);
    patterns.filter(|name| !name.is_empty() && node.path.ends_with(name))
}

fn is_under(path: &str, scope: &str) -> bool {
    path.strip_prefix(scope)
        .is_some_and(|rest| rest.starts_with('/'))
}
