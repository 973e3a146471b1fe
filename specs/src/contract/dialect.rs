//! One dialect: every Schema Object, of 3.0 or 3.1, rewritten to JSON Schema 2020-12 once, at load.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::document::{Pointer, Version, holds_one, holds_several};

/// Which way a body travels: `required` speaks of read-only members in answers only, of write-only members in requests only
/// (OpenAPI 3.0, section 4.7.24.2; 3.1 leaves it to the application, and nobody means it otherwise).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum View {
    Request,
    Response,
}

/// The document's schemas in one dialect, as they apply in one direction, at the places where they stand in the document. What schemas do
/// not need is left out: texts and examples are most of a large document.
pub(super) fn rewrite(document: &Value, version: Version, view: View) -> Value {
    copy(document, true, |schema| {
        let mut schema = schema.clone();
        schema_object(&mut schema, version, view);
        schema
    })
}

/// `SchemaPlaces` looks for schemas at the same places.
fn copy(node: &Value, is_document: bool, schema: impl Fn(&Value) -> Value + Copy) -> Value {
    let all = |named: &Value| named.as_object().map(|named| named.iter().map(|(name, node)| (name.clone(), schema(node))).collect());
    let components = |node: &Value| match node {
        Value::Object(members) => members
            .iter()
            .map(|(name, node)| {
                (name.clone(), if name == "schemas" { all(node).unwrap_or(Value::Null) } else { copied((name, node), schema) })
            })
            .collect(),
        _ => Value::Null,
    };
    match node {
        Value::Object(members) => members
            .iter()
            .map(|(name, node)| {
                (name.clone(), if is_document && name == "components" { components(node) } else { copied((name, node), schema) })
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| copy(item, false, schema)).collect(),
        Value::String(_) => Value::Null,
        plain => plain.clone(),
    }
}

fn copied((name, node): (&str, &Value), schema: impl Fn(&Value) -> Value + Copy) -> Value {
    match name {
        "schema" => schema(node),
        "example" | "examples" => Value::Null,
        "$ref" => node.clone(),
        // What a vendor keeps there may be referred to; our own claims are not.
        _ if name.starts_with("x-") => {
            if name.starts_with("x-lockstep-") {
                Value::Null
            } else {
                node.clone()
            }
        }
        _ => copy(node, false, schema),
    }
}

fn schema_object(schema: &mut Value, version: Version, view: View) {
    for (name, value) in schema.as_object_mut().into_iter().flatten() {
        match value {
            Value::Object(_) if holds_one(name) => schema_object(value, version, view),
            Value::Object(members) if holds_several(name) => members.values_mut().for_each(|inner| schema_object(inner, version, view)),
            Value::Array(items) if holds_several(name) => items.iter_mut().for_each(|inner| schema_object(inner, version, view)),
            _ => {}
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

/// What may not stand in a URI's fragment as it is (RFC 3986, section 3.5); `%` apart.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The same for a pointer, in which a `%` is a `%`.
const POINTER: &AsciiSet = &ENCODED.add(b'%');

/// A `$ref` as a URI: people write it with what would have to be encoded, and with `%` that encodes nothing.
fn encoded(reference: &str) -> String {
    let (path, fragment) = reference.split_once('#').map_or((reference, None), |(path, fragment)| (path, Some(fragment)));
    let part = |part: &str| utf8_percent_encode(&plain_percents(part), ENCODED).to_string();
    fragment.map_or_else(|| part(path), |fragment| format!("{}#{}", part(path), part(fragment)))
}

/// Each `%` that two hexadecimal digits do not follow stands for itself.
fn plain_percents(text: &str) -> Cow<'_, str> {
    let encodes = |rest: &str| rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default();
    if first.len() == text.len() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(parts.fold(first.to_owned(), |before, rest| before + if encodes(rest) { "%" } else { "%25" } + rest))
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
    json!({ "$ref": format!("{base}#{}", utf8_percent_encode(pointer.as_str(), POINTER)) })
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
    fn references_are_uris_whatever_the_names() {
        for (written, uri) in
            [("#/a b/{c}", "#/a%20b/%7Bc%7D"), ("#/ñ", "#/%C3%B1"), ("#/100%", "#/100%25"), ("#/100%25", "#/100%25"), ("a.b", "a.b")]
        {
            assert_eq!(encoded(written), uri);
        }
        let pointer = Pointer::root().member("100%25 ñ#");
        assert_eq!(reference("urn:x", &pointer), json!({"$ref": "urn:x#/100%2525%20%C3%B1%23"}));
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
