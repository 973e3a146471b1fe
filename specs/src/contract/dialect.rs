//! One dialect: every Schema Object, of 3.0 or 3.1, rewritten to JSON Schema 2020-12 once, at load.

use serde_json::{Map, Value, json};

use crate::document::{Pointer, SchemaPlaces, Version, subschemas};

/// Which way a body travels: `required` speaks of read-only members in answers only, of write-only members in requests only
/// (OpenAPI 3.0, section 4.7.24.2; 3.1 leaves it to the application, and nobody means it otherwise).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum View {
    Request,
    Response,
}

/// The document with all its schemas in one dialect, as they apply in one direction. Every pointer stays valid.
pub(super) fn rewrite(document: &Value, version: Version, view: View) -> Value {
    let mut rewritten = document.clone();
    for place in SchemaPlaces::of(document).found {
        if let Some(schema) = rewritten.pointer_mut(place.as_str()) {
            schema_object(schema, version, view);
        }
    }
    rewritten
}

fn schema_object(schema: &mut Value, version: Version, view: View) {
    for place in subschemas(schema) {
        if let Some(subschema) = schema.pointer_mut(place.as_str()) {
            schema_object(subschema, version, view);
        }
    }
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::String(reference)) = object.get_mut("$ref") {
        *reference = encoded(reference);
    }
    object.shift_remove("$schema");
    if version == Version::V3_0 {
        from_3_0(object);
    }
    relax_required(object, view);
}

/// A `$ref` fragment is a URI fragment, where braces must be percent-encoded (RFC 3986, section 3.5).
fn encoded(reference: &str) -> String {
    reference.replace('{', "%7B").replace('}', "%7D").replace(' ', "%20")
}

/// OpenAPI 3.0's own keywords (section 4.7.24): siblings of `$ref` are ignored, exclusive bounds are flags, null is `nullable`.
fn from_3_0(object: &mut Map<String, Value>) {
    if object.contains_key("$ref") {
        object.retain(|name, _| name == "$ref");
        return;
    }
    exclusive(object, "exclusiveMinimum", "minimum");
    exclusive(object, "exclusiveMaximum", "maximum");
    if object.shift_remove("nullable") == Some(Value::Bool(true))
        && let Some(Value::String(kind)) = object.get("type")
    {
        let kinds = json!([kind, "null"]);
        object.insert("type".to_owned(), kinds);
    }
}

fn exclusive(object: &mut Map<String, Value>, flag: &str, bound: &str) {
    match object.get(flag) {
        Some(Value::Bool(true)) => {
            object.shift_remove(flag);
            if let Some(limit) = object.shift_remove(bound) {
                object.insert(flag.to_owned(), limit);
            }
        }
        Some(Value::Bool(false)) => drop(object.shift_remove(flag)),
        _ => {}
    }
}

fn relax_required(object: &mut Map<String, Value>, view: View) {
    let flag = match view {
        View::Request => "readOnly",
        View::Response => "writeOnly",
    };
    let relaxed = |name: &Value| {
        let member = name.as_str().and_then(|name| object.get("properties")?.get(name)?.get(flag));
        member == Some(&Value::Bool(true))
    };
    let Some(Value::Array(required)) = object.get("required") else { return };
    let kept: Vec<Value> = required.iter().filter(|name| !relaxed(name)).cloned().collect();
    object.insert("required".to_owned(), Value::Array(kept));
}

/// The `$ref` that names a pointer of the rewritten document.
pub(super) fn reference(base: &str, pointer: &Pointer) -> Value {
    json!({ "$ref": encoded(&format!("{base}#{pointer}")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(schema: &Value, version: Version, view: View) -> Value {
        rewrite(&json!({"components": {"schemas": {"A": schema}}}), version, view)["components"]["schemas"]["A"].clone()
    }

    #[test]
    fn the_keywords_of_3_0_become_those_of_2020_12() {
        let schema = json!({
            "properties": {
                "a": {"type": "integer", "minimum": 1, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false},
                "b": {"type": "string", "nullable": true},
                "c": {"$ref": "#/paths/~1a~1{id}", "description": "ignored"}
            }
        });
        assert_eq!(
            rewritten(&schema, Version::V3_0, View::Request)["properties"],
            json!({
                "a": {"type": "integer", "exclusiveMinimum": 1, "maximum": 9},
                "b": {"type": ["string", "null"]},
                "c": {"$ref": "#/paths/~1a~1%7Bid%7D"}
            })
        );
    }

    #[test]
    fn required_speaks_of_each_direction_apart() {
        let schema = json!({"required": ["id", "value"], "properties": {"id": {"readOnly": true}, "value": {"writeOnly": true}}});
        for version in [Version::V3_0, Version::V3_1] {
            assert_eq!(rewritten(&schema, version, View::Request)["required"], json!(["value"]));
            assert_eq!(rewritten(&schema, version, View::Response)["required"], json!(["id"]));
        }
    }
}
