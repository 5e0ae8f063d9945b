//! Why about a route: the same answer as the route itself gives.

use gatepost::{
    Evaluation, Inventory, InventoryRoute, Mode, NamedOrg, Next, Org, OrgId, Owner, Requirement,
    Resource, Subject, SubjectId,
};

use super::pages::encoded;
use super::rig::{POLICY, Rig, who};

const IN_ORG: Requirement = Requirement::new("chat", "create")
    .org(Org::path("org"))
    .mode(Mode::Foreground);
const READ: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org"))
    .owner(Owner::Loaded);
const OWN: Requirement = Requirement::new("chat", "create")
    .org(Org::none())
    .owner(Owner::Subject);
const DEFAULT: Requirement = Requirement::new("chat", "create")
    .org(Org::header("x-org").or_default())
    .owner(Owner::Subject);
const RUN: Requirement = Requirement::new("agent", "execute")
    .org(Org::path("org"))
    .mode_from_body(4096, |_| None);
const BY_PATH: Requirement = Requirement::on(
    Resource::ByPath {
        param: "what",
        map: &[("chats", "chat")],
        otherwise: "agent",
    },
    "read",
)
.org(Org::path("org"));

const ROUTES: [(&str, &str, &Requirement); 6] = [
    ("POST", "/orgs/{org}/chats", &IN_ORG),
    ("GET", "/orgs/{org}/chats/{id}", &READ),
    ("POST", "/me/chats", &OWN),
    ("POST", "/dashboard/chats", &DEFAULT),
    ("POST", "/orgs/{org}/runs", &RUN),
    ("GET", "/orgs/{org}/{what}", &BY_PATH),
];

/// What a request to a route says.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    org: Option<&'static str>,
    mode: Option<Mode>,
    owner: Option<&'static str>,
    resource: &'static str,
}

async fn rig() -> Rig {
    let routes =
        ROUTES.map(|(method, path, requires)| InventoryRoute::requiring(method, path, requires));
    let routes = Inventory::new(routes);
    // The site opens background work to owners alone, and acme has closed chats that are waited for.
    let policy = POLICY.replace(
        "gates.chat = { switch = \"on\" }",
        "gates.chat = { switch = \"on\", foreground = { switch = \"off\" } }",
    );
    assert_ne!(policy, POLICY);
    Rig::with(&policy, |console| {
        console.identity(who).routes("chats", routes)
    })
    .await
}

/// What the gate answers to a request that says this.
fn answered(rig: &Rig, requires: &'static Requirement, subject: &str, said: Said) -> String {
    let subject = Subject::new(SubjectId::new(subject).unwrap());
    let mut asked = Evaluation::new(requires, said.resource, Some(subject));
    let facts = rig.gate.snapshot().unwrap();
    loop {
        match asked.next(&facts) {
            Next::Admit(_) => return "Allowed".to_owned(),
            Next::Reject(denial) => return format!("Denied: {}", denial.code()),
            Next::NeedOrg => asked.org(match said.org {
                Some(org) => NamedOrg::Named(OrgId::new(org).unwrap()),
                None => NamedOrg::Absent,
            }),
            Next::NeedMode => asked.mode(said.mode.unwrap()),
            Next::NeedOwner(_) => asked.owner(said.owner.map(|id| SubjectId::new(id).unwrap())),
            Next::NeedMemberships(_) => unreachable!("all memberships are in the policy"),
            Next::Report(_) => unreachable!("nothing of the console only reports"),
        }
    }
}

/// The page about a route.
fn page(route: &str, subject: &str, said: Said) -> String {
    let mut page = format!(
        "/console/why?subject={subject}&what={}&org={}&owner={}&resource={}",
        encoded(route),
        said.org.unwrap_or_default(),
        said.owner.unwrap_or_default(),
        said.resource
    );
    if let Some(mode) = said.mode {
        page.push_str("&mode=");
        page.push_str(mode.as_str());
    }
    page
}

/// The answer on a page, as text.
fn told(text: &str) -> String {
    let from = text.split("role=\"status\"><h2>").nth(1);
    let Some(from) = from else {
        panic!("no answer: {text}");
    };
    let answer = from.split("</h2>").next().unwrap();
    answer.replace("<code>", "").replace("</code>", "")
}

#[tokio::test(flavor = "multi_thread")]
async fn why_about_a_route_is_what_the_route_answers() {
    let rig = rig().await;
    let mut seen = std::collections::BTreeSet::new();
    for (method, path, requires) in ROUTES {
        let route = format!("{method} {path}");
        let orgs = [None, Some("acme"), Some("globex")];
        let modes = [None, Some(Mode::Foreground), Some(Mode::Background)];
        for subject in ["alice", "ada", "gus", "root", "stranger"] {
            for org in orgs {
                if org.is_none() && path.contains("{org}") {
                    continue;
                }
                for mode in modes {
                    if mode.is_none() && path.ends_with("/runs") {
                        continue;
                    }
                    for owner in [None, Some("alice"), Some("gus")] {
                        for resource in ["chat", "agent"] {
                            let said = Said {
                                org,
                                mode,
                                owner,
                                resource,
                            };
                            let expected = answered(&rig, requires, subject, said);
                            let answer = rig
                                .get(&page(&route, subject, said))
                                .by("root")
                                .send()
                                .await;
                            assert_eq!(answer.status, 200, "{}", answer.text);
                            assert_eq!(told(&answer.text), expected, "{route} {subject} {said:?}");
                            seen.insert(expected);
                        }
                    }
                }
            }
        }
    }
    assert!(seen.len() > 4, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_is_asked_about_by_what_it_leaves_open_alone() {
    let rig = rig().await;
    let of = async |route: &str, said: Said| {
        rig.get(&page(route, "alice", said))
            .by("root")
            .send()
            .await
            .text
    };
    let acme = Said {
        org: Some("acme"),
        ..Said::default()
    };
    let run = of("POST /orgs/{org}/runs", acme).await;
    assert!(
        run.contains("its body says how the work runs") && run.contains("name=\"mode\""),
        "{run}"
    );
    let by_path = of("GET /orgs/{org}/{what}", acme).await;
    assert!(
        by_path.contains("its path says which resource") && by_path.contains("name=\"resource\""),
        "{by_path}"
    );
    let unnamed = of("POST /orgs/{org}/chats", Said::default()).await;
    assert!(unnamed.contains("its path names the org"), "{unnamed}");
    let own = of("POST /me/chats", acme).await;
    for field in ["mode", "owner", "org", "resource", "org_rule"] {
        assert!(
            !own.contains(&format!("name=\"{field}\"")),
            "{field}: {own}"
        );
    }
    for taken in [
        "Taken from the route",
        "chat:create",
        "the subject itself",
        "the site alone decides",
    ] {
        assert!(own.contains(taken), "{taken}: {own}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admins_of_an_org_pick_routes_that_take_an_org() {
    let rig = rig().await;
    let page = rig
        .get("/console/orgs/acme/why")
        .by("ada")
        .send()
        .await
        .text;
    assert!(page.contains("value=\"POST /orgs/{org}/chats\""), "{page}");
    assert!(page.contains("value=\"POST /dashboard/chats\""), "{page}");
    assert!(!page.contains("value=\"POST /me/chats\""), "{page}");
    let asked = format!(
        "/console/orgs/acme/why?subject=alice&what={}",
        encoded("POST /orgs/{org}/chats")
    );
    let answer = rig.get(&asked).by("ada").send().await.text;
    assert!(told(&answer).starts_with("Denied"), "{answer}");
    // Where there is no route to pick, none is spoken of.
    let plain = Rig::new().await;
    let page = plain
        .get("/console/orgs/acme/why")
        .by("ada")
        .send()
        .await
        .text;
    assert!(!page.contains("or a route"), "{page}");
}
