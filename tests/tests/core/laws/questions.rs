//! The questions that every random policy is asked.

use std::sync::LazyLock;

use gatepost::{Mode, OrgRule, RequestFields, Snapshot};
use gatepost_tests::question::Question;
use gatepost_tests::twin::engine;
use gatepost_tests::verdict::Verdict;

use super::policies::{GHOST, NOON, ORGS, RESOURCES, SUBJECTS};

/// Who asks, for whom, and under which scopes.
fn askers() -> Vec<RequestFields> {
    let alone = SUBJECTS
        .into_iter()
        .filter(|id| *id != "bot")
        .chain([GHOST, "stranger"])
        .map(|id| (id, None, None));
    let others = [
        ("bot", Some("u0"), None),
        ("u2", Some("u1"), None),
        (GHOST, Some("stranger"), None),
        ("u0", None, Some(vec!["chat:read@own", "*:*#foreground"])),
        ("bot", Some("u1"), Some(vec!["*:*"])),
    ];
    let fields =
        |(id, acting_for, scopes): (&str, Option<&str>, Option<Vec<&str>>)| RequestFields {
            subject: Some(id.to_owned()),
            acting_for: acting_for.map(str::to_owned),
            scopes: scopes.map(|words| words.into_iter().map(str::to_owned).collect()),
            at: Some(NOON.parse().unwrap()),
            ..RequestFields::default()
        };
    alone.chain(others).map(fields).collect()
}

/// All combinations of asker, place, resource with action, mode and owner.
pub(super) static QUESTIONS: LazyLock<Vec<Question>> = LazyLock::new(|| {
    let places = ORGS
        .into_iter()
        .chain(["nowhere"])
        .map(Ok)
        .chain([OrgRule::Default, OrgRule::None].map(Err));
    let places: Vec<Result<&str, OrgRule>> = places.collect();
    let mut questions = Vec::new();
    for asker in askers() {
        let own = asker.acting_for.as_ref().or(asker.subject.as_ref());
        for place in &places {
            for (resource, actions) in RESOURCES {
                for action in actions {
                    for mode in [None, Some(Mode::Foreground), Some(Mode::Background)] {
                        for owner in [None, own.cloned(), Some("another".to_owned())] {
                            questions.push(Question::new(&RequestFields {
                                org: place.ok().map(str::to_owned),
                                org_rule: place.err(),
                                resource: resource.to_owned(),
                                action: (*action).to_owned(),
                                mode,
                                owner,
                                ..asker.clone()
                            }));
                        }
                    }
                }
            }
        }
    }
    questions
});

/// What the engine says to each of them.
pub(super) fn verdicts(snapshot: &Snapshot) -> impl Iterator<Item = (&'static Question, Verdict)> {
    QUESTIONS
        .iter()
        .map(move |question| (question, engine(snapshot, question)))
}
