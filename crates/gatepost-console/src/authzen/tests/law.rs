//! A search finds what single evaluations allow, and nothing that they do not.

use fastrand::Rng;
use serde_json::{Value, json};

use super::random::{GHOST, ORGS, PAIRS, SUBJECTS, one, policy};
use super::{EVALUATION, Pdp, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT, found};

/// Whoever asks: one who may audit everything, and some who may audit where their roles say so.
const ASKERS: [&str; 6] = ["root", "root", "root", "root", "u0", "u1"];

fn kind_of(subject: &str) -> &'static str {
    match subject {
        "svc" => "service",
        "bot" => "agent",
        _ => "user",
    }
}

/// Whether a single evaluation is answered, and allows.
async fn allows(pdp: &Pdp, who: &str, body: &Value) -> bool {
    let answered = pdp.post(EVALUATION, who, body).await;
    match answered.status.as_u16() {
        200 => answered.json()["decision"].as_bool().unwrap(),
        403 => false,
        _ => panic!("{answered:?}"),
    }
}

/// A question, of which a part is going to be searched for.
fn question(random: &mut Rng, who: &str) -> Value {
    let (resource, action) = PAIRS[random.usize(..PAIRS.len())];
    let subject = match random.u8(..8) {
        0 => GHOST,
        1 => "nobody",
        2 | 3 => who,
        _ => SUBJECTS[random.usize(..SUBJECTS.len())],
    };
    let org = (random.u8(..3) > 0).then(|| one(random, &["o0", "o1", "o2", "o3", "nowhere"]));
    let mut asked = json!({
        "subject": {"type": kind_of(subject), "id": subject, "properties": {}},
        "action": {"name": action},
        "resource": {"type": resource, "id": "1", "properties": {}},
        "context": {},
    });
    let place = one(random, &["/context/org", "/resource/properties/org"]);
    let mut set = |path: &str, value: Option<&str>| {
        let (object, name) = path.rsplit_once('/').unwrap();
        asked.pointer_mut(object).unwrap()[name] = value.into();
    };
    set(place, org);
    let owner = one(random, &["", "", "u0", "u1"]);
    let place = one(random, &["/context/owner", "/resource/properties/owner"]);
    set(place, (!owner.is_empty()).then_some(owner));
    let mode = one(random, &["", "", "foreground", "background"]);
    set("/context/mode", (!mode.is_empty()).then_some(mode));
    let rule = one(random, &["", "", "default", "none", "required"]);
    set("/context/org_rule", (!rule.is_empty()).then_some(rule));
    if random.u8(..4) == 0 {
        let scopes = one(random, &["chat:*", "*:*", "agent:*#background"]);
        asked["subject"]["properties"]["scopes"] = json!([scopes]);
    }
    if subject == "bot" || random.u8(..6) == 0 {
        asked["subject"]["properties"]["acting_for"] = one(random, &["u1", "u2"]).into();
    }
    asked
}

/// A question that is searched with, and by whom.
struct Search<'a> {
    pdp: &'a Pdp,
    who: &'a str,
    asked: &'a Value,
    policy: &'a str,
}

impl Search<'_> {
    /// What is found; nothing where a single evaluation would be refused as well.
    async fn of(&self, path: &str) -> Option<Vec<Value>> {
        let answered = self.pdp.post(path, self.who, self.asked).await;
        if answered.status == 200 {
            return Some(found(&answered.json()));
        }
        assert_eq!(answered.status, 403);
        None
    }

    /// Whether the question is allowed once a part of it is set.
    async fn allows(&self, set: impl FnOnce(&mut Value)) -> bool {
        let mut single = self.asked.clone();
        set(&mut single);
        allows(self.pdp, self.who, &single).await
    }

    fn about(&self) -> String {
        format!("{} {}\n{}", self.who, self.asked, self.policy)
    }

    /// Who may: how many were found.
    async fn subjects(&self) -> Option<usize> {
        let results = self.of(SEARCH_SUBJECT).await?;
        let kind = &self.asked["subject"]["type"];
        let mut want = Vec::new();
        for candidate in SUBJECTS.into_iter().chain([GHOST, "root"]) {
            // A member whom nobody has named anything is searched for as whatever is asked for.
            let is_candidate = match candidate {
                GHOST => self.policy.contains("ghost = "),
                named => kind == kind_of(named),
            };
            let set = |single: &mut Value| single["subject"]["id"] = candidate.into();
            if is_candidate && self.allows(set).await {
                want.push(candidate);
            }
        }
        let ids = results.iter().map(|it| it["id"].as_str().unwrap());
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        want.sort_unstable();
        assert_eq!(ids, want, "{}", self.about());
        for result in &results {
            let set = |single: &mut Value| single["subject"] = result.clone();
            assert!(self.allows(set).await, "{result} {}", self.about());
        }
        Some(results.len())
    }

    /// Where: how many were found.
    async fn resources(&self) -> Option<usize> {
        let results = self.of(SEARCH_RESOURCE).await?;
        let named = |path| self.asked.pointer(path).and_then(Value::as_str);
        let named = named("/context/org").or(named("/resource/properties/org"));
        for org in ORGS {
            let result = results.iter().find(|it| it["id"] == org);
            let set = |single: &mut Value| {
                single["resource"]["id"] = org.into();
                single["resource"]["properties"]["org"] = org.into();
            };
            let is_asked = named.is_none_or(|named| named == org);
            let is_allowed = is_asked && self.allows(set).await;
            assert_eq!(is_allowed, result.is_some(), "{org} {}", self.about());
            if let Some(result) = result {
                let set = |single: &mut Value| single["resource"] = result.clone();
                assert!(self.allows(set).await, "{result} {}", self.about());
            }
        }
        let is_org = |it: &Value| ORGS.contains(&it["id"].as_str().unwrap());
        assert!(results.iter().all(is_org));
        Some(results.len())
    }

    /// What: how many were found.
    async fn actions(&self) -> Option<usize> {
        let results = self.of(SEARCH_ACTION).await?;
        for action in ["create", "read", "execute", "stop", "fly"] {
            let is_found = results.contains(&json!({ "name": action }));
            let set = |single: &mut Value| single["action"]["name"] = action.into();
            assert_eq!(
                is_found,
                self.allows(set).await,
                "{action} {}",
                self.about()
            );
        }
        Some(results.len())
    }
}

#[tokio::test]
async fn a_search_finds_what_single_evaluations_allow_and_nothing_else() {
    let mut random = Rng::with_seed(77);
    let (mut hits, mut refused) = ([0, 0, 0], 0);
    for _ in 0..40 {
        let policy = policy(&mut random);
        let pdp = Pdp::new(&policy).await;
        for _ in 0..25 {
            let who = ASKERS[random.usize(..ASKERS.len())];
            let search = Search {
                pdp: &pdp,
                who,
                asked: &question(&mut random, who),
                policy: &policy,
            };
            let found = [
                search.subjects().await,
                search.resources().await,
                search.actions().await,
            ];
            for (hits, found) in hits.iter_mut().zip(found) {
                *hits += found.unwrap_or(0);
                refused += usize::from(found.is_none());
            }
            // What is not searched for is not evaluated either.
            if found[1].is_none() || found[2].is_none() {
                assert!(!search.allows(|_| {}).await, "{}", search.about());
            }
        }
    }
    assert!(
        hits.iter().all(|hits| *hits > 50) && refused > 150,
        "{hits:?} {refused}"
    );
}
