mod schemas;

use gatepost::{Inventory, InventoryRoute, Mode, Org, Owner, Requirement, Resource};
use serde_json::{Value, json};
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter};
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, Paths, Response};

use crate::{OpenApiError, describe};

const CREATE: Requirement = Requirement::new("chat", "create")
    .mode(Mode::Foreground)
    .org(Org::path("org"))
    .owner(Owner::Subject);
const READ: Requirement = Requirement::new("chat", "read")
    .org(Org::path("org"))
    .owner(Owner::Loaded);
const RUN: Requirement = Requirement::on(AGENTS, "execute")
    .mode_from_body(1024, |_| None)
    .org(Org::path("org"));
const AGENTS: Resource = Resource::ByPath {
    param: "agent",
    map: &[("planner", "agent-planner")],
    otherwise: "agent",
};

const CHATS: &str = "/orgs/{org}/chats";

fn with(operations: &[(HttpMethod, &str)]) -> OpenApi {
    let mut api = OpenApi::new(Info::new("chats", "1"), Paths::new());
    for (method, path) in operations {
        let methods = vec![method.clone()];
        api.paths.add_path_operation(path, methods, operation());
    }
    api
}

fn operation() -> Operation {
    let done = Response::new("Done.");
    OperationBuilder::new().response("200", done).build()
}

fn requiring(method: &str, path: &str, requirement: &Requirement) -> InventoryRoute {
    InventoryRoute::requiring(method, path, requirement)
}

fn described(
    mut api: OpenApi,
    routes: impl IntoIterator<Item = InventoryRoute>,
) -> Result<Value, OpenApiError> {
    describe(&mut api, &Inventory::new(routes), "token", token())?;
    Ok(serde_json::to_value(&api).unwrap())
}

fn token() -> SecurityScheme {
    SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer))
}

/// The operation of the one route that requires this.
fn operation_of(requirement: Requirement) -> Value {
    let api = with(&[(HttpMethod::Post, CHATS)]);
    let api = described(api, [requiring("POST", CHATS, &requirement)]).unwrap();
    api["paths"][CHATS]["post"].clone()
}

fn mismatches(api: OpenApi, routes: impl IntoIterator<Item = InventoryRoute>) -> Vec<String> {
    described(api, routes).unwrap_err().mismatches().to_vec()
}

#[test]
fn the_answers_of_a_refusal_follow_from_the_requirement() {
    let body = Org::json("org");
    let rows: [(Requirement, &[&str]); 8] = [
        (CREATE, &["400", "401", "403", "503"]),
        (READ, &["400", "401", "403", "404", "503"]),
        (READ.hidden(), &["400", "401", "404", "503"]),
        (CREATE.hidden(), &["400", "401", "404", "503"]),
        (CREATE.org(body), &["400", "401", "403", "413", "503"]),
        (RUN, &["400", "401", "403", "413", "503"]),
        (RUN.hidden(), &["400", "401", "404", "503"]),
        (
            READ.owner(Owner::LoadedByBody { limit: 8 }),
            &["400", "401", "403", "404", "413", "503"],
        ),
    ];
    for (requirement, expected) in rows {
        let operation = operation_of(requirement);
        let mut answers = operation["responses"].as_object().unwrap().clone();
        answers.remove("200").unwrap();
        let statuses: Vec<_> = answers.keys().collect();
        assert_eq!(statuses, expected, "{requirement:?}");
        for answer in answers.values() {
            let schema = &answer["content"]["application/problem+json"]["schema"];
            assert_eq!(schema["$ref"], "#/components/schemas/Problem");
        }
    }
}

#[test]
fn what_an_operation_says_itself_stays() {
    let mut api = with(&[]);
    let operation = OperationBuilder::new()
        .description(Some("Creates a chat."))
        .response("403", Response::new("Not you."))
        .security(SecurityRequirement::new("cookie", ["chats"]))
        .build();
    let methods = vec![HttpMethod::Post];
    api.paths.add_path_operation(CHATS, methods, operation);
    let api = described(api, [requiring("POST", CHATS, &CREATE)]).unwrap();
    let operation = &api["paths"][CHATS]["post"];
    let own = json!({"description": "Not you."});
    assert_eq!(operation["responses"]["403"], own);
    assert_eq!(operation["security"], json!([{"cookie": ["chats"]}]));
    let said = operation["description"].as_str().unwrap();
    assert!(
        said.starts_with("Creates a chat.\n\nRequires `chat:create#foreground in path org"),
        "{said}"
    );
}

#[test]
fn a_requirement_is_told_to_programs_and_to_people() {
    let operation = operation_of(RUN.hidden());
    let told = &operation["x-gatepost"];
    let record = requiring("POST", CHATS, &RUN.hidden());
    let record = serde_json::to_value(record.requirement().unwrap()).unwrap();
    assert_eq!(told, &record);
    assert_eq!(
        operation["description"],
        "Requires `{agent}:execute#body in path org, hidden`. The resource `{agent}` is `agent-planner` for \
         `planner`, else `agent`. Whoever is refused is told no more than that there is nothing: 404."
    );
    assert_eq!(operation["security"], json!([{"token": []}]));
}

#[test]
fn a_public_operation_says_why_and_needs_no_subject() {
    let api = with(&[(HttpMethod::Get, "/healthz")]);
    let why = "probes have no identity";
    let api = described(api, [InventoryRoute::public("*", "/healthz", why)]).unwrap();
    let operation = &api["paths"]["/healthz"]["get"];
    assert_eq!(operation["x-gatepost"], json!({ "public": why }));
    assert_eq!(operation["security"], json!([]));
    assert_eq!(operation["description"], "Public: probes have no identity.");
    let answers = operation["responses"].as_object().unwrap();
    assert_eq!(answers.keys().collect::<Vec<_>>(), ["200"]);
}

#[test]
fn everything_that_only_one_of_them_has_is_named_at_once() {
    let api = with(&[
        (HttpMethod::Get, CHATS),
        (HttpMethod::Get, "/chats"),
        (HttpMethod::Put, "/healthz"),
    ]);
    let routes = [
        requiring("GET", CHATS, &READ),
        requiring("POST", CHATS, &CREATE).at("src/routes.rs:7"),
        requiring("GET", "/orgs/{org}/chats/{id}", &READ),
        InventoryRoute::public("GET", "/healthz", "probes"),
        InventoryRoute::public("*", "/static/{*file}", "nothing in it is anybody's"),
    ];
    assert_eq!(
        mismatches(api, routes),
        [
            "`GET /chats` is in the document, and there is no such route",
            "`PUT /healthz` is in the document, and there is no such route",
            "`GET /healthz` is a route, and the document has no such operation",
            "`POST /orgs/{org}/chats` is a route (registered at src/routes.rs:7), and the document has no such operation",
            "`GET /orgs/{org}/chats/{id}` is a route, and the document has no such operation",
            "`* /static/{*file}` is a route, and the document has no such operation",
        ]
    );
}

#[test]
fn an_operation_that_says_that_nobody_need_ask_is_found() {
    let nobody = [vec![], vec![SecurityRequirement::default()]];
    for security in nobody {
        let mut api = with(&[(HttpMethod::Post, CHATS)]);
        let item = api.paths.paths.get_mut(CHATS).unwrap();
        item.post.as_mut().unwrap().security = Some(security);
        assert_eq!(
            mismatches(api, [requiring("POST", CHATS, &CREATE)]),
            ["`POST /orgs/{org}/chats` needs a subject, and its operation says that it needs none"]
        );
    }
}

#[test]
fn paths_of_a_framework_are_those_of_the_document() {
    let rows = [
        ("/files/{*rest}", "/files/{*rest}"),
        ("/files/{rest:.*}", "/files/{rest}"),
        ("/files/{rest}", "/files/{*rest}"),
    ];
    for (of_framework, of_document) in rows {
        let api = with(&[
            (HttpMethod::Get, of_document),
            (HttpMethod::Put, "/files/{rest}"),
        ]);
        let routes = ["GET", "PUT"].map(|method| requiring(method, of_framework, &READ));
        let api = described(api, routes).unwrap();
        let paths = api["paths"].as_object().unwrap();
        assert_eq!(paths.keys().collect::<Vec<_>>(), ["/files/{rest}"]);
        assert_eq!(
            paths["/files/{rest}"]["get"]["x-gatepost"]["action"],
            "read"
        );
        assert_eq!(
            paths["/files/{rest}"]["put"]["x-gatepost"]["action"],
            "read"
        );
    }
    let other_name = with(&[(HttpMethod::Get, "/files/{path}")]);
    let routes = [requiring("GET", "/files/{*rest}", &READ)];
    assert_eq!(mismatches(other_name, routes).len(), 2);
}

#[test]
fn a_method_is_found_where_a_framework_answers_it() {
    let ops = [(HttpMethod::Get, CHATS), (HttpMethod::Head, CHATS)];
    let api = described(with(&ops), [requiring("GET", CHATS, &READ)]).unwrap();
    assert_eq!(api["paths"][CHATS]["head"]["x-gatepost"]["action"], "read");

    // `*` is every method that nothing else is said of.
    let ops = [(HttpMethod::Get, CHATS), (HttpMethod::Post, CHATS)];
    let routes = [
        InventoryRoute::public("*", CHATS, "all may"),
        requiring("GET", CHATS, &READ),
    ];
    let api = described(with(&ops), routes).unwrap();
    let told = |method: &str| api["paths"][CHATS][method]["x-gatepost"].clone();
    assert_eq!(told("get")["action"], "read");
    assert_eq!(told("post"), json!({"public": "all may"}));

    // Nobody can tell of a method that OpenAPI has no place for.
    let routes = [
        requiring("GET", CHATS, &READ),
        requiring("PURGE", CHATS, &CREATE),
    ];
    let api = described(with(&[(HttpMethod::Get, CHATS)]), routes).unwrap();
    assert_eq!(api["paths"][CHATS]["get"]["x-gatepost"]["action"], "read");
}

#[test]
fn routes_that_a_pattern_tells_apart_are_one_operation() {
    let api = with(&[(HttpMethod::Get, "/chats/{id}")]);
    let routes = [
        requiring("GET", r"/chats/{id:\d+}", &READ.hidden()),
        requiring("GET", "/chats/{id}", &CREATE),
    ];
    let api = described(api, routes).unwrap();
    let operation = &api["paths"]["/chats/{id}"]["get"];
    let told: Vec<_> = operation["x-gatepost"].as_array().unwrap().iter().collect();
    assert_eq!(told.len(), 2);
    let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["200", "400", "401", "403", "404", "503"]);
}

#[test]
fn a_schema_of_the_same_name_is_no_problem_document() {
    let mut api = with(&[(HttpMethod::Post, CHATS)]);
    let components = api.components.get_or_insert_default();
    let own = ObjectBuilder::new().build();
    components.schemas.insert("Problem".to_owned(), own.into());
    assert_eq!(
        mismatches(api, [requiring("POST", CHATS, &CREATE)]),
        ["the document has another schema of the name `Problem`"]
    );
}

#[test]
fn a_document_that_is_described_twice_is_described_once() {
    let mut api = with(&[(HttpMethod::Post, CHATS)]);
    let routes = Inventory::new([requiring("POST", CHATS, &CREATE)]);
    describe(&mut api, &routes, "token", token()).unwrap();
    let once = serde_json::to_value(&api).unwrap();
    describe(&mut api, &routes, "token", token()).unwrap();
    let api = serde_json::to_value(&api).unwrap();
    assert_eq!(api, once);
    let bearer = json!({"token": {"type": "http", "scheme": "bearer"}});
    assert_eq!(api["components"]["securitySchemes"], bearer);
}

/// Name, place and whether it is required.
fn parameters_of(operation: &Value) -> Vec<(&str, &str, bool)> {
    let all = operation["parameters"].as_array().unwrap().iter();
    all.map(|parameter| {
        let [name, place] = ["name", "in"].map(|key| parameter[key].as_str().unwrap());
        (name, place, parameter["required"].as_bool().unwrap())
    })
    .collect()
}

#[test]
fn what_a_requirement_reads_is_a_parameter_unless_the_operation_says_so_itself() {
    let either = Org::path("org")
        .and(Org::header("x-org"))
        .and(Org::query("org"));
    let rows: [(Org, &[(&str, &str, bool)]); 4] = [
        (Org::path("org"), &[("org", "path", true)]),
        (
            Org::header("x-org"),
            &[("org", "path", true), ("x-org", "header", true)],
        ),
        (
            Org::query("of").or_default(),
            &[("org", "path", true), ("of", "query", false)],
        ),
        (
            either,
            &[
                ("org", "path", true),
                ("x-org", "header", false),
                ("org", "query", false),
            ],
        ),
    ];
    for (org, expected) in rows {
        let operation = operation_of(CREATE.org(org));
        assert_eq!(parameters_of(&operation), expected);
    }

    let mut api = with(&[(HttpMethod::Post, CHATS)]);
    let item = api.paths.paths.get_mut(CHATS).unwrap();
    let own = Parameter::new("org");
    item.post.as_mut().unwrap().parameters = Some(vec![own.into()]);
    let once = described(api.clone(), [requiring("POST", CHATS, &CREATE)]).unwrap();
    assert_eq!(parameters_of(&once["paths"][CHATS]["post"]).len(), 1);

    let item = api.paths.paths.get_mut(CHATS).unwrap();
    item.parameters = item.post.as_mut().unwrap().parameters.take();
    let common = described(api, [requiring("POST", CHATS, &CREATE)]).unwrap();
    assert_eq!(common["paths"][CHATS]["post"].get("parameters"), None);
}
