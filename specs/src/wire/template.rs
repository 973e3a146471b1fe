//! Templates: JSON with `{name}` where a value goes.

use serde_json::{Map, Value};

use super::style::scalar;

/// Fills a template. A text that is one placeholder becomes the value itself; where that value is unknown, the member is left out.
#[must_use]
pub fn fill(template: &Value, lookup: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    match template {
        Value::String(text) => match whole(text) {
            Some(name) => find(name, lookup),
            None => Some(Value::String(interpolate(text, lookup))),
        },
        Value::Object(members) => {
            let filled = members.iter().filter_map(|(name, member)| Some((name.clone(), fill(member, lookup)?)));
            Some(Value::Object(filled.collect::<Map<_, _>>()))
        }
        Value::Array(items) => Some(items.iter().filter_map(|item| fill(item, lookup)).collect()),
        other => Some(other.clone()),
    }
}

/// The name if the whole text is one placeholder.
fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    is_name(name).then_some(name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

/// `name`, or changed: `name:upper`, `name:lower`, `name:title`, `name:text` (a number as text).
fn find(name: &str, lookup: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    match name.split_once(':') {
        Some((name, "upper")) => lookup(name).map(|value| scalar(&value).to_uppercase().into()),
        Some((name, "lower")) => lookup(name).map(|value| scalar(&value).to_lowercase().into()),
        Some((name, "text")) => lookup(name).map(|value| scalar(&value).into()),
        Some((name, "title")) => lookup(name).map(|value| title(&scalar(&value)).into()),
        _ => lookup(name),
    }
}

fn title(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn interpolate(text: &str, lookup: &dyn Fn(&str) -> Option<Value>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        if let Some((name, after)) = from[1..].split_once('}').filter(|(name, _)| is_name(name)) {
            filled.push_str(&find(name, lookup).map(|value| scalar(&value)).unwrap_or_default());
            rest = after;
        } else {
            filled.push('{');
            rest = &from[1..];
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn placeholders_are_filled_and_unknown_members_left_out() {
        let lookup = |name: &str| match name {
            "code" => Some(json!(7)),
            "field" => Some(json!("name")),
            _ => None,
        };
        let template =
            json!({"code": "{code}", "text": "the {field:upper} {is} {not a name}", "hint": "{hint}", "list": ["{hint}", "{field}"]});
        let filled = fill(&template, &lookup).expect("an object");
        assert_eq!(filled, json!({"code": 7, "text": "the NAME  {not a name}", "list": ["name"]}));
    }
}
