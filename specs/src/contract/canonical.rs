//! The algebra of schemas: one normal form for all that mean the same, and what one schema takes that another refuses.
//!
//! What comes in and what goes out is JSON Schema 2020-12 by itself, without any document around it.

use std::fmt;

use jsonschema::canonical::{CanonicalKind, CanonicalSchema, Satisfiability};
use jsonschema::{Draft, Validator};
use serde_json::Value;

use super::violation::Violation;

/// The normal form of a schema: `allOf` folded, bounds gathered, what nothing can satisfy `false`. None for a schema that has none.
#[must_use]
pub fn canonical(schema: &Value) -> Option<Value> {
    written(&read(schema)?)
}

/// The normal form of what `schema` accepts and `other` refuses; `false` if that is nothing, none if it cannot be told.
#[must_use]
pub fn difference(schema: &Value, other: &Value) -> Option<Value> {
    written(&read(schema)?.subtract(&read(other)?).ok()?)
}

fn read(schema: &Value) -> Option<CanonicalSchema> {
    let options = jsonschema::canonical::options().with_draft(Draft::Draft202012).should_validate_formats(true).offline();
    options.canonicalize(schema).ok().filter(|read| read.kind() != CanonicalKind::Raw)
}

fn written(schema: &CanonicalSchema) -> Option<Value> {
    match schema.satisfiability() {
        Satisfiability::No => Some(Value::Bool(false)),
        _ if schema.kind() == CanonicalKind::Raw => None,
        _ => Some(schema.to_json_schema()),
    }
}

/// A schema by itself, compiled.
pub struct Judge {
    validator: Validator,
    schema: Value,
}

impl Judge {
    /// Compiles a schema; none if it is not one.
    #[must_use]
    pub fn new(schema: &Value) -> Option<Self> {
        let options = jsonschema::options().with_draft(Draft::Draft202012);
        options
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .offline()
            .build(schema)
            .ok()
            .map(|validator| Self { validator, schema: schema.clone() })
    }

    /// Whether a value is valid.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }

    /// Everything that is wrong with a value, without repeating it.
    #[must_use]
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        self.validator.iter_errors(value).flat_map(|error| Violation::of(&error, &self.schema)).collect()
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judge")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_keyword_taken_out_leaves_what_breaks_it_alone() {
        let whole = json!({"allOf": [{"type": "string", "minLength": 3}, {"pattern": "^a"}]});
        let without = json!({"allOf": [{"type": "string", "minLength": 3}]});
        let broken = difference(&without, &whole).expect("both have a normal form");
        let judge = Judge::new(&broken).expect("it is a schema");
        assert!(judge.accepts(&json!("bbb")) && !judge.accepts(&json!("b")) && !judge.accepts(&json!("abc")) && !judge.accepts(&json!(3)));
        assert_eq!(difference(&whole, &whole), Some(json!(false)));
        assert_eq!(canonical(&json!({"allOf": [{"minimum": 3}, {"maximum": 1, "type": "integer"}]})), Some(json!(false)));
    }

    #[test]
    fn a_judge_names_the_keyword_and_never_the_value() {
        let judge = Judge::new(&json!({"properties": {"a": {"maxLength": 2}}})).expect("it is a schema");
        let violations = judge.violations(&json!({"a": "hush"}));
        assert_eq!(violations[0].keyword, "maxLength");
        assert!(!violations[0].message.contains("hush"));
    }
}
