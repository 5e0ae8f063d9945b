//! Requests that are really decided, for the tests of whoever observes.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatepost::{
    Denial, Evaluation, Mode, NamedOrg, Next, Org, OrgId, Owner, Permit, PolicyText, Requirement,
    Snapshot, Subject, SubjectId,
};
use gatepost_enforce::{Decided, Observer, Verdict};

use crate::sink::{LogLine, Sink};

pub(crate) const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);
pub(crate) const UPDATE: Requirement = Requirement::new("chat", "update")
    .mode_from_body(1024, |_| None)
    .org(Org::path("org"))
    .owner(Owner::Loaded);

/// olga may create in acme, and nobody anything anywhere else.
pub(crate) fn facts() -> Snapshot {
    let text = r#"
version = 1
[resources]
chat = ["create", "update"]
[site.gates.chat]
switch = "on"
access = "everyone"
foreground.switch = "on"
[org_roles.member]
level = 10
grants = ["chat:create", "chat:update@own"]
[orgs.acme.members.olga]
roles = ["member"]
[orgs.zeta]
"#;
    PolicyText::toml(text).compile(7).unwrap()
}

pub(crate) fn subject(id: &str) -> Subject {
    Subject::new(SubjectId::new(id).unwrap())
}

pub(crate) fn asked(
    requirement: &'static Requirement,
    subject: Option<Subject>,
    org: &str,
) -> Evaluation {
    let mut asked = Evaluation::new(requirement, "chat", subject);
    asked.org(NamedOrg::Named(OrgId::new(org).unwrap()));
    asked
}

pub(crate) fn denied(facts: &Snapshot, asked: &Evaluation) -> Denial {
    match asked.clone().next(facts) {
        Next::Reject(denial) => denial,
        next => panic!("{next:?}"),
    }
}

pub(crate) fn allowed(facts: &Snapshot, asked: &Evaluation) -> Permit {
    match asked.clone().next(facts) {
        Next::Admit(permit) => permit,
        next => panic!("{next:?}"),
    }
}

/// As an adapter tells it.
pub(crate) fn decided<'r>(verdict: Verdict<'r>, asked: &'r Evaluation) -> Decided<'r> {
    let mut decided = Decided::new(verdict, Some(asked), &CREATE);
    decided.method = "POST";
    decided.path = Some("/orgs/{org}/chats");
    decided.version = Some(7);
    decided.latency = Duration::from_nanos(1234);
    decided
}

/// Tells an observer so often that a stranger was refused.
pub(crate) fn refuse(observer: &dyn Observer, times: usize) {
    let facts = facts();
    let asked = asked(&CREATE, Some(subject("mallory")), "acme");
    for _ in 0..times {
        let denial = denied(&facts, &asked);
        observer.decided(&decided(Verdict::Refuse(&denial), &asked));
    }
}

/// Tells an observer so often that olga was let in.
pub(crate) fn admit(observer: &dyn Observer, times: usize) {
    let facts = facts();
    let asked = asked(&CREATE, Some(subject("olga")), "acme");
    for _ in 0..times {
        let permit = allowed(&facts, &asked);
        observer.decided(&decided(Verdict::Allow(&permit), &asked));
    }
}

/// Keeps the lines that it is given, unless it is told to do something else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) lines: Arc<Mutex<Vec<LogLine>>>,
    /// Each of the first writes, and what goes wrong with it.
    pub(crate) wrong: Arc<Mutex<Vec<Wrong>>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Wrong {
    Panics,
    Fails,
    FailsToSync,
    Blocks(Duration),
}

impl Kept {
    pub(crate) fn but(wrong: &[Wrong]) -> Self {
        let kept = Self::default();
        *kept.wrong.lock().unwrap() = wrong.to_vec();
        kept
    }

    pub(crate) fn lines(&self) -> Vec<LogLine> {
        self.lines.lock().unwrap().clone()
    }
}

impl Sink for Kept {
    fn write(&mut self, lines: &[LogLine]) -> io::Result<()> {
        let wrong = {
            let mut wrong = self.wrong.lock().unwrap();
            (!wrong.is_empty()).then(|| wrong.remove(0))
        };
        match wrong {
            Some(Wrong::Panics) => panic!("as it was told"),
            Some(Wrong::Fails) => return Err(io::Error::other("the disk is full")),
            Some(Wrong::FailsToSync) => self.wrong.lock().unwrap().insert(0, Wrong::FailsToSync),
            Some(Wrong::Blocks(long)) => std::thread::sleep(long),
            None => {}
        }
        self.lines.lock().unwrap().extend_from_slice(lines);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut wrong = self.wrong.lock().unwrap();
        if let [Wrong::FailsToSync, ..] = **wrong {
            wrong.remove(0);
            return Err(io::Error::other("it is not known"));
        }
        Ok(())
    }
}
