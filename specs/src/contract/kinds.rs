//! The types that a schema allows, read once: what every request asks must not be looked up in the document each time.

use super::node::SchemaNode;

/// The types that a schema or any of its alternatives allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds {
    /// One bit for each of `NAMES`.
    allowed: u8,
    /// The first type that the schema itself names, by its place in `NAMES`.
    first: Option<u8>,
}

/// The types of JSON Schema (2020-12, validation, section 6.1.1).
const NAMES: [&str; 7] = ["string", "integer", "number", "boolean", "null", "array", "object"];

impl Kinds {
    /// The types that a schema allows.
    pub(crate) fn of(node: SchemaNode<'_>) -> Self {
        let own = node.types();
        let place = |kind: &str| NAMES.iter().position(|name| *name == kind).and_then(|place| u8::try_from(place).ok());
        let alternatives = node.alternatives().into_iter().flat_map(SchemaNode::types);
        let allowed = own.iter().copied().chain(alternatives).filter_map(place).fold(0, |allowed, place| allowed | 1 << place);
        Self { allowed, first: own.first().copied().and_then(place) }
    }

    /// Whether nothing is said of types.
    pub(crate) const fn is_empty(self) -> bool {
        self.allowed == 0
    }

    /// Whether a type is among them.
    pub(crate) fn allow(self, kind: &str) -> bool {
        NAMES.iter().position(|name| *name == kind).is_some_and(|place| self.allowed & 1 << place != 0)
    }

    /// Whether a type is the first that the schema itself names.
    pub(crate) fn begin_with(self, kind: &str) -> bool {
        self.first.is_some_and(|place| NAMES[usize::from(place)] == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Pointer;
    use serde_json::json;

    #[test]
    fn alternatives_count_and_the_first_is_the_schemas_own() {
        let root = json!({"type": ["array", "null"], "oneOf": [{"type": "integer"}, {"$ref": "#/b"}], "b": {"type": "string"}});
        let kinds = Kinds::of(SchemaNode::at(&root, &Pointer::root()));
        assert!(["array", "null", "integer", "string"].into_iter().all(|kind| kinds.allow(kind)));
        assert!(!kinds.allow("object") && kinds.begin_with("array") && !kinds.begin_with("null"));
        assert!(Kinds::of(SchemaNode::at(&json!({}), &Pointer::root())).is_empty());
    }
}
