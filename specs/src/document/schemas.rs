//! Where Schema Objects stand: every root of a schema in a document, and every subschema within one.

use serde_json::Value;

use super::pointer::Pointer;

/// Members of a Schema Object that hold one schema (JSON Schema 2020-12, section 10; OpenAPI 3.0, section 4.7.24).
const ONE: [&str; 12] = [
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "additionalItems",
];
/// Members that hold a list of schemas.
const LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Members that hold schemas by name.
const NAMED: [&str; 5] = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];

/// Whether a schema's member of this name holds one schema.
pub(crate) fn holds_one(name: &str) -> bool {
    ONE.contains(&name)
}

/// Whether a schema's member of this name holds several, in a list or by name.
pub(crate) fn holds_several(name: &str) -> bool {
    LIST.contains(&name) || NAMED.contains(&name)
}

/// The direct subschemas of a schema, as relative pointers.
pub(crate) fn subschemas(schema: &Value) -> Vec<Pointer> {
    let Some(object) = schema.as_object() else { return Vec::new() };
    let mut found = Vec::new();
    for (name, value) in object {
        let here = Pointer::root().member(name);
        match value {
            Value::Object(_) | Value::Bool(_) if ONE.contains(&name.as_str()) => found.push(here),
            Value::Array(items) if LIST.contains(&name.as_str()) => found.extend((0..items.len()).map(|index| here.item(index))),
            Value::Object(members) if NAMED.contains(&name.as_str()) => found.extend(members.keys().map(|key| here.member(key))),
            _ => {}
        }
    }
    found
}

/// Finds the roots of all Schema Objects in a document.
pub(crate) struct SchemaPlaces {
    /// Their pointers, in document order.
    pub(crate) found: Vec<Pointer>,
}

impl SchemaPlaces {
    pub(crate) fn of(document: &Value) -> Self {
        let mut places = Self { found: Vec::new() };
        places.walk(document, &Pointer::root());
        places
    }

    /// `schema` is a Schema Object wherever it stands outside one; `components.schemas` holds the named ones.
    fn walk(&mut self, node: &Value, at: &Pointer) {
        match node {
            Value::Object(members) => {
                for (name, member) in members.iter().filter(|(name, _)| !is_data(name)) {
                    let here = at.member(name);
                    match name.as_str() {
                        "schema" => self.found.push(here),
                        "schemas" if at.as_str() == "/components" => self.named(member, &here),
                        _ => self.walk(member, &here),
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.walk(item, &at.item(index));
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, schemas: &Value, at: &Pointer) {
        let names = schemas.as_object().into_iter().flat_map(serde_json::Map::keys);
        self.found.extend(names.map(|name| at.member(name)));
    }
}

fn is_data(name: &str) -> bool {
    matches!(name, "example" | "examples") || name.starts_with("x-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn roots_are_found_but_not_inside_examples() {
        let document = json!({
            "components": {"schemas": {"A": {"type": "object", "properties": {"schema": {}}}}, "examples": {"e": {"schema": 1}}},
            "paths": {"/a": {"parameters": [{"schema": {"type": "string"}}]}}
        });
        let found: Vec<_> = SchemaPlaces::of(&document).found.iter().map(|p| p.as_str().to_owned()).collect();
        assert_eq!(found, ["/components/schemas/A", "/paths/~1a/parameters/0/schema"]);
    }

    #[test]
    fn subschemas_are_found_by_keyword_not_by_property_name() {
        let schema = json!({"properties": {"not": {}}, "allOf": [{}, {}], "additionalProperties": false, "required": ["x"]});
        let found: Vec<_> = subschemas(&schema).iter().map(|p| p.as_str().to_owned()).collect();
        assert_eq!(found, ["/properties/not", "/allOf/0", "/allOf/1", "/additionalProperties"]);
    }
}
