//! Walking a schema: references followed, `allOf` seen through.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::document::{Pointer, resolve};

/// How many references and `allOf` levels are followed before a schema counts as endless.
const DEEPEST: usize = 24;

/// A place in a schema, with every `$ref` before it followed.
#[derive(Clone, Copy, Debug)]
pub struct SchemaNode<'s> {
    root: &'s Value,
    /// What stands here, which may be a `$ref`.
    written: &'s Value,
    /// Where that leads to; the same without one.
    value: &'s Value,
}

impl<'s> SchemaNode<'s> {
    pub(crate) fn at(root: &'s Value, pointer: &Pointer) -> Self {
        Self::new(root, pointer.of(root))
    }

    pub(crate) fn new(root: &'s Value, value: Option<&'s Value>) -> Self {
        let written = value.unwrap_or(&Value::Null);
        Self { root, written, value: followed(root, written) }
    }

    fn with(self, value: &'s Value) -> Self {
        Self::new(self.root, Some(value))
    }

    /// The schema's own JSON, after its `$ref` if it is one.
    #[must_use]
    pub const fn value(self) -> &'s Value {
        self.value
    }

    /// The `$ref` that stands here: the name under which this schema is shared.
    #[must_use]
    pub fn reference(self) -> Option<&'s str> {
        self.written.get("$ref").and_then(Value::as_str)
    }

    /// This schema and, through `allOf` and a `$ref` with siblings, every schema that holds together with it, each once.
    #[must_use]
    pub fn layers(self) -> Vec<Self> {
        let (mut layers, mut seen) = (Vec::new(), BTreeSet::new());
        self.collect(&mut layers, &mut seen, 0);
        layers
    }

    /// `seen` holds where in memory the layers stand: schemas that refer to each other twice would have no end of ways through them.
    fn collect(self, layers: &mut Vec<Self>, seen: &mut BTreeSet<*const Value>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        // In 3.1 a `$ref` may have siblings, which hold as well.
        if self.written.get("$ref").is_some() && self.written.as_object().is_some_and(|object| object.len() > 1) {
            layers.push(self);
        }
        let value = self.value();
        if !seen.insert(std::ptr::from_ref(value)) {
            return;
        }
        layers.push(self.with(value));
        for part in value.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.with(part).collect(layers, seen, depth + 1);
        }
    }

    /// The only layer, where it is seen at once that there is no other: most schemas have one.
    fn only(self) -> Option<&'s Map<String, Value>> {
        let referring = !std::ptr::eq(self.written, self.value);
        if referring && self.written.as_object().is_some_and(|object| object.len() > 1) {
            return None;
        }
        self.value.as_object().filter(|value| !value.contains_key("allOf"))
    }

    /// A keyword's value in the first layer that has it.
    #[must_use]
    pub fn keyword(self, name: &str) -> Option<&'s Value> {
        if let Some(only) = self.only() {
            return only.get(name);
        }
        self.layers().into_iter().find_map(|layer| layer.written.get(name))
    }

    /// The text of a keyword.
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'s str> {
        self.keyword(name).and_then(Value::as_str)
    }

    /// Whether a boolean keyword is set.
    #[must_use]
    pub fn flag(self, name: &str) -> bool {
        self.keyword(name) == Some(&Value::Bool(true))
    }

    /// The allowed types as JSON Schema names them; empty when any is.
    #[must_use]
    pub fn types(self) -> Vec<&'s str> {
        match self.keyword("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ if self.keyword("properties").is_some() => vec!["object"],
            _ => Vec::new(),
        }
    }

    /// Whether values of this type are allowed, as far as `type` says.
    #[must_use]
    pub fn allows(self, kind: &str) -> bool {
        let types = self.types();
        types.is_empty() || types.contains(&kind) || (kind == "integer" && types.contains(&"number"))
    }

    /// The declared members of an object, in order, each once.
    #[must_use]
    pub fn properties(self) -> Vec<(&'s str, Self)> {
        if let Some(only) = self.only() {
            let members = only.get("properties").and_then(Value::as_object).into_iter().flatten();
            return members.map(|(name, schema)| (name.as_str(), self.with(schema))).collect();
        }
        let mut seen = BTreeSet::new();
        let layers = self.layers();
        let members = layers.into_iter().filter_map(|layer| layer.written.get("properties")?.as_object()).flat_map(Map::iter);
        members.filter(|(name, _)| seen.insert(name.as_str())).map(|(name, schema)| (name.as_str(), self.with(schema))).collect()
    }

    /// One declared member.
    #[must_use]
    pub fn property(self, name: &str) -> Option<Self> {
        let declared = |layer: &'s Value| layer.get("properties")?.as_object()?.get(name);
        let member = match self.only() {
            Some(_) => declared(self.value),
            None => self.layers().into_iter().find_map(|layer| declared(layer.written)),
        };
        member.map(|schema| self.with(schema))
    }

    /// The names of the members that must be there.
    #[must_use]
    pub fn required(self) -> BTreeSet<&'s str> {
        let layers = self.layers();
        layers.into_iter().filter_map(|layer| layer.written.get("required")?.as_array()).flatten().filter_map(Value::as_str).collect()
    }

    /// The schema of an array's items.
    #[must_use]
    pub fn items(self) -> Option<Self> {
        self.keyword("items").filter(|items| items.is_object()).map(|items| self.with(items))
    }

    /// The schema of an object's further members, where it is one.
    #[must_use]
    pub fn additional(self) -> Option<Self> {
        self.keyword("additionalProperties").filter(|schema| schema.is_object()).map(|schema| self.with(schema))
    }

    /// The alternatives of `oneOf` or `anyOf`.
    #[must_use]
    pub fn alternatives(self) -> Vec<Self> {
        let list = self.keyword("oneOf").or_else(|| self.keyword("anyOf")).and_then(Value::as_array);
        list.into_iter().flatten().map(|schema| self.with(schema)).collect()
    }

    /// The example that the schema gives of itself.
    #[must_use]
    pub fn example(self) -> Option<&'s Value> {
        self.keyword("example").or_else(|| self.keyword("examples")?.as_array()?.first())
    }

    /// Everything a person wrote about it, in lower case.
    #[must_use]
    pub fn prose(self) -> String {
        let texts = ["title", "description"].into_iter().filter_map(|name| self.text(name));
        texts.collect::<Vec<_>>().join(" ").to_lowercase()
    }
}

/// The schema after its `$ref`, and that one's; a reference that leads nowhere stays where it is.
fn followed<'s>(root: &'s Value, mut value: &'s Value) -> &'s Value {
    for _ in 0..DEEPEST {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return value };
        let fragment = reference.trim_start_matches('#');
        if let Some(target) = direct(root, fragment) {
            return target;
        }
        let decoded = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy();
        let Some((_, target)) = Pointer::parse(&decoded).and_then(|pointer| resolve(root, &pointer)) else { return value };
        value = target;
    }
    value
}

/// What a fragment without escapes leads to, if that is no reference in its turn: most are so.
fn direct<'s>(root: &'s Value, fragment: &str) -> Option<&'s Value> {
    if fragment.bytes().any(|byte| matches!(byte, b'%' | b'~')) {
        return None;
    }
    let target = fragment.strip_prefix('/')?.split('/').try_fold(root, |value, name| value.as_object()?.get(name))?;
    target.get("$ref").is_none().then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_of_and_references_are_seen_through() {
        let root = json!({
            "a": {"allOf": [{"$ref": "#/b"}, {"properties": {"y": {}}, "required": ["y"]}]},
            "b": {"type": "object", "properties": {"x": {"$ref": "#/a"}}, "required": ["x"]}
        });
        let node = SchemaNode::at(&root, &Pointer::root().member("a"));
        assert_eq!(node.properties().iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(node.required().into_iter().collect::<Vec<_>>(), ["x", "y"]);
        assert!(node.allows("object") && !node.allows("string"));
        let inner = node.property("x").expect("declared");
        assert_eq!(inner.properties().len(), 2, "recursion is followed one step at a time");
    }
}
