//! What stands in front of what was registered, and answers for it.
//!
//! actix takes the first resource that a path and its guards fit, and does not leave a scope again that fits.

use std::sync::Arc;

use actix_web::dev::ResourceDef;

use crate::entry::{Entry, Form};
use crate::introspect::{Mounted, Node, is_scope_mark, scope_mark};

/// What may stand in front of something.
pub(super) struct Fronts<'m> {
    mounted: &'m Mounted,
    scopes: Vec<Scope<'m>>,
}

/// A gated scope without guards of the service: it takes all that its path fits.
struct Scope<'m> {
    place: usize,
    entry: &'m Arc<Entry>,
    path: &'m str,
    pattern: ResourceDef,
}

impl<'m> Fronts<'m> {
    pub(super) fn of(mounted: &'m Mounted) -> Self {
        let marks = mounted.nodes.iter();
        let marks = marks.flat_map(|node| node.marks.iter().map(move |id| (node, id)));
        let scopes = marks.filter_map(|(node, id)| {
            let (place, entry) = mounted.entries.get(id)?;
            let is_it = entry.form == Form::Scope && !is_chosen(mounted, node, *id);
            is_it.then(|| Scope {
                place: *place,
                entry,
                path: &node.path,
                pattern: ResourceDef::prefix(&*node.path),
            })
        });
        Self {
            mounted,
            scopes: scopes.collect(),
        }
    }

    /// What answers for all that was registered here.
    pub(super) fn of_entry(&self, node: &Node, entry: &Entry) -> Option<String> {
        self.scope(node, entry).or_else(|| self.route(node, entry))
    }

    /// A gated scope; what is in it was mounted before the scope itself.
    fn scope(&self, node: &Node, entry: &Entry) -> Option<String> {
        let (own, _) = self.mounted.entries.get(&entry.id)?;
        let scope = self.scopes.iter().find(|scope| {
            let mut paths = node.first.iter();
            let is_own = scope.path == node.path;
            scope.place < *own
                && (is_own || !node.first.is_empty())
                && (is_own || paths.all(|(path, _)| scope.pattern.is_match(path)))
        })?;
        let source = scope.entry.source;
        let (file, line) = (source.file(), source.line());
        Some(format!("the scope `{}` ({file}:{line})", scope.path))
    }

    /// Something of a pattern that takes all these paths as well.
    fn route(&self, node: &Node, entry: &Entry) -> Option<String> {
        let method = entry.method()?.as_str();
        let (own, _) = self.mounted.entries.get(&entry.id)?;
        let is_other = |front: &Node| !front.marks.contains(&entry.id);
        self.taker(node, method, Some(*own), &is_other)
    }

    /// Something outside of the scopes around a plain route that takes all of its paths as well.
    pub(super) fn of_plain(
        &self,
        node: &Node,
        method: &str,
        is_outside: &dyn Fn(&Node) -> bool,
    ) -> Option<String> {
        self.taker(node, method, None, is_outside)
    }

    fn taker(
        &self,
        node: &Node,
        method: &str,
        own: Option<usize>,
        is_other: &dyn Fn(&Node) -> bool,
    ) -> Option<String> {
        let (path, first) = node.first.first()?;
        let mut others = node.first.iter().map(|(_, other)| other);
        if !others.all(|other| other == first) {
            return None;
        }
        let mut nodes = self.mounted.nodes.iter();
        let Some(first) = first else {
            let may_be_left = nodes.any(|other| other.is_guarded && is_on_way(other, path));
            return (!may_be_left).then(|| "a scope that has no such path".to_owned());
        };
        let is_it = |path: &str| path.trim_start_matches('/') == first.trim_start_matches('/');
        if is_it(&node.path) {
            return None;
        }
        let is_taker = |front: &&Node| {
            front.path != node.path
                && front.is_resource
                && !front.is_chosen
                && takes(front, method)
                && is_other(front)
        };
        // Where the first leaves the method to what follows, that is in front if it is not known to be behind.
        let may_follow = |front: &&Node| {
            let pattern = ResourceDef::new(&*front.path);
            node.first.iter().all(|(path, _)| pattern.is_match(path)) && !self.is_behind(front, own)
        };
        let mut takers = nodes.filter(is_taker);
        let front = takers.find(|front| is_it(&front.path) || may_follow(front))?;
        Some(format!("`{}`", front.path))
    }

    /// Whether all that was registered there was mounted later, and there is such.
    fn is_behind(&self, front: &Node, own: Option<usize>) -> bool {
        let places = front.marks.iter();
        let places = places.filter_map(|id| self.mounted.entries.get(id));
        let mut routes = places
            .filter(|(_, entry)| entry.form != Form::Scope)
            .peekable();
        routes.peek().is_some() && routes.all(|(place, _)| own.is_none_or(|own| *place > own))
    }
}

/// Whether something there answers the method.
fn takes(front: &Node, method: &str) -> bool {
    let is_head = method == "HEAD" && front.methods.contains("GET");
    front.methods.is_empty() || front.methods.contains(method) || is_head
}

/// Whether guards of the service choose a gated scope, or one around it.
fn is_chosen(mounted: &Mounted, node: &Node, id: u64) -> bool {
    let mark = scope_mark(id);
    let behind = node.guards.iter().skip_while(|name| **name != mark).skip(1);
    let own = behind.take_while(|name| !is_scope_mark(name));
    let mut own = own.filter(|name| !node.methods.contains(*name));
    let mut nodes = mounted.nodes.iter();
    let is_around =
        |other: &Node| other.path != node.path && other.is_guarded && is_on_way(other, &node.path);
    own.next().is_some() || nodes.any(is_around)
}

/// Whether there may be a scope that takes the path.
fn is_on_way(node: &Node, path: &str) -> bool {
    node.path == "/" || ResourceDef::prefix(&*node.path).is_match(path)
}
