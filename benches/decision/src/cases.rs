//! The cases, each a closure that asks once and says whether it was answered as it should be.

use std::error::Error;
use std::hint::black_box;

use gatepost::{
    Code, Decision, Denial, Evaluation, Gate, Mode, NamedOrg, Next, Org, OrgId, Owner, PolicyText,
    Request, Requirement, Snapshot, Step, Subject, SubjectId, Target, TargetCache, decide,
};

use crate::policy::{Beside, ORGS, written};

/// Why a case cannot be made ready.
pub type Failure = Box<dyn Error>;

/// Asks once; whether the answer was the right one.
pub type Ask = Box<dyn FnMut() -> bool>;

/// A case, and what makes it ready.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The name that its figure is kept under.
    pub name: &'static str,
    ready: fn() -> Result<Ask, Failure>,
}

/// All of them.
pub const CASES: &[Case] = &[
    Case {
        name: "allow",
        ready: || Asked::new("member", "org", "chat", "create").ready(Expected::Allow),
    },
    Case {
        name: "allow, through the gate",
        ready: through_the_gate,
    },
    Case {
        name: "allow, in the background",
        ready: || {
            let asked = Asked::new("member", "org", "chat", "create");
            asked.mode(Mode::Background).ready(Expected::Allow)
        },
    },
    Case {
        name: "allow, one's own",
        ready: || {
            let asked = Asked::new("member", "org", "chat", "update");
            asked.own().ready(Expected::Allow)
        },
    },
    Case {
        name: "allow, two orgs above",
        ready: || {
            let asked = Asked::new("member", "team", "chat", "create");
            asked.beside(Beside::OrgsBelow).ready(Expected::Allow)
        },
    },
    Case {
        name: "allow, all orgs",
        ready: || Asked::new("auditor", "org", "chat", "create").ready(Expected::Allow),
    },
    Case {
        name: "allow, 200 roles",
        ready: || {
            let asked = Asked::new("member", "org", "chat", "read");
            asked.beside(Beside::ManyRoles).ready(Expected::Allow)
        },
    },
    Case {
        name: "deny by site",
        ready: || {
            let asked = Asked::new("member", "org", "vault", "read");
            asked.ready(Expected::Deny(Code::SiteOff))
        },
    },
    Case {
        name: "deny by org",
        ready: || {
            let asked = Asked::new("member", "org", "report", "read");
            asked.ready(Expected::Deny(Code::OrgOff))
        },
    },
    Case {
        name: "deny by org, an org that one may not know",
        ready: || {
            let asked = Asked::new("stranger", "org", "chat", "create");
            asked.ready(Expected::Deny(Code::NotAMember))
        },
    },
    Case {
        name: "deny by org, an org that there is not",
        ready: || {
            let asked = Asked::new("stranger", "orf", "chat", "create");
            asked.ready(Expected::Deny(Code::NotAMember))
        },
    },
    Case {
        name: "a request as adapters ask it, to its permit",
        ready: || evaluated("org", |next| matches!(next, Next::Admit(_))),
    },
    Case {
        name: "a request as adapters ask it, to its refusal",
        ready: || {
            evaluated(
                "orf",
                |next| matches!(&next, Next::Reject(denial) if denial.code() == Code::NotAMember),
            )
        },
    },
    Case {
        name: "a refusal's body",
        ready: || Ok(body()),
    },
];

impl Case {
    /// Makes the case ready: compiles its policy, parses its ids.
    ///
    /// # Errors
    ///
    /// When its policy or its ids are none.
    pub fn ready(&self) -> Result<Ask, Failure> {
        (self.ready)()
    }
}

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);

#[derive(Clone, Copy)]
enum Expected {
    Allow,
    Deny(Code),
}

/// Who asks where for what: the words before the numbers of the subject and the org.
#[derive(Clone, Copy)]
struct Asked {
    subject: &'static str,
    org: &'static str,
    target: Target<'static>,
    mode: Option<Mode>,
    own: bool,
    beside: Beside,
}

impl Asked {
    const fn new(
        subject: &'static str,
        org: &'static str,
        resource: &'static str,
        action: &'static str,
    ) -> Self {
        Self {
            subject,
            org,
            target: Target::new(resource, action),
            mode: None,
            own: false,
            beside: Beside::Nothing,
        }
    }

    const fn mode(self, mode: Mode) -> Self {
        Self {
            mode: Some(mode),
            ..self
        }
    }

    const fn own(self) -> Self {
        Self { own: true, ..self }
    }

    const fn beside(self, beside: Beside) -> Self {
        Self { beside, ..self }
    }

    fn ready(self, expected: Expected) -> Result<Ask, Failure> {
        let facts = compiled(self.beside)?;
        let target = facts.resolve(self.target);
        let mut ids = Ids::new(self.subject, self.org)?;
        Ok(Box::new(move || {
            let Some((subject, org)) = ids.next() else {
                return false;
            };
            let mut request = Request::of(target)
                .subject(subject)
                .org(org)
                .mode(self.mode);
            if self.own {
                request = request.owner(subject.id());
            }
            expected.is(&black_box(decide(&facts, &request)))
        }))
    }
}

impl Expected {
    #[inline]
    fn is(self, step: &Step<'_>) -> bool {
        match (step, self) {
            (Step::Done(Decision::Allow(_)), Self::Allow) => true,
            (Step::Done(Decision::Deny(deny)), Self::Deny(code)) => deny.code == code,
            _ => false,
        }
    }
}

/// Who asks, and where; around and around.
struct Ids {
    all: Vec<(Subject, OrgId)>,
    next: usize,
}

impl Ids {
    fn new(subject: &str, org: &str) -> Result<Self, Failure> {
        let all = (0..ORGS).map(|number| {
            let subject = SubjectId::new(format!("{subject}-{number:04}"))?;
            let org = OrgId::new(format!("{org}-{number:04}"))?;
            Ok((Subject::new(subject), org))
        });
        Ok(Self {
            all: all.collect::<Result<_, Failure>>()?,
            next: 0,
        })
    }

    #[inline]
    fn next(&mut self) -> Option<&(Subject, OrgId)> {
        let found = self.all.get(self.next);
        self.next = (self.next + 1) % ORGS;
        found
    }
}

fn compiled(beside: Beside) -> Result<Snapshot, Failure> {
    Ok(PolicyText::toml(written(beside)).compile(1)?)
}

fn through_the_gate() -> Result<Ask, Failure> {
    let facts = compiled(Beside::Nothing)?;
    let target = facts.resolve(Target::new("chat", "create"));
    let gate = Gate::fixed(facts);
    let mut ids = Ids::new("member", "org")?;
    Ok(Box::new(move || {
        let Some((subject, org)) = ids.next() else {
            return false;
        };
        let request = Request::of(target).subject(subject).org(org);
        let allowed = gate.read(|facts| Expected::Allow.is(&black_box(decide(facts, &request))));
        allowed == Ok(true)
    }))
}

/// What every adapter does with a request that it has taken apart.
fn evaluated(org: &str, expected: fn(&Next) -> bool) -> Result<Ask, Failure> {
    let gate = Gate::fixed(compiled(Beside::Nothing)?);
    let target = TargetCache::new(Target::new("chat", "create"));
    let subject = if org == "org" { "member" } else { "stranger" };
    let mut ids = Ids::new(subject, org)?;
    Ok(Box::new(move || {
        let Some((subject, org)) = ids.next() else {
            return false;
        };
        let mut evaluation = Evaluation::new(&CREATE, "chat", Some(subject.clone()));
        evaluation.org(NamedOrg::Named(org.clone()));
        let next = gate.read(|facts| {
            evaluation.look_up(&target, facts);
            evaluation.next(facts)
        });
        next.is_ok_and(|next| expected(&black_box(next)))
    }))
}

fn body() -> Ask {
    let denial = Denial::new(Code::OrgOff).asked("chat", "create");
    Box::new(move || !black_box(denial.body()).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_is_answered_as_its_name_says() {
        for case in CASES {
            let mut ask = case.ready().unwrap();
            for _ in 0..ORGS {
                assert!(ask(), "{}", case.name);
            }
        }
    }

    #[test]
    fn no_two_cases_have_one_name() {
        let names: std::collections::BTreeSet<_> = CASES.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), CASES.len());
    }
}
