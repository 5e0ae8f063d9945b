//! The policy of a version, and what changed from one to another.

use gatepost::{PolicyDocument, PolicyText};

use super::world::{Commit, Store};
use crate::fact::{diff, facts_of};
use crate::replica::news::News;
use crate::replica::source::Question;
use crate::replica::whole::Whole;
use crate::replica::whole::tests::read;

fn document(commit: &Commit) -> PolicyDocument {
    let switch = if commit.chat { "on" } else { "off" };
    let role = if commit.role {
        "[org_roles.dev]\nlevel = 1\n"
    } else {
        ""
    };
    let text = format!(
        "version = 1\n[resources]\nchat = [\"read\"]\n[site.gates.chat]\nswitch = \"{switch}\"\naccess = \"everyone\"\n{role}"
    );
    PolicyText::toml(text).parse().unwrap()
}

pub(super) fn all(head: &Commit, whole: Whole) -> (News, Whole) {
    let document = document(head);
    let rows = facts_of(&document).map(|(key, body)| {
        let body = if head.poison {
            r#"{"unheard":1}"#.into()
        } else {
            body
        };
        (key.kind.as_str().into(), key.a, key.b, body)
    });
    read(rows.collect(), whole)
}

pub(super) fn news(store: &Store, question: &Question, head: &Commit) -> News {
    let since = question.since_column();
    let between = store.iter().filter(|commit| commit.version > since);
    let mut effects = Vec::new();
    let mut before = store.iter().find(|commit| commit.version == since);
    for commit in between.clone() {
        if let Some(before) = before {
            let changes = diff(&document(before), &document(commit));
            let rows = changes.into_iter().map(|effect| {
                let key = effect.key;
                let poison = commit.poison.then(|| "{".to_owned());
                let after = poison.or(effect.after);
                (
                    commit.version,
                    key.kind.as_str().into(),
                    key.a,
                    key.b,
                    after,
                )
            });
            effects.extend(rows);
        }
        before = Some(commit);
    }
    if head.version <= since {
        return News::since(-1, None);
    }
    let changes = i64::try_from(between.count()).unwrap();
    News::Since { changes, effects }
}
