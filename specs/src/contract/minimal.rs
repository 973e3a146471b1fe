//! The smallest value that fits a schema: what an answer says where nothing else decides.

use serde_json::{Map, Value, json};

use super::node::SchemaNode;

const DEEPEST: usize = 8;
/// A value has no more nodes than this: schemas that hold themselves several times would fill the memory before they are deep.
const LARGEST: usize = 4096;

/// A small value that fits the schema: its constant or default if it has one, else only what must be there or can be one thing only.
#[must_use]
pub fn minimal(node: SchemaNode<'_>) -> Value {
    Filling { left: LARGEST, full: false }.value(node, DEEPEST)
}

/// A fuller value that fits the schema: every declared member is there.
#[must_use]
pub fn sample(node: SchemaNode<'_>) -> Value {
    Filling { left: LARGEST, full: true }.value(node, DEEPEST)
}

/// A value on its way.
struct Filling {
    /// How many nodes it may still get.
    left: usize,
    /// Whether it gets what need not be there.
    full: bool,
}

impl Filling {
    fn value(&mut self, node: SchemaNode<'_>, depth: usize) -> Value {
        self.left = self.left.saturating_sub(1);
        if let Some(fixed) = fixed(node, self.full) {
            return fixed;
        }
        if let Some(first) = node.alternatives().first()
            && node.properties().is_empty()
        {
            return if depth > 0 { self.value(*first, depth - 1) } else { Value::Null };
        }
        match node.types().first().copied() {
            Some("object") => self.object(node, depth),
            Some("array") => self.array(node, depth),
            Some("string") => Value::String(string(node)),
            Some("integer" | "number") => number(node),
            Some("boolean") => Value::Bool(false),
            _ => Value::Null,
        }
    }

    fn object(&mut self, node: SchemaNode<'_>, depth: usize) -> Value {
        let required = node.required();
        let mut members = Map::new();
        if depth > 0 {
            for (name, member) in node.properties() {
                if self.left > 0 && (self.full || required.contains(name) || is_fixed(member)) {
                    members.insert(name.to_owned(), self.value(member, depth - 1));
                }
            }
        }
        Value::Object(members)
    }

    fn array(&mut self, node: SchemaNode<'_>, depth: usize) -> Value {
        let least = node.keyword("minItems").and_then(Value::as_u64).unwrap_or(0);
        let wanted = if self.full { least.max(1) } else { least };
        match node.items() {
            Some(items) if depth > 0 => (0..wanted.min(8)).map(|_| self.value(items, depth - 1)).collect(),
            _ => json!([]),
        }
    }
}

fn fixed(node: SchemaNode<'_>, full: bool) -> Option<Value> {
    let keyword = |name: &str| node.keyword(name).cloned();
    keyword("const")
        .or_else(|| keyword("default"))
        .or_else(|| full.then(|| node.example().cloned()).flatten())
        .or_else(|| node.keyword("enum")?.as_array()?.first().cloned())
}

/// Whether a member can have one value only: then it says nothing to leave it out, and clients look for it.
fn is_fixed(node: SchemaNode<'_>) -> bool {
    let single = |values: &Value| values.as_array().is_some_and(|values| values.len() == 1);
    node.keyword("const").is_some() || node.keyword("enum").is_some_and(single)
}

fn string(node: SchemaNode<'_>) -> String {
    if let Some(text) = node.text("format").and_then(formatted) {
        return text.to_owned();
    }
    let least = node.keyword("minLength").and_then(Value::as_u64).unwrap_or(0);
    "x".repeat(usize::try_from(least).unwrap_or(0).min(4096))
}

fn formatted(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "2026-01-01T00:00:00Z",
        "date" => "2026-01-01",
        "time" => "00:00:00Z",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "email" => "someone@example.com",
        "uri" | "url" => "https://example.com/",
        "hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        _ => return None,
    })
}

fn number(node: SchemaNode<'_>) -> Value {
    let bound = |name: &str| node.keyword(name).and_then(Value::as_f64);
    let integer = node.types().contains(&"integer");
    let step = if integer { 1.0 } else { 0.5 };
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|limit| limit + step)).unwrap_or(0.0);
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|limit| limit - step)).unwrap_or(f64::MAX);
    let chosen = if (least..=most).contains(&0.0) { 0.0 } else { least.min(most) };
    #[expect(clippy::cast_possible_truncation, reason = "bounds of API schemas are far below 2^53")]
    if integer { json!(chosen.ceil() as i64) } else { json!(chosen) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Pointer;

    fn of(schema: &Value, make: fn(SchemaNode<'_>) -> Value) -> Value {
        make(SchemaNode::at(schema, &Pointer::root()))
    }

    #[test]
    fn only_what_must_be_there_is_there() {
        let schema = json!({
            "type": "object",
            "required": ["data", "ok"],
            "properties": {"data": {"type": "object"}, "ok": {"const": true}, "more": {"type": "string"}}
        });
        assert_eq!(of(&schema, minimal), json!({"data": {}, "ok": true}));
        assert_eq!(of(&schema, sample), json!({"data": {}, "ok": true, "more": ""}));
    }

    #[test]
    fn bounds_and_formats_hold() {
        assert_eq!(of(&json!({"type": "integer", "minimum": 3}), minimal), json!(3));
        assert_eq!(of(&json!({"type": "integer", "exclusiveMaximum": 0}), minimal), json!(-1));
        assert_eq!(of(&json!({"type": "string", "format": "date-time"}), minimal), json!("2026-01-01T00:00:00Z"));
        assert_eq!(of(&json!({"type": "array", "items": {"enum": ["a"]}, "minItems": 2}), minimal), json!(["a", "a"]));
        assert_eq!(of(&json!({"anyOf": [{"type": "boolean"}, {"type": "null"}]}), minimal), json!(false));
    }
}
