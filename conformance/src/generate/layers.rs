//! Layers: the schemas that hold together at one place, references opened and `allOf` taken apart, so that each keyword can be taken
//! out by itself.

use serde_json::{Map, Value};

use super::algebra::target;
use super::language::Language;
use super::strings::is_unknown;

/// A schema without `$ref` and `allOf`.
pub(super) type Layer = Map<String, Value>;

/// How many references and `allOf` levels are opened before a schema counts as endless.
const DEEPEST: usize = 24;

/// The layers of a schema that stands by itself or refers to these definitions.
pub(super) fn layers(schema: &Value, definitions: Option<&Value>) -> Vec<Layer> {
    let mut found = Vec::new();
    collect(schema, definitions, DEEPEST, &mut found);
    found
}

fn collect(schema: &Value, definitions: Option<&Value>, depth: usize, found: &mut Vec<Layer>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let mut own = match schema {
        Value::Object(object) => object.clone(),
        Value::Bool(false) => Map::from_iter([("not".to_owned(), Value::Object(Map::new()))]),
        _ => return,
    };
    own.shift_remove("$defs");
    let reference = own.shift_remove("$ref");
    let parts = own.shift_remove("allOf");
    if let Some(target) = reference.as_ref().and_then(Value::as_str).and_then(|reference| target(reference, definitions)) {
        collect(target, definitions, depth, found);
    }
    if !own.is_empty() {
        found.push(own);
    }
    for part in parts.iter().filter_map(Value::as_array).flatten() {
        collect(part, definitions, depth, found);
    }
}

/// The layers that speak of a member of an object.
pub(super) fn below_member(layers: &[Layer], name: &str, definitions: Option<&Value>) -> Vec<Layer> {
    let schemas = layers.iter().flat_map(|layer| {
        let declared = layer.get("properties").and_then(|declared| declared.get(name));
        let patterns = layer.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
        let patterned: Vec<&Value> = patterns.filter(|(pattern, _)| matches(pattern, name)).map(|(_, inner)| inner).collect();
        let others = layer.get("additionalProperties").filter(|_| declared.is_none() && patterned.is_empty());
        declared.into_iter().chain(patterned).chain(others)
    });
    schemas.flat_map(|schema| self::layers(schema, definitions)).collect()
}

/// The layers that speak of an item of an array.
pub(super) fn below_item(layers: &[Layer], place: usize, definitions: Option<&Value>) -> Vec<Layer> {
    let schemas = layers.iter().filter_map(|layer| {
        let prefix = layer.get("prefixItems").and_then(Value::as_array).and_then(|prefix| prefix.get(place));
        prefix.or_else(|| layer.get("items"))
    });
    schemas.flat_map(|schema| self::layers(schema, definitions)).collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    Language::of(&[pattern], &[]).is_some_and(|language| language.accepts(name))
}

/// A schema without the members that no client should send: what is read only, and what has a format that nobody here knows.
pub(super) fn without_unsendable(schema: &Value) -> Value {
    let definitions = schema.get("$defs").cloned();
    let mut pruned = schema.clone();
    prune(&mut pruned, definitions.as_ref());
    pruned
}

fn prune(schema: &mut Value, definitions: Option<&Value>) {
    match schema {
        Value::Object(object) => {
            let required: Vec<Value> = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
            if let Some(Value::Object(members)) = object.get_mut("properties") {
                members.retain(|name, member| required.iter().any(|own| own == name) || !is_unsendable(member, definitions));
            }
            object.values_mut().for_each(|inner| prune(inner, definitions));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| prune(inner, definitions)),
        _ => {}
    }
}

fn is_unsendable(member: &Value, definitions: Option<&Value>) -> bool {
    layers(member, definitions).iter().any(|layer| {
        let chosen = ["enum", "const", "pattern"].iter().any(|name| layer.contains_key(*name));
        let unknown = layer.get("format").and_then(Value::as_str).is_some_and(is_unknown);
        layer.get("readOnly") == Some(&Value::Bool(true)) || unknown && !chosen
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_and_all_of_become_layers_and_recursion_ends() {
        let schema = json!({"$ref": "#/$defs/a", "maxLength": 3, "allOf": [{"pattern": "b"}, {"$ref": "#/$defs/a"}]});
        let definitions = json!({"a": {"minLength": 1}});
        let names: Vec<String> = layers(&schema, Some(&definitions)).iter().flat_map(|layer| layer.keys().cloned()).collect();
        assert_eq!(names, ["minLength", "maxLength", "pattern", "minLength"]);
        let endless = json!({"a": {"allOf": [{"$ref": "#/$defs/a"}, {"type": "string"}]}});
        assert!(!layers(&json!({"$ref": "#/$defs/a"}), Some(&endless)).is_empty());
    }
}
