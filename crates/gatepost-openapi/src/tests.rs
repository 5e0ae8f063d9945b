mod parameters;
mod schemas;

use gatepost::{Inventory, InventoryRoute, Mode, Org, Owner, PROBLEM_JSON, Requirement, Resource};
use serde_json::{Value, json};
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, Header, Info, Object, OpenApi, Paths, Ref, Response, ResponseBuilder,
};

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
        .response(
            "403",
            ResponseBuilder::new()
                .description("Not you.")
                .content(PROBLEM_JSON, Content::default()),
        )
        .response("404", Ref::from_response_name("Gone"))
        .security(SecurityRequirement::new("cookie", ["chats"]))
        .build();
    let methods = vec![HttpMethod::Post];
    api.paths.add_path_operation(CHATS, methods, operation);
    let create = CREATE.owner(Owner::Loaded);
    let api = described(api, [requiring("POST", CHATS, &create)]).unwrap();
    let operation = &api["paths"][CHATS]["post"];
    let own = json!({"description": "Not you.", "content": {PROBLEM_JSON: {}}});
    assert_eq!(operation["responses"]["403"], own);
    let own = json!({"$ref": "#/components/responses/Gone"});
    assert_eq!(operation["responses"]["404"], own);
    assert_eq!(operation["security"], json!([{"cookie": ["chats"]}]));
    let said = operation["description"].as_str().unwrap();
    assert!(
        said.starts_with("Creates a chat.\n\nRequires `chat:create#foreground in path org"),
        "{said}"
    );
}

#[test]
fn a_refusal_stands_beside_what_an_operation_says_of_its_status() {
    let own = |description| {
        let text = Content::new(Some(Object::with_type(Type::String)));
        let own = ResponseBuilder::new().description(description);
        own.content("text/plain", text)
    };
    let operation = OperationBuilder::new()
        .response("400", own("No JSON."))
        .response("401", own("").header("www-authenticate", Header::default()))
        .response("503", Response::new("Not now."))
        .build();
    let mut api = with(&[]);
    let methods = vec![HttpMethod::Post];
    api.paths.add_path_operation(CHATS, methods, operation);
    let api = described(api, [requiring("POST", CHATS, &CREATE)]).unwrap();
    let answers = &api["paths"][CHATS]["post"]["responses"];
    let bare = &operation_of(CREATE)["responses"];
    for status in ["400", "401", "503"] {
        let mut content = answers[status]["content"].clone();
        let text = content.as_object_mut().unwrap().remove("text/plain");
        let is_own = json!({"schema": {"type": "string"}});
        assert_eq!(text, (status != "503").then_some(is_own), "{status}");
        assert_eq!(content, bare[status]["content"], "{status}");
    }
    let ours = |status: &str| bare[status]["description"].as_str().unwrap();
    let said = |status: &str| answers[status]["description"].as_str().unwrap();
    assert_eq!(said("400"), format!("No JSON.\n\n{}", ours("400")));
    assert_eq!(said("401"), ours("401"));
    assert_eq!(said("503"), format!("Not now.\n\n{}", ours("503")));
    assert_eq!(answers["503"]["headers"], bare["503"]["headers"]);
    let challenges = answers["401"]["headers"].as_object().unwrap();
    assert_eq!(challenges.keys().collect::<Vec<_>>(), ["www-authenticate"]);
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
fn paths_that_differ_in_names_alone_are_refused() {
    let paths = ["/b/{x}", "/b/{y}", "/b/{z}/c", "/b/{*z}"];
    let api = with(&paths.map(|path| (HttpMethod::Get, path)));
    let routes = paths.map(|path| requiring("GET", path, &READ));
    let one = "differ in the names of parameters alone, and are one path in OpenAPI";
    let [xy, xz, yz] = [("x", "y"), ("x", "z"), ("y", "z")]
        .map(|(name, other)| format!("`/b/{{{name}}}` and `/b/{{{other}}}` {one}"));
    assert_eq!(mismatches(api, routes), [xy, xz, yz]);

    let apart = ["/b/{x}", "/b/{x}/c", "/b/c", "/{x}/b"];
    let api = with(&apart.map(|path| (HttpMethod::Get, path)));
    let routes = apart.map(|path| requiring("GET", path, &READ));
    assert!(described(api, routes).is_ok());
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
    let item = api.paths.paths.get_mut(CHATS).unwrap();
    let answers = &mut item.post.as_mut().unwrap().responses.responses;
    answers.insert("400".to_owned(), Response::new("No JSON.").into());
    let routes = Inventory::new([requiring("POST", CHATS, &CREATE)]);
    describe(&mut api, &routes, "token", token()).unwrap();
    let once = serde_json::to_value(&api).unwrap();
    describe(&mut api, &routes, "token", token()).unwrap();
    let api = serde_json::to_value(&api).unwrap();
    assert_eq!(api, once);
    let bearer = json!({"token": {"type": "http", "scheme": "bearer"}});
    assert_eq!(api["components"]["securitySchemes"], bearer);
}
