//! A schema by itself: what it refers to is carried along, so that it can be read, judged and taken apart without its document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::document::{Pointer, resolve, subschemas};

/// The schema at a pointer as a document of its own: every reference leads into its `$defs`. A reference that leads nowhere stays as it is.
pub(super) fn standalone(root: &Value, pointer: &Pointer) -> Value {
    let mut bundle = Bundle { root, names: BTreeMap::new(), waiting: Vec::new() };
    let mut schema = pointer.of(root).cloned().unwrap_or(Value::Bool(true));
    bundle.redirect(&mut schema);
    let mut definitions = Map::new();
    while let Some((name, mut definition)) = bundle.waiting.pop() {
        bundle.redirect(&mut definition);
        definitions.insert(name, definition);
    }
    match schema {
        Value::Object(mut object) if !definitions.is_empty() => {
            // The schema's own definitions were reached by reference, under names of ours.
            object.insert("$defs".to_owned(), definitions.into());
            Value::Object(object)
        }
        other => other,
    }
}

struct Bundle<'r> {
    root: &'r Value,
    names: BTreeMap<String, String>,
    waiting: Vec<(String, Value)>,
}

impl Bundle<'_> {
    fn redirect(&mut self, schema: &mut Value) {
        for place in subschemas(schema) {
            if let Some(inner) = schema.pointer_mut(place.as_str()) {
                self.redirect(inner);
            }
        }
        let Some(reference) = schema.get("$ref").and_then(Value::as_str).map(str::to_owned) else { return };
        if let Some(name) = self.name(&reference) {
            schema["$ref"] = json!(format!("#/$defs/{name}"));
        }
    }

    /// The name under which a reference's target is carried along.
    fn name(&mut self, reference: &str) -> Option<String> {
        if let Some(known) = self.names.get(reference) {
            return Some(known.clone());
        }
        let decoded = percent_encoding::percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
        let (_, target) = resolve(self.root, &Pointer::parse(&decoded)?)?;
        let name = format!("s{}", self.names.len());
        self.names.insert(reference.to_owned(), name.clone());
        self.waiting.push((name.clone(), target.clone()));
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_into_the_schema_itself() {
        let root = json!({"a~b": {
            "type": "object",
            "properties": {"next": {"$ref": "#/a~0b"}, "name": {"$ref": "#/c"}, "$ref": {"type": "string"}}
        }, "c": {"type": "string"}});
        let schema = standalone(&root, &Pointer::root().member("a~b"));
        assert_eq!(schema["properties"]["next"], json!({"$ref": "#/$defs/s0"}));
        assert_eq!(schema["$defs"]["s1"], json!({"type": "string"}));
        assert_eq!(schema["$defs"]["s0"]["properties"]["next"], json!({"$ref": "#/$defs/s0"}));
        assert_eq!(schema["properties"]["$ref"], json!({"type": "string"}), "a member's name is no reference");
    }
}
