//! The document's JSON Schema, made from the serde model.

use schemars::Schema;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::{Value, json};

use super::PolicyDocument;

impl PolicyDocument {
    /// The JSON Schema (2020-12) of a policy document: what may stand where, for editors and forms.
    ///
    /// ```
    /// let schema = gatepost::PolicyDocument::json_schema();
    /// assert_eq!(schema["required"][0], "version");
    /// ```
    pub fn json_schema() -> Value {
        schema().to_value()
    }
}

fn schema() -> Schema {
    let mut schema = schemars::schema_for!(PolicyDocument);
    WithoutNull.transform(&mut schema);
    schema.insert("title".to_owned(), json!("Gatepost policy document"));
    schema.insert("required".to_owned(), json!(["version"]));
    if let Some(Value::String(text)) = schema.get_mut("description") {
        // The library's documentation goes on with an example in Rust.
        let prose = text.split("\n\n```").next().unwrap_or_default().to_owned();
        *text = prose;
    }
    schema
}

/// A key of the document may be absent, but never `null`.
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
            choices.retain(|choice| *choice != json!({ "type": "null" }));
            if let [Value::Object(only)] = choices.as_slice() {
                let only = only.clone();
                schema.remove("anyOf");
                for (key, value) in only {
                    schema.insert(key, value);
                }
            }
        }
    }
}
