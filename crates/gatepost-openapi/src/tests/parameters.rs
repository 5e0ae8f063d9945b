//! What is told of what a requirement reads.

use gatepost::Org;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{HttpMethod, Parameter, ParameterBuilder, ParameterIn};

use super::{CHATS, CREATE, described, operation_of, requiring, with};

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

#[test]
fn a_header_is_the_same_parameter_however_it_is_spelled_and_a_key_of_the_query_is_not() {
    let placed = |name, place| {
        let own = ParameterBuilder::from(Parameter::new(name));
        RefOr::T(own.parameter_in(place).build())
    };
    let own = [
        placed("X-Org", ParameterIn::Header),
        placed("Of", ParameterIn::Query),
        // Of the same name, elsewhere.
        placed("x-org", ParameterIn::Cookie),
    ];
    let mut api = with(&[(HttpMethod::Post, CHATS)]);
    let item = api.paths.paths.get_mut(CHATS).unwrap();
    item.post.as_mut().unwrap().parameters = Some(own.into());
    let org = Org::header("x-org").and(Org::query("of"));
    let api = described(api, [requiring("POST", CHATS, &CREATE.org(org))]).unwrap();
    let all = parameters_of(&api["paths"][CHATS]["post"]);
    let names: Vec<_> = all.into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["X-Org", "Of", "x-org", "org", "of"]);
}
