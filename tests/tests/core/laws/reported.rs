//! Requirements that only report: what goes on is what the oracle allows without the six checks, and nothing else
//! is answered otherwise than without them.

use std::collections::{BTreeMap, HashMap};

use gatepost::{
    Code, Denial, Evaluation, Kind, Mode, NamedOrg, Next, Org, OrgId, Owner, ReportOnly,
    Requirement, Snapshot, Subject, SubjectId, Timestamp,
};
use gatepost_tests::oracle::{Oracle, Request};
use gatepost_tests::question::Question;
use gatepost_tests::twin::Twin;
use gatepost_tests::verdict::Verdict;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::policies::{NOON, Policy, RESOURCES, policy};
use super::questions::QUESTIONS;

/// What an admin can grant or switch on.
const SIX: [&str; 6] = [
    "site_grant_missing",
    "org_off",
    "org_mode_off",
    "org_denied",
    "org_grant_missing",
    "mode_floor",
];
const POLICIES: usize = 24;

fn policies() -> impl Iterator<Item = Policy> {
    let mut runner = TestRunner::deterministic();
    (0..POLICIES).map(move |_| policy().new_tree(&mut runner).unwrap().current())
}

/// What must come of a request whose requirement only reports: the strict answer, and whether it goes on all the same.
fn expected(oracle: &Oracle, request: &Request) -> (Verdict, bool) {
    let strict = Verdict::from(oracle.decide(request));
    let is_of_six = strict.code.is_some_and(|code| SIX.contains(&code));
    let otherwise = Verdict::from(oracle.decide_but_for(&SIX, request));
    (strict, is_of_six && otherwise.allows())
}

/// Requirements stay for the life of the process: each is made once.
#[derive(Default)]
struct Requirements(HashMap<String, &'static Requirement>);

/// What of a request is known from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Everything.
    All,
    /// Who asks, and no more.
    Subject,
}

impl Requirements {
    fn of(
        &mut self,
        asked: &Request,
        known: Known,
        report_only: Option<ReportOnly>,
    ) -> (&'static Requirement, &'static str) {
        let (resource, actions) = *RESOURCES
            .iter()
            .find(|(name, _)| *name == asked.resource)
            .unwrap();
        let action = actions.iter().find(|name| **name == asked.action).unwrap();
        let org = match asked.org_rule.as_deref() {
            Some("default") => Org::default_org(),
            Some("none") => Org::none(),
            _ => Org::path("org"),
        };
        let mut requirement = Requirement::new(resource, action)
            .org(org)
            .owner(Owner::Loaded);
        if let Some(mode) = &asked.mode {
            requirement = match known {
                Known::All => requirement.mode(Mode::parse(mode).unwrap()),
                Known::Subject => requirement.mode_from_body(64, |_| None),
            };
        }
        if let Some(report_only) = report_only {
            requirement = requirement.report_only(report_only);
        }
        let key = format!("{requirement:?}");
        let kept = self.0.entry(key).or_insert_with(|| requirement.kept());
        (kept, resource)
    }

    fn ask(
        &mut self,
        asked: &Request,
        known: Known,
        report_only: Option<ReportOnly>,
    ) -> Evaluation {
        let (requirement, resource) = self.of(asked, known, report_only);
        let mut evaluation = Evaluation::new(requirement, resource, Some(subject(asked)));
        if known == Known::All {
            if asked.org_rule.is_none() {
                evaluation.org(org(asked));
            }
            evaluation.owner(owner(asked));
        }
        evaluation
    }
}

fn subject(asked: &Request) -> Subject {
    let id = |id: &str| SubjectId::new(id).unwrap();
    let mut subject = Subject::new(id(asked.subject.as_deref().unwrap()));
    if let Some(delegator) = &asked.acting_for {
        subject = subject.acting_for(id(delegator));
    }
    if let Some(kind) = &asked.kind {
        subject = subject.kind(Kind::parse(kind).unwrap());
    }
    match &asked.scopes {
        Some(scopes) => subject.scopes(scopes),
        None => subject,
    }
}

fn org(asked: &Request) -> NamedOrg {
    NamedOrg::Named(OrgId::new(asked.org.as_deref().unwrap()).unwrap())
}

fn owner(asked: &Request) -> Option<SubjectId> {
    asked.owner.as_deref().map(|id| SubjectId::new(id).unwrap())
}

/// What a client is told, but for the id of the decision.
fn told(denial: &Denial) -> Value {
    let mut told = serde_json::to_value(denial.problem()).unwrap();
    told.as_object_mut().unwrap().remove("decision");
    told
}

/// How a request ended.
#[derive(Debug, PartialEq)]
enum End {
    Admitted,
    Refused(Value),
    /// It went on, and would have been told this.
    Reported(Value),
}

/// Fills in what is asked for until the request is over.
fn run(evaluation: &mut Evaluation, facts: &Snapshot, asked: &Request, late: &mut Late) -> End {
    for _ in 0..8 {
        let next = evaluation.next(facts);
        let denied = evaluation.clone().take_denied();
        late.count(&next, denied.as_ref());
        match next {
            Next::Admit(_) => return End::Admitted,
            Next::Reject(denial) => return End::Refused(told(&denial)),
            Next::Report(unenforced) => {
                assert_eq!(
                    unenforced.subject().as_str(),
                    asked.subject.as_deref().unwrap()
                );
                assert_eq!(
                    unenforced.acting_for().map(SubjectId::as_str),
                    asked.acting_for.as_deref()
                );
                let org = unenforced.org().map(OrgId::as_str);
                assert!(asked.org.is_none() || org == asked.org.as_deref());
                assert_eq!(org.is_none(), asked.org_rule.as_deref() == Some("none"));
                assert_eq!(
                    unenforced.mode().map(Mode::as_str),
                    asked.mode.as_deref(),
                    "{asked:?}"
                );
                return End::Reported(told(unenforced.denial()));
            }
            Next::NeedOrg => evaluation.org(org(asked)),
            Next::NeedMode => {
                evaluation.mode(Mode::parse(asked.mode.as_deref().unwrap()).unwrap());
            }
            Next::NeedOwner(_) => evaluation.owner(owner(asked)),
            Next::NeedMemberships(whose) => panic!("{whose}: they are here"),
        }
    }
    panic!("asked for ever: {asked:?}");
}

/// What was asked for only to find out whether a denied request goes on.
#[derive(Debug, Default)]
struct Late(BTreeMap<&'static str, usize>);

impl Late {
    fn count(&mut self, next: &Next, denied: Option<&Denial>) {
        let what = match next {
            Next::NeedOrg => "org",
            Next::NeedMode => "mode",
            Next::NeedOwner(_) => "owner",
            Next::NeedMemberships(_) => "memberships",
            Next::Admit(_) | Next::Reject(_) | Next::Report(_) => {
                assert!(denied.is_none(), "it is over");
                return;
            }
        };
        if let Some(denied) = denied {
            assert!(denied.code().is_reportable());
            *self.0.entry(what).or_default() += 1;
        }
    }
}

#[test]
fn six_codes_may_be_reported_and_no_other() {
    let reportable = Code::ALL.iter().filter(|code| code.is_reportable());
    let reportable: Vec<_> = reportable.map(|code| code.as_str()).collect();
    let mut six = SIX.to_vec();
    six.sort_by_key(|code| reportable.iter().position(|other| other == code));
    assert_eq!(reportable, six);
}

#[test]
fn what_goes_on_is_what_nothing_else_stands_against() {
    let at: Timestamp = NOON.parse().unwrap();
    let over = ReportOnly::until("2026-06-01");
    let not_yet = ReportOnly::until("2026-06-02");
    let mut requirements = Requirements::default();
    let mut seen: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for policy in policies() {
        let twin = Twin::of(&serde_json::to_value(&policy.0).unwrap());
        for question in &*QUESTIONS {
            let asked = &question.oracle;
            let (strict, goes_on) = expected(&twin.oracle, asked);
            *seen
                .entry((strict.code.unwrap_or("allow"), goes_on))
                .or_default() += 1;
            let mut preview = |report_only| {
                let asked = requirements.ask(asked, Known::All, report_only);
                Verdict::of_step(
                    asked.preview(&twin.snapshot, at),
                    question.acts_for_another(),
                )
            };
            for report_only in [None, Some(over)] {
                assert_eq!(preview(report_only), strict, "{asked:?}\n{policy:?}");
            }
            for report_only in [ReportOnly::ALWAYS, not_yet] {
                let said = preview(Some(report_only));
                assert_eq!(
                    said.allows(),
                    goes_on || strict.allows(),
                    "{strict}: {asked:?}\n{policy:?}"
                );
                assert!(goes_on || said == strict, "{said}: {asked:?}\n{policy:?}");
            }
        }
    }
    // A law about what goes on says nothing where nothing does, or everything.
    for code in SIX {
        for goes_on in [false, true] {
            assert!(seen.get(&(code, goes_on)) > Some(&20), "{code} {seen:?}");
        }
    }
}

/// The same with the inputs read when they are asked for, by the clock.
#[test]
fn what_is_read_late_comes_to_the_same_and_what_is_refused_is_told_the_same() {
    let now = Timestamp::now().to_string().parse().unwrap();
    let mut requirements = Requirements::default();
    let (mut late, mut none, mut reported) = (Late::default(), Late::default(), 0);
    for policy in policies() {
        let twin = Twin::of(&serde_json::to_value(&policy.0).unwrap());
        let questions = QUESTIONS.iter().map(|question: &Question| &question.oracle);
        // An object has an owner, and what has a mode says so.
        for asked in questions.filter(|asked| asked.owner.is_some()) {
            let asked = &Request {
                at: now,
                ..asked.clone()
            };
            let (strict, goes_on) = expected(&twin.oracle, asked);
            for known in [Known::All, Known::Subject] {
                let mut end = |report_only, late: &mut Late| {
                    let mut evaluation = requirements.ask(asked, known, report_only);
                    run(&mut evaluation, &twin.snapshot, asked, late)
                };
                let enforced = end(None, &mut none);
                let over = end(Some(ReportOnly::until("2000-01-01")), &mut none);
                assert_eq!(over, enforced, "{asked:?}\n{policy:?}");
                let said = end(Some(ReportOnly::ALWAYS), &mut late);
                let mut told = enforced;
                if let (End::Reported(_), End::Refused(refused)) = (&said, &told) {
                    reported += 1;
                    told = End::Reported(refused.clone());
                }
                assert_eq!(said, told, "{known:?} {asked:?}\n{policy:?}");
                let is_reported = matches!(said, End::Reported(_));
                assert_eq!(is_reported, goes_on, "{strict}: {asked:?}\n{policy:?}");
            }
        }
    }
    assert!(reported > 1000);
    assert_eq!(
        none.0,
        BTreeMap::new(),
        "nobody reads more for who is refused"
    );
    for what in ["org", "mode", "owner"] {
        assert!(late.0.get(what) > Some(&20), "{what}: {late:?}");
    }
}
