//! How parameter values become text and back (OpenAPI 3.1, section 4.8.12.3).

use serde_json::{Map, Value};

use crate::contract::{Kinds, Parameter, Schema, SchemaNode, Style};

/// The value that text stands for under a schema: `"12"` is a number where one is allowed, else it stays text.
pub(super) fn coerce(text: &str, node: Option<SchemaNode<'_>>) -> Value {
    coerce_to(text, node.map(Kinds::of).unwrap_or_default())
}

fn coerce_to(text: &str, kinds: Kinds) -> Value {
    if kinds.is_empty() || kinds.allow("string") {
        return Value::String(text.to_owned());
    }
    let parsed: Option<Value> = match text {
        "true" | "false" if kinds.allow("boolean") => Some(Value::Bool(text == "true")),
        "" | "null" if kinds.allow("null") => Some(Value::Null),
        _ if kinds.allow("integer") || kinds.allow("number") => number(text),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// A decimal number in JSON's own form; `+1`, `0x1` and ` 1` are text.
fn number(text: &str) -> Option<Value> {
    // Most are whole and short: no number in JSON begins with a zero (RFC 8259, section 6).
    if (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0')) {
        return text.parse().ok().map(|number: u64| Value::from(number));
    }
    serde_json::from_str::<Value>(text).ok().filter(|value| value.is_number() && !text.starts_with(char::is_whitespace))
}

/// The value of a parameter that is one text: in a path, a header or a cookie, or a single query pair.
#[must_use]
pub fn decode(parameter: &Parameter, text: &str) -> Value {
    if parameter.as_json {
        return serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    }
    let text = match parameter.style {
        Style::Label => text.strip_prefix('.').unwrap_or(text),
        Style::Matrix => text.trim_start_matches(';').strip_prefix(&format!("{}=", parameter.name)).unwrap_or(text),
        _ => text,
    };
    match wanting(parameter, "array") {
        Some(schema) => Value::Array(split(parameter, text).map(|part| coerce(part, schema.node().items())).collect()),
        None => match wanting(parameter, "object") {
            Some(schema) => members(parameter, text, schema.node()),
            None => coerce_to(text, parameter.schema.as_ref().map(Schema::kinds).unwrap_or_default()),
        },
    }
}

/// The value of a query parameter among all pairs, if it is given.
pub(super) fn decode_query(parameter: &Parameter, pairs: &[(String, String)]) -> Option<Value> {
    let given: Vec<&str> = pairs.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value.as_str()).collect();
    if let Some(schema) = wanting(parameter, "object").filter(|_| !parameter.as_json) {
        let node = schema.node();
        let prefix = format!("{}[", parameter.name);
        let mut members = Map::new();
        for (name, value) in pairs {
            let own = match parameter.style {
                Style::DeepObject => name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(']')),
                _ if parameter.explode => node.property(name).map(|_| name.as_str()),
                _ => None,
            };
            if let Some(own) = own {
                members.insert(own.to_owned(), coerce(value, node.property(own)));
            }
        }
        if !members.is_empty() {
            return Some(Value::Object(members));
        }
    }
    if let Some(schema) = wanting(parameter, "array").filter(|_| parameter.explode && !given.is_empty() && !parameter.as_json) {
        return Some(Value::Array(given.into_iter().map(|part| coerce(part, schema.node().items())).collect()));
    }
    given.last().map(|text| decode(parameter, text))
}

/// A parameter's schema if it wants this type above all others.
fn wanting<'p>(parameter: &'p Parameter, kind: &str) -> Option<&'p Schema> {
    parameter.schema.as_ref().filter(|schema| schema.kinds().begin_with(kind))
}

fn separator(parameter: &Parameter) -> char {
    match (parameter.style, parameter.explode) {
        (Style::SpaceDelimited, _) => ' ',
        (Style::PipeDelimited, _) => '|',
        (Style::Label, true) => '.',
        (Style::Matrix, true) => ';',
        _ => ',',
    }
}

fn split<'t>(parameter: &Parameter, text: &'t str) -> impl Iterator<Item = &'t str> {
    let repeated = format!("{}=", parameter.name);
    let matrix = parameter.style == Style::Matrix && parameter.explode;
    text.split(separator(parameter))
        .filter(|part| !part.is_empty())
        .map(move |part| if matrix { part.strip_prefix(&repeated).unwrap_or(part) } else { part })
}

/// `a,1,b,2`, or `a=1,b=2` when exploded.
fn members(parameter: &Parameter, text: &str, node: SchemaNode<'_>) -> Value {
    let parts: Vec<&str> = text.split(separator(parameter)).collect();
    let pairs: Vec<(&str, &str)> = if parameter.explode {
        parts.iter().filter_map(|part| part.split_once('=')).collect()
    } else {
        parts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    };
    pairs.into_iter().map(|(name, value)| (name.to_owned(), coerce(value, node.property(name)))).collect::<Map<_, _>>().into()
}

/// The text of a scalar as it stands in URLs and headers.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A parameter's value as one text, for a path, a header or a cookie; `escape` encodes each part.
pub(super) fn encode(parameter: &Parameter, value: &Value, escape: impl Fn(&str) -> String) -> String {
    if parameter.as_json {
        return escape(&value.to_string());
    }
    let delimiter = separator(parameter).to_string();
    let name = &parameter.name;
    let joined = match value {
        Value::Array(items) => {
            let part = |item: &Value| {
                let text = escape(&scalar(item));
                if parameter.style == Style::Matrix && parameter.explode { format!("{name}={text}") } else { text }
            };
            items.iter().map(part).collect::<Vec<_>>().join(&delimiter)
        }
        Value::Object(members) => {
            let between = if parameter.explode { "=" } else { delimiter.as_str() };
            let part = |(key, value): (&String, &Value)| format!("{}{between}{}", escape(key), escape(&scalar(value)));
            members.iter().map(part).collect::<Vec<_>>().join(&delimiter)
        }
        other => escape(&scalar(other)),
    };
    let named = parameter.explode && (value.is_array() || value.is_object());
    match parameter.style {
        Style::Label => format!(".{joined}"),
        Style::Matrix if named => format!(";{joined}"),
        Style::Matrix => format!(";{name}={joined}"),
        _ => joined,
    }
}

/// A query parameter's value as pairs, not yet encoded.
pub(super) fn encode_query(parameter: &Parameter, value: &Value) -> Vec<(String, String)> {
    let name = parameter.name.clone();
    match value {
        _ if parameter.as_json => vec![(name, value.to_string())],
        Value::Array(items) if parameter.explode => items.iter().map(|item| (name.clone(), scalar(item))).collect(),
        Value::Object(members) if parameter.style == Style::DeepObject => {
            members.iter().map(|(key, value)| (format!("{name}[{key}]"), scalar(value))).collect()
        }
        Value::Object(members) if parameter.explode => members.iter().map(|(key, value)| (key.clone(), scalar(value))).collect(),
        other => vec![(name, encode(parameter, other, str::to_owned))],
    }
}
