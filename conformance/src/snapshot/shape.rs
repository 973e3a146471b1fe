//! The shape of a JSON value: its members and types, never its values.

use std::collections::BTreeSet;

use serde_json::Value;

/// The shape as text: `{id: integer, tags: [string]}`. Members are sorted; items of different shapes stand beside each other.
pub(crate) fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(number) if number.is_f64() => "number".to_owned(),
        Value::Number(_) => "integer".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(items) => {
            let shapes: BTreeSet<String> = items.iter().map(shape).collect();
            format!("[{}]", shapes.into_iter().collect::<Vec<_>>().join(" | "))
        }
        Value::Object(members) => {
            let sorted: BTreeSet<String> = members.iter().map(|(name, value)| format!("{name}: {}", shape(value))).collect();
            format!("{{{}}}", sorted.into_iter().collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_shape_tells_types_and_no_values() {
        let value = json!({"b": [1, 2, "x"], "a": {"secret": "hush", "n": null}, "c": [], "d": 1.5});
        assert_eq!(shape(&value), "{a: {n: null, secret: string}, b: [integer | string], c: [], d: number}");
    }
}
