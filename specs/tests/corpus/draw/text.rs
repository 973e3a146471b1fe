//! A document as text, in either of its two forms.

use serde_json::Value;

/// As JSON.
pub(crate) fn as_json(document: &Value) -> String {
    serde_json::to_string_pretty(document).expect("a value is JSON")
}

/// As YAML in block style, with keys and texts as JSON writes them, which YAML reads alike.
pub(crate) fn as_yaml(document: &Value) -> String {
    let mut text = String::new();
    block(document, 0, &mut text);
    text
}

fn block(value: &Value, depth: usize, text: &mut String) {
    let indent = " ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                text.push('\n');
                text.push_str(&indent);
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                block(member, depth + 1, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                text.push('\n');
                text.push_str(&indent);
                text.push('-');
                block(item, depth + 1, text);
            }
        }
        plain => {
            text.push(' ');
            text.push_str(&plain.to_string());
        }
    }
}
