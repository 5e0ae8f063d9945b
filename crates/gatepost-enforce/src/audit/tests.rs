use std::panic::Location;

use gatepost::{Mode, Org, PolicyText, ReportOnly, Resource};

use super::*;

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"));
const RUN: Requirement = Requirement::on(
    Resource::ByPath {
        param: "agent",
        map: &[("planner", "agent-planner"), ("writer", "agent-writer")],
        otherwise: "agent",
    },
    "execute",
)
.org(Org::path("org"));

fn gate() -> Gate {
    let policy = PolicyText::toml(
        "version = 1\n[resources]\nchat = [\"create\", \"read\"]\nagent = [\"execute\"]\nagent-planner = [\"execute\"]\n",
    );
    Gate::fixed(policy.compile(1).unwrap())
}

#[track_caller]
fn route(method: &str, path: &str, requirement: Result<Requirement, &str>) -> Registered {
    Registered {
        method: method.to_owned(),
        path: path.to_owned(),
        requirement: requirement.map_err(str::to_owned),
        source: Location::caller(),
    }
}

fn messages(problems: &[SetupProblem]) -> Vec<String> {
    let texts = problems.iter();
    texts
        .map(|problem| format!("{} {}", problem.route, problem.message))
        .collect()
}

fn audit(routes: &[Registered], gate: &Gate) -> Vec<SetupProblem> {
    let enforcer = Enforcer::new(gate.clone());
    super::audit(routes.iter().map(|route| (route, &enforcer)))
}

#[test]
fn a_route_requires_what_the_policy_declares() {
    let rows = [
        (CREATE, None),
        (
            Requirement::new("gatepost-org", "read").org(Org::none()),
            None,
        ),
        (
            Requirement::new("chat", "creat").org(Org::none()),
            Some("POST /x requires `chat:creat`, which the policy does not declare"),
        ),
        (
            Requirement::new("chats", "create").org(Org::none()),
            Some("POST /x requires `chats:create`"),
        ),
        (RUN, Some("POST /x requires `agent-writer:execute`")),
    ];
    for (requirement, expected) in rows {
        let found = messages(&audit(&[route("POST", "/x", Ok(requirement))], &gate()));
        match expected {
            None => assert_eq!(found, [""; 0], "{requirement}"),
            Some(expected) => {
                assert_eq!(found.len(), 1, "{found:?}");
                assert!(found[0].starts_with(expected), "{found:?}");
                assert!(found[0].contains("audit/tests.rs:"), "{found:?}");
            }
        }
    }
}

#[test]
fn a_gate_without_a_policy_is_not_asked_what_it_knows() {
    let (gate, _feed) = Gate::channel();
    assert_eq!(audit(&[route("POST", "/x", Ok(CREATE))], &gate), []);
}

#[test]
fn what_runs_in_a_mode_runs_in_one_everywhere() {
    let recorded = Requirement::new("chat", "create").org(Org::path("org"));
    let by_body = recorded.mode_from_body(8, |_| None);
    let background = CREATE.mode(Mode::Background);
    let first = route("POST", "/a", Ok(CREATE));
    for sound in [
        background,
        by_body,
        Requirement::new("chat", "read").org(Org::none()),
    ] {
        let routes = [first.clone(), route("POST", "/b", Ok(sound))];
        assert_eq!(audit(&routes, &gate()), [], "{sound}");
    }
    for routes in [
        [first.clone(), route("POST", "/b", Ok(recorded))],
        [route("POST", "/b", Ok(recorded)), first],
    ] {
        let found = messages(&audit(&routes, &gate()));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("`chat:create` with"), "{found:?}");
        assert!(found[0].contains(&routes[0].shown()), "{found:?}");
        assert!(found[0].starts_with(&routes[1].shown()), "{found:?}");
    }
}

#[test]
fn modes_are_compared_within_a_gate_and_between_its_clones() {
    let one = route("POST", "/a", Ok(CREATE));
    let other = route(
        "POST",
        "/b",
        Ok(Requirement::new("chat", "create").org(Org::path("org"))),
    );
    let [here, there] = [gate(), gate()].map(Enforcer::new);
    assert_eq!(super::audit([(&one, &here), (&other, &there)]), []);
    let again = here.clone();
    let all = [(&one, &here), (&other, &there), (&other, &again)];
    assert_eq!(super::audit(all).len(), 1);
}

#[test]
fn a_public_route_says_why() {
    assert_eq!(
        audit(&[route("GET", "/healthz", Err("probes"))], &gate()),
        []
    );
    let found = audit(&[route("GET", "/healthz", Err("two\nlines"))], &gate());
    assert!(messages(&found)[0].contains("in one line of text"));
    let found = audit(&[route("GET", "/healthz", Err(" \n"))], &gate());
    assert!(messages(&found)[0].starts_with("GET /healthz is public and does not say why"));
}

#[test]
fn two_routes_do_not_share_method_and_path() {
    let routes = [
        route("GET", "/a", Ok(CREATE)),
        route("POST", "/a", Ok(CREATE)),
        route("GET", "/a/", Ok(CREATE)),
        route("*", "/a", Err("why")),
    ];
    assert_eq!(twice(&routes), []);
    let again = route("GET", "/a", Err("why"));
    let found = messages(&twice(&[routes.as_slice(), &[again]].concat()));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("GET /a is there twice, first at "),
        "{found:?}"
    );
}

#[test]
fn what_only_reports_is_about_some_route() {
    let mut enforcer = Enforcer::new(gate());
    enforcer.add_report_only("chat", ReportOnly::ALWAYS);
    let routes = [route("POST", "/a", Ok(CREATE))];
    let audited = |enforcer: &Enforcer| {
        let routes = routes.iter().map(|route| (route, enforcer));
        messages(&super::audit(routes))
    };
    assert_eq!(audited(&enforcer), Vec::<String>::new());
    enforcer.add_report_only("chats", ReportOnly::ALWAYS);
    let found = audited(&enforcer);
    assert_eq!(
        found,
        ["* `chats` is to report only, and no route is about it"]
    );
}
