use super::*;
use crate::requirement::{Org, Owner, Resource};
use crate::vocabulary::Mode;

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);
const READ: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org").and(Org::header("x-org")))
    .owner(Owner::Loaded)
    .hidden()
    .bound();
const RUN: Requirement = Requirement::on(
    Resource::ByPath {
        param: "agent",
        map: &[("planner", "agent-planner")],
        otherwise: "agent",
    },
    "execute",
)
.mode_from_body(64, |_| None)
.org(Org::json_within("org", 128).or_default());

const PATH: &str = "/orgs/{org}/chats";

fn inventory() -> Inventory {
    Inventory::new([
        InventoryRoute::public("*", "/healthz", "probes | have no identity").at("src/main.rs:7"),
        InventoryRoute::requiring("POST", PATH, &CREATE),
        InventoryRoute::requiring("GET", PATH, &READ),
        InventoryRoute::requiring("POST", "/runs/{agent}", &RUN),
    ])
}

#[test]
fn what_is_written_is_read_again() {
    let inventory = inventory();
    assert_eq!(Inventory::from_json(&inventory.to_json()), Ok(inventory));
}

#[test]
fn the_file_says_what_a_requirement_is() {
    let json = inventory().to_json();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let expected = serde_json::json!({
        "method": "POST",
        "path": "/runs/{agent}",
        "requires": {
            "resource": {"param": "agent", "map": {"planner": "agent-planner"}, "otherwise": "agent"},
            "action": "execute",
            "mode": "body",
            "org": ["json org"],
            "org_rule": "default",
            "body_limit": 128
        }
    });
    assert_eq!(json["routes"][3], expected);
    let expected = serde_json::json!({
        "method": "*", "path": "/healthz", "public": "probes | have no identity", "source": "src/main.rs:7"
    });
    assert_eq!(json["routes"][0], expected);
}

#[test]
fn the_order_of_registration_changes_nothing() {
    let mut routes = inventory().routes;
    routes.reverse();
    assert_eq!(Inventory::new(routes), inventory());
}

#[test]
fn a_file_that_is_no_inventory_is_refused_with_its_place() {
    let route = |route: &str| format!(r#"{{"version": 1, "routes": [{route}]}}"#);
    let required = r#"{"method": "GET", "path": "/", "requires": {"resource": "chat", "action": "read", "org_rule": "none"}}"#;
    assert!(Inventory::from_json(&route(required)).is_ok());
    let rows = [
        (String::new(), "EOF"),
        ("[]".to_owned(), "expected"),
        (route(required) + "x", "trailing"),
        (r#"{"version": 2, "routes": []}"#.to_owned(), "`version`: 2"),
        (r#"{"routes": []}"#.to_owned(), "missing field `version`"),
        (
            route(r#"{"method": "GET", "path": "/"}"#),
            "`routes[0]` has no requirement",
        ),
        (
            route(&required.replacen('{', r#"{"public": "x", "#, 1)),
            "`routes[0]` has a requirement and is public",
        ),
        (
            route(&required.replace("read", "Read")),
            "`routes[0]` has the name `Read`",
        ),
        (
            route(&required.replace("none", "no")),
            "`routes[0].requires.org_rule`",
        ),
        (
            route(&required.replace("action", "act")),
            "`routes[0].requires.act`",
        ),
        (
            route(&required.replace("\"/\"", "\"/\\u001b[2J\"")),
            "`routes[0]` has a control character in",
        ),
    ];
    for (text, expected) in rows {
        let error = Inventory::from_json(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn a_change_is_told_in_words_and_what_is_laxer_for_certain_is_marked() {
    let org = CREATE.org(Org::none());
    let headed = CREATE.org(Org::header("x-org"));
    let rows: [(&str, Requirement, Requirement, &str); 13] = [
        (
            "else default",
            headed,
            CREATE.org(Org::header("x-org").or_default()),
            "org: header x-org → header x-org, else default  (laxer)",
        ),
        (
            "another default",
            headed,
            CREATE.org(Org::query("org").or_default()),
            "org: header x-org → query org, else default",
        ),
        ("the same", CREATE, CREATE, ""),
        (
            "action",
            CREATE,
            Requirement::new("chat", "update")
                .mode(Mode::Foreground)
                .org(Org::path("org"))
                .owner(Owner::Subject),
            "chat:create#foreground → chat:update#foreground",
        ),
        (
            "mode",
            CREATE,
            CREATE.mode(Mode::Background),
            "chat:create#foreground → chat:create#background",
        ),
        (
            "org",
            CREATE,
            CREATE.org(Org::query("org")),
            "org: path org → query org",
        ),
        ("no org", CREATE, org, "org: path org → none  (laxer)"),
        ("an org", org, CREATE, "org: none → path org"),
        (
            "owner",
            CREATE,
            CREATE.owner(Owner::Unknown),
            "owner: subject → unknown",
        ),
        ("hidden", CREATE, CREATE.hidden(), "denials: shown → hidden"),
        (
            "shown",
            CREATE.hidden(),
            CREATE,
            "denials: hidden → shown  (laxer)",
        ),
        (
            "bound",
            CREATE,
            CREATE.bound(),
            "the request: not bound → bound",
        ),
        (
            "unbound",
            CREATE.bound(),
            CREATE,
            "the request: bound → not bound  (laxer)",
        ),
    ];
    for (name, old, new, expected) in rows {
        let of =
            |requirement| Inventory::new([InventoryRoute::requiring("POST", PATH, requirement)]);
        let changes = of(&old).changes(&of(&new));
        let expected = if expected.is_empty() {
            String::new()
        } else {
            format!("POST {PATH}: {expected}")
        };
        assert_eq!(changes.to_string(), expected, "{name}");
        assert_eq!(changes.is_empty(), expected.is_empty(), "{name}");
    }
}

#[test]
fn other_agents_of_a_map_are_a_change() {
    const OTHER: Resource = Resource::ByPath {
        param: "agent",
        map: &[("planner", "agent")],
        otherwise: "agent",
    };
    let other = Requirement::on(OTHER, "execute")
        .mode_from_body(64, |_| None)
        .org(Org::json_within("org", 256).or_default());
    let [old, new] =
        [RUN, other].map(|it| Inventory::new([InventoryRoute::requiring("POST", "/x", &it)]));
    assert_eq!(
        old.changes(&new).to_string(),
        "POST /x: resources: \"planner\"=agent-planner, else agent → \"planner\"=agent, else agent; \
         body: 128 bytes are read → 256 bytes are read"
    );
}

#[test]
fn routes_that_come_and_go_are_told() {
    let old = inventory();
    let mut new = inventory();
    new.routes.remove(0);
    let opened = |path: &str| InventoryRoute::public("GET", path, "everybody may");
    new.routes[1] = InventoryRoute::public("POST", PATH, "everybody may");
    let new = Inventory::new(new.routes.into_iter().chain([opened("/a"), opened("/z")]));
    let changes = old.changes(&new).to_string();
    let expected = [
        "GET /a: new, public (everybody may)  (laxer)",
        "* /healthz: gone, was public (probes | have no identity)",
        "POST /orgs/{org}/chats: chat:create#foreground → public (everybody may)  (laxer)",
        "GET /z: new, public (everybody may)  (laxer)",
    ];
    assert_eq!(changes.lines().collect::<Vec<_>>(), expected);
    let back = new.changes(&old).to_string();
    assert!(
        back.contains(
            "POST /orgs/{org}/chats: public → chat:create#foreground in path org, owner subject"
        ),
        "{back}"
    );
    assert!(!back.contains("laxer) GET"), "{back}");
}

#[test]
fn where_a_route_was_registered_is_not_compared() {
    let with = inventory();
    let without = inventory().without_sources();
    assert_ne!(with, without);
    assert!(with.changes(&without).is_empty());
}

#[test]
fn tables_have_a_line_for_each_route() {
    let table = inventory().to_table();
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 5);
    assert!(lines[0].starts_with("method  path"));
    assert_eq!(
        lines[2],
        "GET     /orgs/{org}/chats  chat:read               path org and header x-org  object   hidden, bound"
    );
    assert!(lines.iter().all(|line| !line.ends_with(' ')));
    let markdown = inventory().to_markdown();
    let lines: Vec<_> = markdown.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[2],
        "| * | `/healthz` | public |  |  | probes \\| have no identity |"
    );
    assert_eq!(
        lines[5],
        "| POST | `/runs/{agent}` | `{agent}:execute#body` | json org, else default |  |  |"
    );
}

#[test]
fn handlers_that_are_chosen_from_are_all_there() {
    let [one, other] =
        [READ, READ.owner(Owner::Subject)].map(|it| InventoryRoute::requiring("GET", PATH, &it));
    let both = Inventory::new([other.clone(), one.clone()]);
    assert_eq!(Inventory::from_json(&both.to_json()), Ok(both.clone()));
    assert_eq!(both, Inventory::new([one.clone(), other.clone()]));
    assert!(both.changes(&both).is_empty());
    let alone = Inventory::new([one]);
    let read = "chat:read in path org and header x-org, owner subject, hidden, bound";
    assert_eq!(
        alone.changes(&both).to_string(),
        format!("GET {PATH}: also, {read}  (laxer)")
    );
    assert_eq!(
        both.changes(&alone).to_string(),
        format!("GET {PATH}: no longer {read}")
    );
    let opened = Inventory::new([InventoryRoute::public("GET", PATH, "x"), other]);
    assert!(both.changes(&opened).routes()[0].is_laxer);
}

#[test]
fn a_public_route_of_every_method_takes_over_what_one_method_required() {
    let gated = Inventory::new([InventoryRoute::requiring("POST", PATH, &CREATE)]);
    let opened = Inventory::new([InventoryRoute::public("*", PATH, "everybody may")]);
    let expected = [
        format!("* {PATH}: new, public (everybody may)  (laxer)"),
        format!("POST {PATH}: chat:create#foreground → public (everybody may)  (laxer)"),
    ];
    let changes = gated.changes(&opened).to_string();
    assert_eq!(changes.lines().collect::<Vec<_>>(), expected);
    let expected = [
        format!("* {PATH}: gone, was public (everybody may)"),
        format!("POST {PATH}: public → chat:create#foreground in path org, owner subject"),
    ];
    let changes = opened.changes(&gated).to_string();
    assert_eq!(changes.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn of_several_on_one_place_one_that_is_laxer_for_certain_is_marked() {
    let all = |requirements: &[Requirement]| {
        Inventory::new(
            requirements
                .iter()
                .map(|it| InventoryRoute::requiring("GET", PATH, it)),
        )
    };
    let own = READ.owner(Owner::Subject);
    let shown = Requirement::new("chat", "read")
        .org(*READ.org_rule())
        .owner(Owner::Loaded)
        .bound();
    let before = all(&[READ, own]);
    assert!(before.changes(&all(&[shown, own])).routes()[0].is_laxer);
    assert!(!all(&[shown, own]).changes(&before).routes()[0].is_laxer);
    assert!(!before.changes(&all(&[READ])).routes()[0].is_laxer);
    assert!(all(&[READ]).changes(&before).routes()[0].is_laxer);
}

#[test]
fn the_parts_of_a_service_may_have_the_same_route() {
    let probe = || InventoryRoute::public("GET", "/healthz", "probes");
    let one = Inventory::new([probe().at("a.rs:1")]);
    let other = Inventory::new([
        probe().at("b.rs:2"),
        InventoryRoute::requiring("GET", PATH, &READ),
    ]);
    let both = one.and(other);
    assert_eq!(both.routes().len(), 2);
    assert_eq!(Inventory::from_json(&both.to_json()), Ok(both));
}

#[test]
fn no_text_of_a_requirement_steers_a_terminal() {
    let json = inventory().to_json();
    for text in [
        "path org",
        "header x-org",
        "object",
        "agent",
        "planner",
        "json org",
    ] {
        let bent = json.replacen(&format!("\"{text}\""), &format!("\"{text}\\u001b[2J\""), 1);
        assert_ne!(bent, json, "{text}");
        let error = Inventory::from_json(&bent).unwrap_err().to_string();
        assert!(error.contains("`routes["), "{text}: {error}");
    }
}

#[test]
fn values_that_are_written_alike_are_told_apart() {
    let map = |map: &'static [(&str, &str)]| {
        let resource = Resource::ByPath {
            param: "agent",
            map,
            otherwise: "agent",
        };
        let requirement = Requirement::on(resource, "execute").org(Org::none());
        Inventory::new([InventoryRoute::requiring("GET", "/{agent}", &requirement)])
    };
    let two = map(&[("a", "agent"), ("b", "chat")]);
    let one = map(&[("a=agent, b", "chat")]);
    assert!(!two.changes(&one).is_empty());
}
