//! A replica that goes from version to version by what changed decides as one that reads all of the last.

use gatepost::{
    Gate, Mode, OrgId, OrgRule, PolicyDocument, Request, Snapshot, Subject, SubjectId, Timestamp,
    explain,
};
use proptest::prelude::*;

use super::super::*;
use crate::change::Effect;
use crate::fact::{FactKey, FactKind, Facts, diff, facts_of};
use crate::head::RawHead;
use crate::replica::source::Token;
use crate::replica::whole::tests::{RawFact, read};

/// Where the policies begin.
fn first() -> PolicyDocument {
    let text = r#"{
        "version": 1,
        "resources": {"chat": ["read", "create"], "agent": ["run"]},
        "site": {
            "gates": {"chat": {"switch": "opt-out", "foreground": {"floor": "guest"}}, "agent": {"switch": "opt-in"}},
            "roles": {"admin": {"grants": ["*:*"], "all_orgs": true}}
        },
        "org_roles": {
            "guest": {"level": 10, "grants": ["chat:read"]},
            "dev": {"level": 20, "include": ["guest"], "grants": ["chat:create", "agent:run#foreground"]}
        },
        "orgs": {
            "a": {"members": {"s1": {"roles": ["guest"]}, "s2": {"roles": ["dev"]}}},
            "b": {"parent": "a"},
            "c": {"gates": {"agent": {"switch": "on"}}, "members": {"s1": {"roles": ["dev"]}}}
        },
        "subjects": {"s1": {}, "s3": {"site_roles": ["admin"]}}
    }"#;
    serde_json::from_str(text).unwrap()
}

const ORGS: &[&str] = &["a", "b", "c", "d"];
const SUBJECTS: &[&str] = &["s1", "s2", "s3", "s4"];
const NONE: &[&str] = &[""];
const RESOURCES: &[&str] = &["chat", "agent"];

/// How often a kind of fact is changed, its keys, and the bodies that it may have.
type Row = (
    u32,
    FactKind,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const ROWS: &[Row] = &[
    (
        1,
        FactKind::Resource,
        &["chat", "agent", "files"],
        NONE,
        &[r#"["read","create"]"#, r#"["run"]"#, r#"["read"]"#],
    ),
    (
        3,
        FactKind::SiteGate,
        RESOURCES,
        NONE,
        &[
            r#"{"switch":"off"}"#,
            r#"{"switch":"on","access":"everyone"}"#,
            r#"{"switch":"opt-in","foreground":{"floor":"dev"}}"#,
            r#"{"switch":"opt-out","background":{"switch":"off"}}"#,
        ],
    ),
    (
        1,
        FactKind::SiteRole,
        &["admin", "auditor"],
        NONE,
        &[
            r#"{"grants":["chat:read"]}"#,
            r#"{"grants":["*:*","!agent:*"],"all_orgs":true}"#,
        ],
    ),
    (
        2,
        FactKind::OrgRole,
        &["guest", "dev", "lead"],
        NONE,
        &[
            r#"{"level":10,"grants":["chat:read"]}"#,
            r#"{"level":30,"grants":["chat:*@own","!agent:*"]}"#,
            r#"{"level":20,"include":["guest"]}"#,
        ],
    ),
    (
        4,
        FactKind::Org,
        ORGS,
        NONE,
        &[
            "{}",
            r#"{"parent":"a"}"#,
            r#"{"parent":"c"}"#,
            r#"{"status":"suspended"}"#,
            r#"{"visibility":"public"}"#,
        ],
    ),
    (
        4,
        FactKind::OrgGate,
        ORGS,
        RESOURCES,
        &[
            r#"{"switch":"on"}"#,
            r#"{"switch":"off"}"#,
            r#"{"background":{"min_role":"dev"}}"#,
            r#"{"foreground":{"min_role":"own"}}"#,
        ],
    ),
    (
        3,
        FactKind::OwnRole,
        ORGS,
        &["own", "other"],
        &[
            r#"{"level":15,"grants":["agent:run"]}"#,
            r#"{"level":25,"include":["dev"]}"#,
            r#"{"level":5,"include":["own"]}"#,
        ],
    ),
    (
        8,
        FactKind::Member,
        ORGS,
        SUBJECTS,
        &[
            r#"{"roles":["guest"]}"#,
            r#"{"roles":["dev","guest"]}"#,
            r#"{"roles":["own"]}"#,
            r#"{"roles":["lead"],"expires":"2027-01-01T00:00:00Z"}"#,
            r#"{"roles":["dev"],"expires":"2026-01-01T00:00:00Z"}"#,
        ],
    ),
    (
        4,
        FactKind::Subject,
        SUBJECTS,
        NONE,
        &[
            "{}",
            r#"{"status":"suspended"}"#,
            r#"{"site_roles":["admin"],"default_org":"a"}"#,
            r#"{"site_roles":["auditor"]}"#,
            r#"{"default_org":"d"}"#,
        ],
    ),
];

/// Facts that are put in the place of others; none takes one away.
fn step() -> impl Strategy<Value = (FactKey, Option<&'static str>)> {
    let rows = ROWS.iter().map(|&(weight, kind, a, b, bodies)| {
        let body = proptest::option::weighted(0.8, proptest::sample::select(bodies));
        let key = (proptest::sample::select(a), proptest::sample::select(b));
        let step = (key, body).prop_map(move |((a, b), body)| (FactKey::new(kind, a, b), body));
        (weight, step.boxed())
    });
    proptest::strategy::Union::new_weighted(rows.collect())
}

/// What each asker is told of each cell, in each place.
fn told(facts: &Snapshot) -> Vec<String> {
    let noon: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
    let mut told = Vec::new();
    for subject in ["s1", "s2", "s3", "s4", "s5"] {
        let id = SubjectId::new(subject).unwrap();
        let another = SubjectId::new("another").unwrap();
        let subject = Subject::new(id.clone());
        for org in ["a", "b", "c", "d", "nowhere", ""] {
            let org = OrgId::new(org).ok();
            for cell in [
                ("chat", "read"),
                ("chat", "create"),
                ("agent", "run"),
                ("files", "read"),
            ] {
                for (mode, owner) in [(Mode::Foreground, &id), (Mode::Background, &another)] {
                    let request = Request::new(cell.0, cell.1);
                    let request = request.subject(&subject).mode(mode).owner(owner).at(noon);
                    let request = match &org {
                        Some(org) => request.org(org),
                        None => request.org_rule(OrgRule::Default),
                    };
                    told.push(format!(
                        "{id} {org:?} {cell:?} {mode}: {}",
                        explain(facts, &request)
                    ));
                }
            }
        }
    }
    told
}

struct Replica {
    gate: Gate,
    protocol: Protocol,
    whole_reads: u32,
}

impl Replica {
    fn new() -> Self {
        let (gate, feed) = Gate::channel();
        Self {
            gate,
            protocol: Protocol::new(feed, Duration::from_secs(2), None),
            whole_reads: 0,
        }
    }

    /// Has it see a version of the store, by the effects since the one before or, where it asks, by all facts.
    fn sees(
        &mut self,
        version: i64,
        effects: Vec<RawEffect>,
        document: &PolicyDocument,
    ) -> Verdict {
        let question = self.protocol.question("r");
        let changes = question
            .since
            .map_or(-1, |since| version - since.cast_signed());
        let news = News::Since { changes, effects };
        let answer = answer_to(&question, version, news);
        let verdict = self.protocol.answered(Duration::ZERO, &question, answer);
        if verdict != Verdict::ReadAll {
            return verdict;
        }
        self.whole_reads += 1;
        let rows = facts_of(document);
        let rows: Vec<RawFact> = rows
            .map(|(key, body)| (key.kind.as_str().into(), key.a, key.b, body))
            .collect();
        let (news, whole) = read(rows, self.protocol.whole());
        let mut question = self.protocol.question("r");
        question.since = None;
        let answer = answer_to(&question, version, news);
        let asked = Asked {
            at: Duration::ZERO,
            read: Duration::ZERO,
        };
        self.protocol
            .answered_whole(asked, &question, answer, whole)
    }

    fn told(&self) -> Vec<String> {
        self.gate.read(told).unwrap()
    }
}

fn answer_to(question: &Question, version: i64, news: News) -> Answer {
    Answer {
        head: Ok(RawHead {
            format: 1,
            lineage: "l".into(),
            epoch: 1,
            version,
            token: format!("t{version}"),
            whole: 1,
            killed: String::new(),
        }),
        standby: false,
        registered: true,
        token: Token::from(question.mark.map(|mark| format!("t{mark}"))),
        awaited: false,
        news,
    }
}

fn raw(version: i64, effect: Effect) -> RawEffect {
    let Effect { key, after, .. } = effect;
    (version, key.kind.as_str().into(), key.a, key.b, after)
}

/// The document after a version that takes these steps, as far as each of them leads to a sound one.
fn next(document: &PolicyDocument, steps: Vec<(FactKey, Option<&'static str>)>) -> PolicyDocument {
    let mut document = document.clone();
    for (key, body) in steps {
        let mut facts = Facts::of(document.clone());
        let effect = Effect {
            key,
            before: None,
            after: body.map(str::to_owned),
        };
        if facts.apply(&effect).is_ok() && Snapshot::compile(facts.document(), 1).is_ok() {
            document = facts.into_document();
        }
    }
    document
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_reached_by_changes_decides_as_what_is_read_whole_and_as_the_document(
        looks in proptest::collection::vec(
            proptest::collection::vec(proptest::collection::vec(step(), 1..5), 1..4), 1..8),
    ) {
        let mut document = first();
        let mut followed = Replica::new();
        let mut version = 1;
        prop_assert_eq!(followed.sees(version, Vec::new(), &document), Verdict::Live);
        for versions in looks {
            let mut effects = Vec::new();
            for steps in versions {
                version += 1;
                let after = next(&document, steps);
                effects.extend(diff(&document, &after).into_iter().map(|effect| raw(version, effect)));
                document = after;
            }
            // A store tells them in no order.
            effects.reverse();
            prop_assert_eq!(followed.sees(version, effects, &document), Verdict::Live);
            let mut fresh = Replica::new();
            prop_assert_eq!(fresh.sees(version, Vec::new(), &document), Verdict::Live);
            let compiled = Snapshot::compile(&document, version.cast_unsigned()).unwrap();
            let want = told(&compiled);
            prop_assert_eq!(&fresh.told(), &want);
            prop_assert_eq!(&followed.told(), &want);
        }
    }

    /// A version that is no sound policy is refused, however it is come by, and what was live stays so.
    #[test]
    fn what_is_not_sound_is_refused_however_it_is_come_by(steps in proptest::collection::vec(step(), 1..12)) {
        let document = first();
        let mut facts = Facts::of(document.clone());
        for (key, body) in steps {
            let effect = Effect { key, before: None, after: body.map(str::to_owned) };
            let _ = facts.apply(&effect);
        }
        let after = facts.into_document();
        let is_sound = Snapshot::compile(&after, 2).is_ok();
        let mut followed = Replica::new();
        followed.sees(1, Vec::new(), &document);
        let before = followed.told();
        let effects = diff(&document, &after).into_iter().map(|effect| raw(2, effect));
        let verdict = followed.sees(2, effects.collect(), &after);
        if is_sound {
            prop_assert_eq!(verdict, Verdict::Live);
        } else {
            prop_assert!(matches!(verdict, Verdict::Refused(_)), "{verdict:?}");
            prop_assert_eq!(followed.told(), before);
        }
    }
}

#[test]
fn a_membership_a_switch_and_a_suspension_are_taken_in_without_a_look_at_the_rest() {
    let mut document = first();
    let mut followed = Replica::new();
    followed.sees(1, Vec::new(), &document);
    let mut version = 1;
    for (kind, a, b, body) in [
        (FactKind::Member, "c", "s2", r#"{"roles":["guest"]}"#),
        (FactKind::OrgGate, "a", "chat", r#"{"switch":"off"}"#),
        (FactKind::Subject, "s1", "", r#"{"status":"suspended"}"#),
        (FactKind::SiteGate, "chat", "", r#"{"switch":"off"}"#),
        (FactKind::Org, "d", "", r#"{"parent":"a"}"#),
        (FactKind::OrgRole, "lead", "", r#"{"level":40}"#),
    ] {
        version += 1;
        let after = next(&document, vec![(FactKey::new(kind, a, b), Some(body))]);
        assert_ne!(after, document);
        let effects = diff(&document, &after)
            .into_iter()
            .map(|effect| raw(version, effect));
        document = after;
        assert_eq!(
            followed.sees(version, effects.collect(), &document),
            Verdict::Live
        );
        assert_eq!(followed.whole_reads, 1, "{kind} {a} {b}");
    }
}
