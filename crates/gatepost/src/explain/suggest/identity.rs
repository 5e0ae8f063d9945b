//! For checks 1 to 3.

use crate::explain::asker::Asker;
use crate::explain::change::{AskedChange, Change, SiteChange};
use crate::explain::scene::Scene;
use crate::grant::Grant;
use crate::vocabulary::Kind;

pub(super) fn suspended(asker: &Asker<'_>) -> Vec<Change> {
    let subject = asker.id.to_string();
    vec![SiteChange::Resume { subject }.into()]
}

pub(super) fn no_delegator(asker: &Asker<'_>) -> Vec<Change> {
    let subject = || asker.id.to_string();
    let mut changes = vec![AskedChange::ActFor { subject: subject() }.into()];
    if asker.kind() != Kind::Agent {
        changes.push(AskedChange::ActForNobody { subject: subject() }.into());
    }
    changes
}

pub(super) fn no_scope(scene: &Scene<'_>) -> Vec<Change> {
    let grant = scene.permission();
    if Grant::parse(&grant).is_err() {
        return Vec::new();
    }
    vec![AskedChange::Scope { grant }.into()]
}
