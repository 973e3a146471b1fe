//! JSON Patch (RFC 6902) as far as it states fields, which is all that an intent can say; the rest of it only whoever holds the thing can read.

use serde_json::{Map, Value, json};

use super::inputs::Inputs;

/// The fields that a patch states, if it does nothing but add or replace whole fields.
#[must_use]
pub fn plain_fields(inputs: &Inputs) -> Option<Map<String, Value>> {
    let steps = inputs.json()?.as_array()?;
    let stated = |step: &Value| {
        let sets = matches!(step.get("op")?.as_str()?, "add" | "replace");
        let name = step.get("path")?.as_str()?.strip_prefix('/').filter(|name| sets && !name.is_empty() && !name.contains('/'))?;
        Some((name.replace("~1", "/").replace("~0", "~"), step.get("value")?.clone()))
    };
    steps.iter().map(stated).collect()
}

/// The patch that sets fields: what is not there yet can be added alone (RFC 6902, section 4.1).
pub(super) fn of_fields(fields: &Map<String, Value>) -> Value {
    let step = |(name, value): (&String, &Value)| json!({"op": "add", "path": format!("/{}", name.replace('~', "~0").replace('/', "~1")), "value": value});
    fields.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Payload;

    #[test]
    fn fields_become_a_patch_and_come_back() {
        let fields = Map::from_iter([("a/b~c".to_owned(), json!([1])), ("title".to_owned(), json!("x"))]);
        let inputs = |patch: Value| Inputs { body: Some(Payload::Json(patch)), ..Inputs::default() };
        assert_eq!(of_fields(&fields)[0]["path"], "/a~1b~0c");
        assert_eq!(plain_fields(&inputs(of_fields(&fields))), Some(fields));
        for other in [
            json!([{"op": "remove", "path": "/a"}]),
            json!([{"op": "add", "path": "/a/0", "value": 1}]),
            json!([{"op": "add", "path": "/", "value": {}}]),
            json!({}),
        ] {
            assert_eq!(plain_fields(&inputs(other)), None);
        }
    }
}
