use serde_json::{Value, json};

use crate::support::run;

#[test]
fn the_schema_is_of_the_whole_document() {
    let schema: Value = serde_json::from_str(&run(&["schema"]).out(0)).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["version"]));
    for key in [
        "version",
        "resources",
        "site",
        "org_roles",
        "orgs",
        "subjects",
    ] {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
}

#[test]
fn nothing_in_it_may_be_null() {
    let schema = run(&["schema"]).out(0);
    assert!(!schema.contains("\"null\""), "{schema}");
}
