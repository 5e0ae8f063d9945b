//! A policy whose memberships are elsewhere is answered as one that has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;
use gatepost::{
    Gate, LoadedMemberships, LoadingMemberships, MemberDocument, MembershipSource, OrgId,
    PolicyDocument, PolicyText, Snapshot, SubjectId,
};
use serde_json::{Value, json};

use super::random::{GHOST, ORGS, PAIRS, SUBJECTS, one, policy};
use super::{EVALUATION, Pdp, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT};

/// The memberships, by subject.
struct Shelf(BTreeMap<String, Vec<(OrgId, MemberDocument)>>);

impl MembershipSource for Shelf {
    fn load<'a>(&'a self, subject: &'a SubjectId) -> LoadingMemberships<'a> {
        let held = self.0.get(subject.as_str()).cloned().unwrap_or_default();
        let loaded = LoadedMemberships::new(subject.clone(), 7, held);
        Box::pin(async { Ok(Arc::new(loaded)) })
    }

    fn is_current(&self, _: &LoadedMemberships, version: u64) -> bool {
        version == 7
    }
}

/// A gate over the policy, with its members on a shelf. The feed keeps it alive.
fn apart(mut document: PolicyDocument) -> Gate {
    let mut shelf = BTreeMap::<String, Vec<_>>::new();
    for (id, org) in &mut document.orgs {
        for (subject, member) in std::mem::take(&mut org.members) {
            let org = OrgId::new(id).unwrap();
            shelf.entry(subject).or_default().push((org, member));
        }
    }
    let (gate, feed) = Gate::channel();
    feed.look_through(Arc::new(Shelf(shelf)));
    feed.publish(Snapshot::compile_looking_through(&document, 7).unwrap());
    gate
}

/// An answer, without the id that each denial has of its own.
fn told(mut answer: Value) -> Value {
    if let Some(context) = answer.get_mut("context").and_then(Value::as_object_mut) {
        context.remove("decision");
    }
    if let Some(page) = answer.get_mut("page") {
        page.take();
    }
    answer
}

#[tokio::test]
async fn it_is_answered_as_one_that_has_them() {
    let mut random = Rng::with_seed(5);
    let (mut allowed, mut found) = (0, 0);
    for _ in 0..24 {
        let text = policy(&mut random);
        let here = Pdp::new(&text).await;
        let document = PolicyText::toml(text.clone()).parse().unwrap();
        let elsewhere = Pdp::of_gate(apart(document), "", None).await;
        for _ in 0..25 {
            let (resource, action) = PAIRS[random.usize(..PAIRS.len())];
            let subject = match random.u8(..6) {
                0 => GHOST,
                _ => SUBJECTS[random.usize(..SUBJECTS.len())],
            };
            let who = one(&mut random, &["root", subject, "u0"]);
            let org = (random.bool()).then(|| one(&mut random, &ORGS));
            let acting_for = (subject == "bot").then_some("u1");
            let asked = json!({
                "subject": {"type": "user", "id": subject, "properties": {"acting_for": acting_for}},
                "action": {"name": action},
                "resource": {"type": resource, "id": "1"},
                "context": {"org": org},
            });
            for path in [EVALUATION, SEARCH_RESOURCE, SEARCH_ACTION] {
                let one = here.post(path, who, &asked).await;
                let other = elsewhere.post(path, who, &asked).await;
                assert_eq!(one.status, other.status, "{path} {who} {asked}\n{text}");
                if one.status == 200 {
                    let (one, other) = (told(one.json()), told(other.json()));
                    assert_eq!(one, other, "{path} {who} {asked}\n{text}");
                    allowed += usize::from(one["decision"] == true);
                    found += one["results"].as_array().map_or(0, Vec::len);
                }
            }
        }
    }
    assert!(allowed > 5 && found > 40, "{allowed} {found}");
}

#[tokio::test]
async fn subjects_who_are_not_at_hand_are_not_searched_for() {
    let text = policy(&mut Rng::with_seed(1));
    let document = PolicyText::toml(text).parse().unwrap();
    let pdp = Pdp::of_gate(apart(document), "", None).await;
    let asked = json!({
        "subject": {"type": "user"},
        "action": {"name": "read"},
        "resource": {"type": "chat", "id": "1"},
    });
    assert_eq!(pdp.post(SEARCH_SUBJECT, "root", &asked).await.status, 503);
}
