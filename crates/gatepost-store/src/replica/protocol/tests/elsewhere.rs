//! What is told of memberships that are elsewhere, and when.

use std::sync::{Arc, Mutex};

use gatepost::{Decision, Gate, OrgRule, Request, Step, Subject, SubjectId, decide};

use super::super::*;
use crate::head::RawHead;
use crate::replica::source::Token;
use crate::replica::whole::tests::{RawFact, read};

/// Keeps what it is told, with the version that is live at that moment.
#[derive(Clone)]
struct Heard(Gate, Arc<Mutex<Vec<String>>>);

impl Heard {
    fn hear(&self, told: &str) {
        let live = self.0.read(Snapshot::version).ok();
        self.1.lock().unwrap().push(format!("{told} over {live:?}"));
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.1.lock().unwrap())
    }
}

impl Elsewhere for Heard {
    fn reset(&self, head: &Head) {
        self.hear(&format!("reset {}", head.version));
    }

    fn changed(&self, head: &Head, subjects: &BTreeSet<String>) {
        self.hear(&format!("changed {} {subjects:?}", head.version));
    }

    fn published(&self, version: u64) {
        self.hear(&format!("published {version}"));
    }
}

pub(super) struct Rig {
    pub(super) gate: Gate,
    heard: Heard,
    protocol: Protocol,
}

impl Rig {
    pub(super) fn new() -> Self {
        let (gate, feed) = Gate::channel();
        let heard = Heard(gate.clone(), Arc::default());
        let elsewhere = Box::new(heard.clone());
        Self {
            gate,
            heard,
            protocol: Protocol::new(feed, Duration::from_secs(2), Some(elsewhere)),
        }
    }

    /// Answers what is asked with this head, and with these news.
    pub(super) fn answer(&mut self, version: i64, killed: &str, news: News) -> Verdict {
        self.answered(version, killed, news, None)
    }

    /// Answers with this head, and with every fact.
    pub(super) fn answer_all(&mut self, version: i64, killed: &str, rows: Vec<RawFact>) -> Verdict {
        let (news, whole) = read(rows, self.protocol.whole());
        self.answered(version, killed, news, Some(whole))
    }

    fn answered(
        &mut self,
        version: i64,
        killed: &str,
        news: News,
        whole: Option<Whole>,
    ) -> Verdict {
        let question = self.protocol.question("r");
        assert!(question.without_members);
        let mark = question.mark.map(|mark| format!("t{mark}"));
        let answer = Answer {
            head: Ok(RawHead {
                format: 1,
                lineage: "l".into(),
                epoch: 1,
                version,
                token: format!("t{version}"),
                whole: 1,
                killed: killed.into(),
            }),
            standby: false,
            registered: true,
            token: Token::from(mark),
            awaited: false,
            news,
        };
        let asked = Asked {
            at: Duration::ZERO,
            read: Duration::ZERO,
        };
        self.protocol.act(asked, &question, answer, whole)
    }

    fn chat(&self) -> bool {
        let alice = Subject::new(SubjectId::new("alice").unwrap());
        let request = Request::new("chat", "read")
            .subject(&alice)
            .org_rule(OrgRule::None);
        let allowed = self.gate.read(|facts| decide(facts, &request).is_allowed());
        allowed.unwrap()
    }
}

trait Allowed {
    fn is_allowed(&self) -> bool;
}

impl Allowed for Step<'_> {
    fn is_allowed(&self) -> bool {
        matches!(self, Step::Done(Decision::Allow(_)))
    }
}

pub(super) fn all(switch: &str) -> Vec<RawFact> {
    let fact =
        |kind: &str, a: &str, body: &str| (kind.into(), a.into(), String::new(), body.into());
    vec![
        fact("resource", "chat", r#"["read"]"#),
        fact("org", "acme", "{}"),
        fact(
            "site_gate",
            "chat",
            &format!(r#"{{"switch":"{switch}","access":"everyone"}}"#),
        ),
    ]
}

fn since(effects: &[(i64, &str, &str, &str, Option<&str>)]) -> News {
    let changes = effects.last().map_or(0, |last| last.0 - effects[0].0 + 1);
    let effects = effects.iter().map(|&(version, kind, a, b, after)| {
        (
            version,
            kind.into(),
            a.into(),
            b.into(),
            after.map(str::to_owned),
        )
    });
    News::Since {
        changes,
        effects: effects.collect(),
    }
}

fn member(version: i64, subject: &str) -> (i64, &str, &str, &str, Option<&str>) {
    (version, "member", "acme", subject, None)
}

#[test]
fn whose_memberships_changed_is_told_before_the_version_is_live() {
    let mut rig = Rig::new();
    assert_eq!(rig.answer_all(1, "", all("on")), Verdict::Live);
    assert_eq!(
        rig.heard.take(),
        ["reset 1 over None", "published 1 over Some(1)"]
    );

    let members = since(&[member(2, "bob"), member(3, "alice"), member(3, "bob")]);
    assert_eq!(rig.answer(3, "", members), Verdict::Live);
    let told = [
        r#"changed 3 {"alice", "bob"} over Some(1)"#,
        "published 3 over Some(3)",
    ];
    assert_eq!(rig.heard.take(), told);

    // Nothing new, nothing told.
    assert_eq!(rig.answer(3, "", News::since(-1, None)), Verdict::Live);
    assert_eq!(rig.heard.take(), [""; 0]);

    let gate = r#"{"switch":"off"}"#;
    let both = since(&[member(4, "eve"), (5, "site_gate", "chat", "", Some(gate))]);
    assert_eq!(rig.answer(5, "chat", both), Verdict::Live);
    let told = [
        r#"changed 5 {"eve"} over Some(3)"#,
        "published 5 over Some(5)",
    ];
    assert_eq!(rig.heard.take(), told);
    assert!(!rig.chat());
}

#[test]
fn a_change_of_memberships_alone_lifts_no_kill_and_keeps_none() {
    let mut rig = Rig::new();
    rig.answer_all(1, "", all("on"));
    assert!(rig.chat());
    // Heard of while nothing else could be read, and true of the facts of no version in between.
    rig.answer(2, "chat", News::Unread);
    assert!(!rig.chat());
    let members = since(&[member(2, "bob"), member(3, "bob")]);
    assert_eq!(rig.answer(3, "chat", members), Verdict::Live);
    assert!(!rig.chat(), "it was lifted");
    assert_eq!(rig.answer(4, "", since(&[member(4, "bob")])), Verdict::Live);
    assert!(rig.chat(), "it was kept without a reason");
    assert_eq!(
        rig.answer(5, "chat", since(&[member(5, "bob")])),
        Verdict::Live
    );
    assert!(!rig.chat(), "it was overlooked");
}

#[test]
fn where_a_change_may_have_been_missed_all_is_reset() {
    let mut rig = Rig::new();
    rig.answer_all(1, "", all("on"));
    rig.heard.take();
    let poison = since(&[member(2, "bob"), (2, "org_role", "dev", "", Some("{"))]);
    assert_eq!(rig.answer(2, "", poison), Verdict::ReadAll);
    assert_eq!(rig.heard.take(), [""; 0], "told of what is not live");
    // By the time that it is understood, others have changed.
    assert_eq!(rig.answer_all(4, "", all("on")), Verdict::Live);
    assert_eq!(
        rig.heard.take(),
        ["reset 4 over Some(1)", "published 4 over Some(4)"]
    );
    // One is missing between.
    let hole = since(&[member(6, "bob")]);
    assert_eq!(rig.answer(6, "", hole), Verdict::ReadAll);
    assert_eq!(rig.heard.take(), [""; 0]);
}

#[test]
fn memberships_among_the_facts_would_be_in_two_places() {
    let mut rig = Rig::new();
    let mut rows = all("on");
    rows.push((
        "member".into(),
        "acme".into(),
        "bob".into(),
        r#"{"roles":[]}"#.into(),
    ));
    let verdict = rig.answer_all(1, "", rows);
    assert!(matches!(verdict, Verdict::Refused(_)), "{verdict:?}");
}
