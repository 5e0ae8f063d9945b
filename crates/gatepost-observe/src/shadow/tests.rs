#[cfg(feature = "store")]
mod of_commands;
mod written;

use gatepost::{
    Denial, Mode, NamedOrg, Next, Org, OrgId, OrgRule, Owner, PolicyText, Request, Requirement,
    Subject, SubjectId, decide,
};
use gatepost_enforce::Verdict;

use super::*;

static READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
static CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);
static UPDATE: Requirement = Requirement::new("chat", "update")
    .mode(Mode::Background)
    .org(Org::path("org"))
    .owner(Owner::Loaded);
static SITE: Requirement = Requirement::new("chat", "read").org(Org::none());

/// One request: what the route requires, who asks, and where.
#[derive(Clone, Copy)]
struct Ask(&'static Requirement, &'static str, &'static str);

fn asks() -> Vec<Ask> {
    let mut all = Vec::new();
    for requirement in [&READ, &CREATE, &UPDATE, &SITE] {
        for subject in ["alice", "bob", "gina"] {
            for org in ["acme", "zeta"] {
                all.push(Ask(requirement, subject, org));
            }
        }
    }
    all
}

fn subject(id: &str) -> SubjectId {
    SubjectId::new(id).unwrap()
}

/// Policies that differ in the switches, the access and a role.
fn policies() -> Vec<PolicyText> {
    let mut all = Vec::new();
    for switch in ["off", "opt-in", "opt-out", "on"] {
        for access in ["everyone", "granted"] {
            for said in ["", "orgs.acme.gates.chat.switch = \"off\"\n"] {
                for grants in ["chat:read", "chat:*@own", "chat:*", "!chat:read"] {
                    all.push(PolicyText::toml(format!(
                        "version = 1\nresources.chat = [\"create\", \"read\", \"update\"]\n\
                         site.gates.chat = {{ switch = \"{switch}\", access = \"{access}\" }}\n\
                         site.roles.staff.grants = [\"chat:read\"]\n\
                         org_roles.guest = {{ level = 1, grants = [\"{grants}\"] }}\n{said}\
                         orgs.acme.members.alice.roles = [\"guest\"]\norgs.acme.members.gina.roles = [\"guest\"]\n\
                         orgs.zeta.members.bob.roles = [\"guest\"]\n\
                         subjects.alice.site_roles = [\"staff\"]\nsubjects.gina.status = \"suspended\"\n"
                    )));
                }
            }
        }
    }
    all
}

/// The answer by plain `decide`, of a request of which everything is known.
fn by_hand(facts: &Snapshot, Ask(requirement, id, org): Ask) -> Said {
    let (asker, org) = (Subject::new(subject(id)), OrgId::new(org).unwrap());
    let (id, bob) = (subject(id), subject("bob"));
    let mut request = Request::new("chat", requirement.action()).subject(&asker);
    request = if requirement.org_rule().has_source() {
        request.org(&org)
    } else {
        request.org_rule(OrgRule::None)
    };
    request = match requirement.owner_rule() {
        Owner::Subject => request.owner(&id),
        Owner::Loaded => request.owner(&bob),
        _ => request,
    };
    request = request.at(Timestamp::now());
    if let gatepost::ModeRule::Fixed(mode) = requirement.mode_rule() {
        request = request.mode(mode);
    }
    match decide(facts, &request) {
        Step::Done(Decision::Allow(_)) => Said::Allow,
        Step::Done(Decision::Deny(deny)) => Said::Deny(deny.code),
        other => panic!("{other:?}"),
    }
}

/// Decides as an adapter does: what is needed is read, unless all of it was before, and it is told of with what had
/// been read by then.
fn decide_and_tell(
    facts: &Snapshot,
    ask: Ask,
    is_read: bool,
    shadow: &dyn Observer,
) -> Option<Denial> {
    let Ask(requirement, id, org) = ask;
    let mut asked = Evaluation::new(requirement, "chat", Some(Subject::new(subject(id))));
    let named = NamedOrg::Named(OrgId::new(org).unwrap());
    let owner = || Some(subject("bob"));
    if is_read {
        if requirement.org_rule().has_source() {
            asked.org(named.clone());
        }
        asked.owner(owner());
    }
    let tell = |verdict, kept: &Evaluation| {
        let mut decided = Decided::new(verdict, Some(kept), requirement);
        decided.method = "POST";
        decided.path = Some("/orgs/{org}/chats");
        decided.version = Some(facts.version());
        shadow.decided(&decided);
    };
    loop {
        let kept = asked.clone();
        match asked.next(facts) {
            Next::Admit(permit) => {
                tell(Verdict::Allow(&permit), &kept);
                return None;
            }
            Next::Reject(denial) => {
                tell(Verdict::Refuse(&denial), &kept);
                return Some(denial);
            }
            Next::NeedOrg => asked.org(named.clone()),
            Next::NeedOwner(_) => asked.owner(owner()),
            next => panic!("nothing asks for this: {next:?}"),
        }
    }
}

#[test]
fn what_disagrees_is_the_difference_of_two_answers_by_hand() {
    let policies = policies();
    let (mut denied, mut allowed) = (0, 0);
    for candidate in &policies {
        let shadow = Shadow::of_document(&candidate.parse().unwrap()).unwrap();
        let candidate = candidate.compile(1).unwrap();
        let (mut lost, mut gained, mut all) = (0, 0, 0);
        for (version, live) in (7..).zip(policies.iter().step_by(3)) {
            let live = live.compile(version).unwrap();
            for ask in asks() {
                let (was, is) = (by_hand(&live, ask), by_hand(&candidate, ask));
                let told = decide_and_tell(&live, ask, true, &shadow);
                // It changes no answer.
                assert_eq!(told.map_or(Said::Allow, |it| Said::Deny(it.code())), was);
                all += 1;
                lost += u64::from(was == Said::Allow && is != Said::Allow);
                gained += u64::from(was != Said::Allow && is == Said::Allow);
            }
        }
        let report = shadow.report();
        let told = (report.compared, report.newly_denied, report.newly_allowed);
        assert_eq!(told, (all, lost, gained));
        let sum = |rows: &[ShadowRow]| rows.iter().map(|row| row.requests).sum::<u64>();
        assert_eq!((sum(&report.denied), sum(&report.allowed)), (lost, gained));
        assert_eq!((report.undecided, report.skipped, report.errors), (0, 0, 0));
        denied += lost;
        allowed += gained;
    }
    assert!(denied > 1_000 && allowed > 1_000, "{denied} {allowed}");
}

#[test]
fn what_it_would_have_had_to_read_is_undecided_and_never_guessed() {
    let policies = policies();
    let mut undecided = 0;
    for candidate in policies.iter().step_by(5) {
        let facts = candidate.compile(1).unwrap();
        for live in policies.iter().step_by(3) {
            let live = live.compile(7).unwrap();
            for ask in asks() {
                let shadow = Shadow::of_document(&candidate.parse().unwrap()).unwrap();
                decide_and_tell(&live, ask, false, &shadow);
                let report = shadow.report();
                assert_eq!(report.compared + report.undecided, 1);
                undecided += report.undecided;
                if report.compared == 1 {
                    let (was, is) = (by_hand(&live, ask), by_hand(&facts, ask));
                    let disagree = (was == Said::Allow) != (is == Said::Allow);
                    assert_eq!(!report.is_agreed(), disagree);
                }
            }
        }
    }
    assert!(undecided > 100, "{undecided}");
}

fn pair(before: &str, after: &str) -> (Snapshot, Shadow) {
    let policy = |switch: &str, more: &str| {
        PolicyText::toml(format!(
            "version = 1\nresources.chat = [\"create\", \"read\", \"update\"]\n\
             site.gates.chat = {{ switch = \"{switch}\", access = \"everyone\" }}\n\
             org_roles.anyone.grants = [\"chat:*\"]\norg_roles.guest = {{ level = 1, grants = [\"chat:*\"] }}\n\
             orgs.acme.members.alice.roles = [\"guest\"]\n{more}"
        ))
    };
    let shadow = Shadow::of_document(&policy(after, "").parse().unwrap()).unwrap();
    (policy(before, "").compile(7).unwrap(), shadow)
}

#[test]
fn a_row_tells_route_org_code_and_a_few_who_asked() {
    let (live, shadow) = pair("on", "off");
    for _ in 0..5 {
        decide_and_tell(&live, Ask(&CREATE, "alice", "acme"), true, &shadow);
    }
    let report = shadow.report();
    let [row] = &report.denied[..] else {
        panic!("{report}")
    };
    assert_eq!(
        (row.method, row.path.as_deref()),
        ("POST", Some("/orgs/{org}/chats"))
    );
    assert_eq!(
        (&*row.requirement, row.code),
        ("chat:create#foreground", Code::SiteOff)
    );
    assert_eq!(row.org.as_ref().map(OrgId::as_str), Some("acme"));
    // Another decision of the same subject would tell no more.
    assert_eq!((row.requests, row.subjects, row.examples.len()), (5, 1, 1));
    assert!(report.since <= row.first && row.first <= row.last && row.last <= report.at);
    let told = report.to_string();
    assert!(told.starts_with("of 5 requests since "), "{told}");
    assert!(
        told.contains(" 5 would be denied that were allowed, 0 the other way round\n"),
        "{told}"
    );
    assert!(
        told.contains("  POST /orgs/{org}/chats  chat:create#foreground  acme  site_off  5 "),
        "{told}"
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["denied"][0]["code"], "site_off");
}

#[test]
fn a_request_that_is_reported_is_one_that_was_denied() {
    let (live, shadow) = pair("off", "off");
    let denial = decide_and_tell(&live, Ask(&READ, "alice", "acme"), true, &shadow).unwrap();
    let mut asked = Evaluation::new(&READ, "chat", Some(Subject::new(subject("alice"))));
    asked.org(NamedOrg::Named(OrgId::new("acme").unwrap()));
    let decided = Decided::new(Verdict::Report(&denial), Some(&asked), &READ);
    shadow.decided(&decided);
    let report = shadow.report();
    assert_eq!((report.compared, report.is_agreed()), (2, true));
}

#[test]
fn an_error_is_compared_with_nothing() {
    let (_, shadow) = pair("on", "off");
    let asked = Evaluation::new(&READ, "chat", Some(Subject::new(subject("alice"))));
    for code in [Code::PolicyUnavailable, Code::PolicyStale, Code::BadRequest] {
        let denial = Denial::new(code);
        shadow.decided(&Decided::new(Verdict::Refuse(&denial), Some(&asked), &READ));
    }
    // Nor is a request of which nothing is known.
    let denial = Denial::new(Code::Unauthenticated);
    shadow.decided(&Decided::new(Verdict::Refuse(&denial), None, &READ));
    let report = shadow.report();
    assert_eq!((report.errors, report.skipped, report.compared), (3, 1, 0));
}

#[test]
fn a80_whoever_asks_as_many_as_he_likes_leaves_so_many_rows() {
    let (live, shadow) = pair("on", "off");
    let shadow = shadow.at_most(50);
    let paths: Vec<String> = (0..200).map(|at| format!("/{at}")).collect();
    for at in 0..100_000 {
        let hostile = Subject::new(subject(&format!("hostile-{at}")));
        let mut asked = Evaluation::new(&SITE, "chat", Some(hostile));
        let kept = asked.clone();
        let Next::Admit(permit) = asked.next(&live) else {
            panic!("everybody may read it")
        };
        let mut decided = Decided::new(Verdict::Allow(&permit), Some(&kept), &SITE);
        decided.path = paths.get(at % 200).map(String::as_str);
        shadow.decided(&decided);
    }
    let report = shadow.report();
    let other = (report.newly_denied, report.other_denied);
    assert_eq!((report.denied.len(), other), (50, (100_000, 75_000)));
    for row in &report.denied {
        assert!(row.subjects.abs_diff(500) < 85, "{}", row.subjects);
        assert_eq!((row.requests, row.examples.len()), (500, 3));
    }
    let told = report.to_string();
    assert!(
        told.contains("  and 75000 requests beside these\n"),
        "{told}"
    );
}

#[test]
fn all_clones_are_one_and_threads_lose_nothing() {
    let (live, shadow) = pair("on", "off");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (live, shadow) = (&live, shadow.clone());
            scope.spawn(move || {
                for _ in 0..500 {
                    decide_and_tell(live, Ask(&READ, "alice", "acme"), true, &shadow);
                }
            });
        }
    });
    let report = shadow.report();
    assert_eq!((report.compared, report.denied[0].requests), (2_000, 2_000));
}
