//! The OpenAPI document, and what it leaves unsaid.

use serde_json::{Value, json};

use super::rig::Rig;
use gatepost_store::Command;

#[tokio::test(flavor = "multi_thread")]
async fn the_document_tells_of_every_route() {
    let rig = Rig::new().await;
    let document = rig.get("/console/api/v1/openapi.json").send().await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "/console");
    let why = &document["paths"]["/api/v1/why"]["post"];
    assert_eq!(why["security"], json!([{ "token": [] }]));
    let write = &document["paths"]["/api/v1/orgs/{org}/changes"]["post"];
    for status in [
        "200", "400", "401", "403", "404", "412", "413", "415", "422", "428", "503",
    ] {
        assert!(write["responses"][status].is_object(), "{status}");
    }
}

/// The commands, one of each with all that it can have.
fn commands() -> Vec<Value> {
    let all = r#"[
        {"command":"site_switch","resource":"chat","mode":"background","to":"opt-in"},
        {"command":"site_access","resource":"chat","access":"everyone"},
        {"command":"site_actions","resource":"chat","actions":["create"]},
        {"command":"site_floor","resource":"chat","mode":"background","role":"owner"},
        {"command":"site_default","resource":"chat","mode":"background","role":"owner"},
        {"command":"site_role_define","name":"x","grants":["chat:*"],"all_orgs":true},
        {"command":"site_role_add","subject":"a","role":"x"},
        {"command":"site_role_remove","subject":"a","role":"x"},
        {"command":"resource_define","resource":"x","actions":["read"]},
        {"command":"role_define","org":"acme","name":"x","level":3,"grants":["chat:*"],"include":["owner"]},
        {"command":"org_create","org":"x","parent":"acme","visibility":"public"},
        {"command":"org_status","org":"x","status":"suspended"},
        {"command":"org_visibility","org":"x","visibility":"private"},
        {"command":"org_parent","org":"x","parent":"acme"},
        {"command":"org_switch","org":"x","resource":"chat","mode":"foreground","to":"on"},
        {"command":"org_floor","org":"x","resource":"chat","mode":"foreground","role":"owner"},
        {"command":"member_add","org":"x","subject":"a","role":"owner","expires":"2030-01-01T00:00:00Z"},
        {"command":"member_remove","org":"x","subject":"a","role":"owner"},
        {"command":"subject_status","subject":"a","status":"active"},
        {"command":"subject_kind","subject":"a","kind":"agent"},
        {"command":"subject_default_org","subject":"a","org":"acme"}
    ]"#;
    serde_json::from_str(all).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_has_the_commands_of_the_store() {
    let rig = Rig::new().await;
    let document = rig.get("/console/api/v1/openapi.json").send().await.ok();
    let told = document["components"]["schemas"]["Command"]["oneOf"].as_array();
    let told = told.unwrap();
    assert_eq!(told.len(), commands().len());
    for command in commands() {
        let read: Command = serde_json::from_value(command.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), command);
        let members: Vec<_> = command.as_object().unwrap().keys().cloned().collect();
        let is_it = |schema: &&Value| members_of(schema).1 == command["command"];
        let schema = told
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{command}"));
        let mut of_schema = members_of(schema).0;
        of_schema.sort();
        assert_eq!(of_schema, members, "{schema}");
        // What it calls required is what the store cannot do without.
        let required = schema_required(schema);
        for member in members {
            let mut without = command.clone();
            without.as_object_mut().unwrap().remove(&member);
            let is_needed = serde_json::from_value::<Command>(without).is_err();
            assert_eq!(required.contains(&member), is_needed, "{command} {member}");
        }
    }
}

fn parts(schema: &Value) -> Vec<&Value> {
    match schema["allOf"].as_array() {
        Some(all) => all.iter().collect(),
        None => vec![schema],
    }
}

/// The members of a command's schema, and the command.
fn members_of(schema: &Value) -> (Vec<String>, Value) {
    let mut members = Vec::new();
    let mut name = Value::Null;
    for part in parts(schema) {
        for (member, of) in part["properties"].as_object().unwrap() {
            members.push(member.clone());
            if member == "command" {
                name = of["enum"][0].clone();
            }
        }
    }
    (members, name)
}

fn schema_required(schema: &Value) -> Vec<String> {
    let required = parts(schema).into_iter();
    let required =
        required.flat_map(|part| part["required"].as_array().cloned().unwrap_or_default());
    required
        .map(|member| member.as_str().unwrap().to_owned())
        .collect()
}
