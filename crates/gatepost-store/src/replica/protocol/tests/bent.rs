//! Whatever a store answers, nothing panics and nothing is allowed that a second reading of the same rows does not
//! allow (A59, A85, A86).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gatepost::{
    Clock, Code, Decision, Gate, OrgRule, PolicyDocument, Request, Snapshot, Step, Subject,
    SubjectId, decide,
};
use proptest::prelude::*;
use serde_json::Value;

use super::super::{Asked, Protocol, Verdict};
use crate::fact::facts_of;
use crate::head::RawHead;
use crate::replica::news::News;
use crate::replica::source::{Answer, Token};
use crate::replica::whole::Whole;
use crate::replica::whole::tests::read;

/// Stands still.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Duration {
        NOW
    }
}

const NOW: Duration = Duration::from_secs(1000);
const LEASE: Duration = Duration::from_secs(2);

type Key = (String, String, String);
type Rows = Vec<(Key, String)>;

/// The rows of a policy with this switch.
fn policy(switch: &str) -> Rows {
    let text = format!(
        r#"{{
        "version": 1,
        "resources": {{"chat": ["read"], "agent": ["run"]}},
        "site": {{"gates": {{
            "chat": {{"switch": "{switch}", "access": "everyone"}},
            "agent": {{"switch": "on", "background": {{"switch": "on"}}}}
        }}}},
        "org_roles": {{"guest": {{"level": 1, "grants": ["chat:read"]}}}},
        "orgs": {{"acme": {{"members": {{"alice": {{"roles": ["guest"]}}}}}}}}
    }}"#
    );
    let document: PolicyDocument = serde_json::from_str(&text).unwrap();
    let facts = facts_of(&document);
    facts
        .map(|(key, body)| ((key.kind.as_str().into(), key.a, key.b), body))
        .collect()
}

/// Reads one of the rows that say something of chats.
fn of_chats(rows: &BTreeMap<Key, String>, kind: &str) -> Value {
    let key = (kind.to_owned(), "chat".to_owned(), String::new());
    let body = rows
        .get(&key)
        .and_then(|body| serde_json::from_str(body).ok());
    body.unwrap_or_default()
}

/// Whether the gate governs that chats are read: what it leaves out goes round it, and no kill is for it.
fn governed(rows: &BTreeMap<Key, String>) -> bool {
    let gate = of_chats(rows, "site_gate");
    let actions = gate["actions"].as_array();
    actions.is_none_or(|actions| actions.contains(&Value::from("read")))
}

/// Whether rows let anybody read chats, by reading nothing but what says so.
fn lets(rows: &BTreeMap<Key, String>) -> bool {
    let actions = of_chats(rows, "resource");
    let actions = actions.as_array();
    let declared = actions.is_some_and(|actions| actions.contains(&Value::from("read")));
    let gate = of_chats(rows, "site_gate");
    // Without an org, what orgs may say of it is nothing.
    let on = ["on", "opt-in", "opt-out"]
        .iter()
        .any(|switch| gate["switch"] == *switch);
    let open = on && gate["access"] == "everyone";
    declared && (open || !governed(rows))
}

fn allows(gate: &Gate) -> Result<bool, Code> {
    let bob = Subject::new(SubjectId::new("bob").unwrap());
    let request = Request::new("chat", "read")
        .subject(&bob)
        .org_rule(OrgRule::None);
    gate.read(|facts: &Snapshot| matches!(decide(facts, &request), Step::Done(Decision::Allow(_))))
}

/// A text that somebody wrote over another one.
fn text() -> impl Strategy<Value = String> {
    let words = [
        "",
        "{}",
        "[]",
        "null",
        "{",
        "on",
        "chat",
        "acme",
        "site_gate",
        "resource",
        "member",
        "gatepost-site",
        r#"["read"]"#,
        r#"{"switch":"on","access":"everyone"}"#,
        r#"{"switch":"off"}"#,
        r#"{"switch":"opt-in","access":"everyone"}"#,
        r#"{"switch":"on","access":"everyone","unheard":1}"#,
        r#"{"switch":"on","switch":"off"}"#,
        r#"{"switch":"on","access":"everyone","actions":[]}"#,
        r#"{"level":NaN}"#,
        r#"{"roles":["guest"],"expires":"2020-01-01T00:00:00Z"}"#,
        "{\"\u{0}\":\"\u{fffd}\"}",
    ];
    prop_oneof![
        4 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => proptest::collection::vec(any::<u8>(), 0..40)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        1 => (1..200_usize).prop_map(|depth| "[".repeat(depth) + &"]".repeat(depth)),
        1 => Just("x".repeat(100_000)),
    ]
}

/// What is done to rows before they are given.
#[derive(Clone, Debug)]
enum Bend {
    Body(usize, String),
    Cut(usize, usize),
    Kind(usize, String),
    Name(usize, String, String),
    Leave(usize),
    Twice(usize),
}

fn bend() -> impl Strategy<Value = Bend> {
    let at = || 0..8_usize;
    prop_oneof![
        4 => (at(), text()).prop_map(|(at, body)| Bend::Body(at, body)),
        2 => (at(), 0..60_usize).prop_map(|(at, end)| Bend::Cut(at, end)),
        1 => (at(), text()).prop_map(|(at, kind)| Bend::Kind(at, kind)),
        1 => (at(), text(), text()).prop_map(|(at, a, b)| Bend::Name(at, a, b)),
        2 => at().prop_map(Bend::Leave),
        1 => at().prop_map(Bend::Twice),
    ]
}

fn bent(mut rows: Rows, bends: &[Bend]) -> Rows {
    for bend in bends {
        let (Bend::Body(at, _)
        | Bend::Cut(at, _)
        | Bend::Kind(at, _)
        | Bend::Name(at, ..)
        | Bend::Leave(at)
        | Bend::Twice(at)) = bend;
        if rows.is_empty() {
            return rows;
        }
        let at = at % rows.len();
        let ((kind, a, b), body) = &mut rows[at];
        match bend.clone() {
            Bend::Body(_, text) => *body = text,
            Bend::Cut(_, end) => body.truncate(body.floor_char_boundary(end)),
            Bend::Kind(_, text) => *kind = text,
            Bend::Name(_, one, other) => (*a, *b) = (one, other),
            Bend::Leave(_) => drop(rows.remove(at)),
            Bend::Twice(_) => rows.push(rows[at].clone()),
        }
    }
    rows
}

/// One answer of the store.
#[derive(Clone, Debug)]
struct Told {
    switch: &'static str,
    bends: Vec<Bend>,
    /// Whether it is told as effects, where that is asked for.
    effects: bool,
    /// How many versions later, and what the number is then taken to be.
    later: i64,
    number: Option<(u8, i64)>,
    killed: Option<String>,
    other_history: bool,
}

fn told() -> impl Strategy<Value = Told> {
    let number = (
        0..4_u8,
        prop_oneof![
            Just(-1),
            Just(0),
            Just(2),
            Just(i64::MIN),
            Just(i64::MAX),
            Just(i64::MAX - 1),
            any::<i64>(),
        ],
    );
    let killed = prop_oneof![
        Just("chat".to_owned()),
        Just("agent chat#background".to_owned()),
        Just("agent#background".to_owned()),
        Just("chat#sometimes".to_owned()),
        text(),
    ];
    (
        proptest::sample::select(vec!["on", "off", "on"]),
        proptest::collection::vec(bend(), 0..3),
        any::<bool>(),
        prop_oneof![8 => Just(1_i64), 2 => Just(0), 1 => Just(-1), 1 => 2..9_i64],
        proptest::option::weighted(0.1, number),
        proptest::option::weighted(0.3, killed),
        proptest::bool::weighted(0.05),
    )
        .prop_map(
            |(switch, bends, effects, later, number, killed, other_history)| Told {
                switch,
                bends,
                effects,
                later,
                number,
                killed,
                other_history,
            },
        )
}

fn head(told: &Told, version: i64) -> RawHead {
    let mut head = RawHead {
        format: 1,
        lineage: if told.other_history {
            "other"
        } else {
            "lineage"
        }
        .into(),
        epoch: 1,
        version,
        token: format!("t{version}"),
        whole: if told.effects { 0 } else { version },
        killed: told.killed.clone().unwrap_or_default(),
    };
    match told.number {
        Some((0, value)) => head.format = value,
        Some((1, value)) => head.epoch = value,
        Some((2, value)) => head.version = value,
        Some((_, value)) => head.whole = value,
        None => {}
    }
    head
}

/// Whether the words name chats, as a reader sees them who knows nothing else.
fn kills_chat(killed: &str) -> bool {
    killed.split_ascii_whitespace().any(|word| word == "chat")
}

fn given(rows: &Rows, protocol: &Protocol) -> (News, Whole) {
    let rows = rows.iter().cloned();
    let rows = rows.map(|((kind, a, b), body)| (kind, a, b, body));
    read(rows.collect(), protocol.whole())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a85_nothing_is_allowed_that_the_rows_do_not_allow(
        all in proptest::collection::vec(told(), 1..12),
    ) {
        let (gate, feed) = Gate::leased(Arc::new(Stopped));
        let mut protocol = Protocol::new(feed, LEASE, None);
        let mut version = 1_i64;
        // What is live, by the second reading.
        let mut live: BTreeMap<Key, String> = BTreeMap::new();
        let mut killed = false;
        let first = Told {
            switch: "on", bends: vec![], effects: false, later: 0,
            number: None, killed: None, other_history: false,
        };
        for (at, told) in std::iter::once(first).chain(all).enumerate() {
            version += told.later;
            let head = head(&told, version);
            let rows = bent(policy(told.switch), &told.bends);
            let before = protocol.version();
            let mut question = protocol.question("r");
            let since = question.since_column();
            let effects = told.effects && question.since.is_some();
            let mut next: BTreeMap<Key, String> = rows.iter().cloned().collect();
            let news = if effects {
                let put = rows.iter().cloned().map(|((kind, a, b), body)| (head.version, kind, a, b, Some(body)));
                let gone = live.keys().filter(|key| !next.contains_key(key)).cloned();
                let taken = gone.map(|(kind, a, b)| (head.version, kind, a, b, None));
                News::Since { changes: head.version.wrapping_sub(since), effects: put.chain(taken).collect() }
            } else {
                News::since(-1, None)
            };
            let answer = |token: Token, news| Answer {
                head: Ok(head.clone()), standby: false, registered: true, token, awaited: false, news,
            };
            let token = |mark: Option<u64>| mark.map_or(Token::Untold, |mark| Token::Is(format!("t{mark}")));
            let mut verdict = protocol.answered(NOW, &question, answer(token(question.mark), news));
            if verdict == Verdict::ReadAll {
                question = protocol.question("r");
                question.since = None;
                let (news, whole) = given(&rows, &protocol);
                let asked = Asked { at: NOW, read: NOW };
                verdict = protocol.answered_whole(asked, &question, answer(token(question.mark), news), whole);
            }
            if at == 0 {
                prop_assert_eq!(&verdict, &Verdict::Live);
                prop_assert_eq!(allows(&gate), Ok(true), "there is nothing to lose");
            }
            let sound = head.killed.parse::<gatepost::Kills>().is_ok()
                && [head.version, head.epoch, head.whole].iter().all(|number| *number >= 0)
                && head.version < i64::MAX && head.format == 1;
            if protocol.version() != before {
                prop_assert!(sound, "{:?} became live", head);
                live = std::mem::take(&mut next);
                killed = false;
            }
            killed |= head.killed.parse::<gatepost::Kills>().is_ok() && kills_chat(&head.killed)
                && !matches!(verdict, Verdict::Closed(..) | Verdict::Unsure(_));
            let allowed = allows(&gate);
            if !sound {
                prop_assert!(matches!(verdict, Verdict::Closed(..)), "{:?} {:?}", head, verdict);
                prop_assert!(allowed.is_err(), "{:?}", head);
            }
            if allowed == Ok(true) {
                prop_assert!(lets(&live), "{verdict:?} {live:?}");
                let off = killed || kills_chat(&head.killed);
                prop_assert!(!off || !governed(&live), "{:?}", head);
            }
            prop_assert!(protocol.version() >= before, "it went back");
        }
    }
}
