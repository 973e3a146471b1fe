//! What is expected, held against what came back. Values are captured on the way: `{{name}}` is bound where it first stands in an
//! answer, and must be the same everywhere after.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use regex_automata::dfa::regex::Regex;
use serde_json::Value;

/// Captured values, each with how often it was used after it was captured.
#[derive(Debug, Default)]
pub(crate) struct Captures(BTreeMap<String, (String, usize)>);

impl Captures {
    /// A text with every `{{name}}` in it replaced.
    pub(crate) fn fill(&mut self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = placeholder(rest) {
            let (value, used) = self.0.get_mut(name).ok_or_else(|| format!("nothing was captured as `{name}`"))?;
            *used += 1;
            filled.push_str(before);
            filled.push_str(value);
            rest = after;
        }
        Ok(filled + rest)
    }

    /// Every text in a JSON value with its placeholders replaced.
    pub(crate) fn fill_json(&mut self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill(text)?),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.fill_json(item)).collect::<Result<_, _>>()?),
            Value::Object(members) => {
                let filled = members.iter().map(|(name, member)| Ok((name.clone(), self.fill_json(member)?)));
                Value::Object(filled.collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }

    /// Binds a name for good, as a request's own counter is.
    pub(crate) fn bind(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), (value.to_owned(), 1));
    }

    /// What was captured and never used.
    pub(crate) fn unused(&self) -> Vec<&str> {
        self.0.iter().filter(|(_, (_, used))| *used == 0).map(|(name, _)| name.as_str()).collect()
    }

    fn take(&mut self, name: &str, actual: &str) -> Option<String> {
        if let Some((value, used)) = self.0.get_mut(name) {
            *used += 1;
            return (value != actual).then(|| format!("expected what was captured as `{name}`, `{value}`, found `{actual}`"));
        }
        self.0.insert(name.to_owned(), (actual.to_owned(), 0));
        None
    }
}

fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name, after))
}

/// How a text differs from what is expected of it.
pub(crate) fn text(expected: &str, actual: &str, captures: &mut Captures) -> Option<String> {
    if let Some(("", name, "")) = placeholder(expected) {
        return captures.take(name, actual);
    }
    let expected = match captures.fill(expected) {
        Ok(expected) => expected,
        Err(error) => return Some(error),
    };
    let unless = |holds: bool, what: &str| (!holds).then(|| format!("expected {what}, found `{actual}`"));
    match expected.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        Some("any" | "string") => None,
        Some("rfc3339") => unless(actual.parse::<Timestamp>().is_ok(), "a moment (RFC 3339)"),
        Some("jwt") => unless(is_jwt(actual), "a JWT (RFC 7519)"),
        Some(kind) if kind.starts_with("matches ") => {
            let pattern = kind.trim_start_matches("matches ");
            let regex = Regex::new(pattern).unwrap_or_else(|error| panic!("`{pattern}`: {error}"));
            unless(regex.is_match(actual), &expected)
        }
        _ => unless(expected == actual, &format!("`{expected}`")),
    }
}

fn is_jwt(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let object = |part: &&str| {
        BASE64_URL_SAFE_NO_PAD.decode(part).is_ok_and(|bytes| serde_json::from_slice::<Value>(&bytes).is_ok_and(|value| value.is_object()))
    };
    parts.len() == 3 && parts[..2].iter().all(object) && !parts[2].is_empty()
}

/// How a JSON value differs from what is expected of it: members that are not named may be anything, items may not.
pub(crate) fn json(expected: &Value, actual: &Value, at: &str, captures: &mut Captures, differences: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(members), Value::Object(found)) => {
            for (name, member) in members {
                let at = format!("{at}/{name}");
                match found.get(name) {
                    Some(_) if *member == "<absent>" => differences.push(format!("{at}: expected to be absent")),
                    Some(value) => json(member, value, &at, captures, differences),
                    None if *member == "<absent>" => {}
                    None => differences.push(format!("{at}: is missing")),
                }
            }
        }
        (Value::Array(items), Value::Array(found)) => {
            if items.len() != found.len() {
                differences.push(format!("{at}: expected {} items, found {}", items.len(), found.len()));
            }
            for (index, (item, value)) in items.iter().zip(found).enumerate() {
                json(item, value, &format!("{at}/{index}"), captures, differences);
            }
        }
        (Value::String(words), _) if matches_kind(words, actual) => {}
        (Value::String(words), Value::String(found)) => {
            differences.extend(text(words, found, captures).map(|difference| format!("{at}: {difference}")));
        }
        (Value::String(words), Value::Number(found)) if placeholder(words).is_some() => {
            differences.extend(text(words, &found.to_string(), captures).map(|difference| format!("{at}: {difference}")));
        }
        _ if expected == actual => {}
        _ => differences.push(format!("{at}: expected {expected}, found {actual}")),
    }
}

fn matches_kind(words: &str, actual: &Value) -> bool {
    match words {
        "<any>" => true,
        "<integer>" => actual.is_i64() || actual.is_u64(),
        "<number>" => actual.is_number(),
        "<boolean>" => actual.is_boolean(),
        _ => false,
    }
}
