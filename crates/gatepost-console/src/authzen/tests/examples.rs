//! The examples of the specification.

use serde_json::{Value, json};

use super::{EVALUATION, Pdp, found, in_default_org};

const EXAMPLES: &str = include_str!("examples.json");
const POLICY: &str = include_str!("examples.toml");

fn examples() -> Value {
    serde_json::from_str(EXAMPLES).unwrap()
}

/// An entity as the specification has it: without what a search here tells beyond.
fn plain(entity: &Value) -> Value {
    let members = ["type", "id", "name"].into_iter();
    let members = members.filter_map(|name| Some((name.to_owned(), entity.get(name)?.clone())));
    Value::Object(members.collect())
}

/// Whether an answer has the form of a decision.
fn is_decision(answer: &Value) -> bool {
    answer["decision"].is_boolean() && answer.get("context").is_none_or(Value::is_object)
}

fn decisions(answer: &Value) -> Vec<Value> {
    let list = answer["evaluations"].as_array().unwrap();
    assert!(list.iter().all(is_decision), "{answer}");
    list.iter().map(|it| it["decision"].clone()).collect()
}

#[tokio::test]
async fn every_exchange_is_answered_in_its_form_and_as_far_as_objects_bear_on_nothing_as_it_is_there()
 {
    let pdp = Pdp::new(POLICY).await;
    for example in examples()["exchanges"].as_array().unwrap() {
        let (title, path) = (&example["title"], example["path"].as_str().unwrap());
        let (request, given) = (&example["request"], example.get("response"));
        // As it is there it names no org, and is answered in its form.
        let unnamed = pdp.ok(path, "gateway", request).await;
        if unnamed.get("decision").is_some() {
            assert_eq!(unnamed["context"]["code"], "org_required", "{title}");
        }
        let request = &in_default_org(request);
        let answer = pdp.ok(path, "gateway", request).await;
        let gives_answers = example["gives"] == "answers";
        if path.contains("/search/") {
            let results: Vec<Value> = found(&answer).iter().map(plain).collect();
            assert!(answer["page"]["next_token"].is_string());
            for entity in given.unwrap()["results"].as_array().unwrap() {
                assert!(results.contains(entity), "{title}: {answer}");
            }
        } else if let Some(list) = request.get("evaluations").and_then(Value::as_array) {
            let decisions = decisions(&answer);
            assert!(answer.get("decision").is_none());
            assert!(!decisions.is_empty() && decisions.len() <= list.len());
            if gives_answers {
                assert_eq!(decisions, self::decisions(given.unwrap()), "{title}");
            }
        } else {
            assert!(is_decision(&answer) && gives_answers);
            assert_eq!(answer["decision"], given.unwrap()["decision"], "{title}");
        }
    }
}

#[tokio::test]
async fn every_entity_is_taken_as_it_is_there() {
    let pdp = Pdp::new(POLICY).await;
    let base = json!({
        "subject": {"type": "user", "id": "alice@example.com"},
        "action": {"name": "can_read"},
        "resource": {"type": "book", "id": "123"},
    });
    for (name, entities) in examples()["entities"].as_object().unwrap() {
        for entity in entities.as_array().unwrap() {
            let mut request = base.clone();
            request[name] = entity.clone();
            let answer = pdp
                .ok(EVALUATION, "gateway", &in_default_org(&request))
                .await;
            assert_eq!(answer["decision"], true, "{request}");
        }
    }
}

#[tokio::test]
async fn the_pages_of_a_search_are_walked_as_they_are_there() {
    let pdp = Pdp::new(POLICY).await;
    let pages = &examples()["pages"];
    let plain = |answer: &Value| found(answer).iter().map(plain).collect::<Vec<_>>();
    let path = "/access/v1/search/resource";
    let first = pdp.ok(path, "gateway", &pages["first"]).await;
    assert_eq!(
        first["page"]["count"],
        pages["first_response"]["page"]["count"]
    );
    assert_eq!(plain(&first), plain(&pages["first_response"]));

    let mut second = pages["second"].clone();
    second["page"]["token"] = first["page"]["next_token"].clone();
    let second = pdp.ok(path, "gateway", &second).await;
    assert_eq!(second["page"]["next_token"], "");
    assert_eq!(
        second["page"]["count"],
        pages["second_response"]["page"]["count"]
    );
    assert_eq!(plain(&second), plain(&pages["second_response"]));
}

#[tokio::test]
async fn a_result_can_be_asked_about_as_it_is() {
    let pdp = Pdp::new(POLICY).await;
    let mut request = json!({
        "subject": {"type": "user", "id": "alice@example.com"},
        "action": {"name": "can_read"},
        "resource": {"type": "account"},
    });
    let answer = pdp
        .ok("/access/v1/search/resource", "gateway", &request)
        .await;
    assert_eq!(
        found(&answer)[0],
        json!({"type": "account", "id": "123", "properties": {"org": "123"}})
    );
    for result in found(&answer) {
        request["resource"] = result;
        let answer = pdp.ok(EVALUATION, "gateway", &request).await;
        assert_eq!(answer["decision"], true, "{request}");
    }
}

#[tokio::test]
async fn the_metadata_has_the_members_that_it_has_there() {
    let public = Some("https://pdp.example.com");
    let pdp = Pdp::at(POLICY, "", public).await;
    let request = http::Request::get("/.well-known/authzen-configuration");
    let answered = pdp
        .send(request.body(axum::body::Body::empty()).unwrap())
        .await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.headers["content-type"], "application/json");
    let metadata = answered.json();
    for (name, value) in examples()["metadata"].as_object().unwrap() {
        assert_eq!(&metadata[name], value);
    }
    assert_eq!(
        metadata["search_action_endpoint"],
        "https://pdp.example.com/access/v1/search/action"
    );

    // Below a path, the well-known part stands in front of it.
    let pdp = Pdp::at(POLICY, "/console", public).await;
    let request = http::Request::get("/.well-known/authzen-configuration/console");
    let answered = pdp
        .send(request.body(axum::body::Body::empty()).unwrap())
        .await;
    let place = "https://pdp.example.com/console";
    assert_eq!(answered.json()["policy_decision_point"], place);
    assert_eq!(
        answered.json()["access_evaluation_endpoint"],
        format!("{place}{EVALUATION}")
    );
}

#[tokio::test]
async fn there_is_no_metadata_without_a_public_url_that_is_https() {
    for public in [None, Some("http://pdp.example.com")] {
        let pdp = Pdp::at(POLICY, "", public).await;
        let request = http::Request::get("/.well-known/authzen-configuration")
            .header("host", "evil.example.com");
        let answered = pdp
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await;
        assert_eq!(answered.status, 404);
    }
}
