//! What an answer shows of a thing: the declared members, and of its secrets only as much as is promised.

use serde_json::{Map, Value};

use super::record::{Held, Record};
use crate::claims::{FieldPath, Visibility};
use crate::contract::{AnswerPlace, Endpoint, Member, Resource};

/// The members of a thing that an answer shows.
pub(super) fn project(record: &Record, place: &AnswerPlace) -> Map<String, Value> {
    let mut shown = if place.members.is_empty() { record.whole() } else { Map::new() };
    for member in &place.members {
        let held = record.held(&member.name).map(Held::to_value);
        if let Some(value) = held.or_else(|| member.instead.clone()) {
            shown.insert(member.name.clone(), value);
        }
    }
    place.veils.iter().for_each(|(path, visibility)| hide(&mut shown, path, *visibility, &place.mask));
    shown
}

/// What an answer shows of a member that has this value; `None` where it shows nothing.
pub(super) fn veiled(member: &Member, value: Value, mask: &str) -> Option<Value> {
    let mut shown = Map::from_iter([(member.name.clone(), value)]);
    member.veils.iter().for_each(|(path, visibility)| hide(&mut shown, path, *visibility, mask));
    shown.shift_remove(&member.name)
}

fn hide(shown: &mut Map<String, Value>, path: &FieldPath, visibility: Visibility, mask: &str) {
    match visibility {
        Visibility::Plain => {}
        Visibility::Absent => remove(shown, path.names()),
        Visibility::Masked => {
            if let Some(value) = shown.get_mut(path.field()) {
                each_leaf(value, &path.names()[1..], &mut |leaf| *leaf = Value::from(mask));
            }
        }
    }
}

fn remove(members: &mut Map<String, Value>, names: &[String]) {
    match names {
        [] => {}
        [last] if last == "*" || last == "**" => members.clear(),
        [last] => drop(members.shift_remove(last)),
        [first, rest @ ..] => {
            let inner = members.iter_mut().filter(|(name, _)| first == "*" || *name == first).map(|(_, value)| value);
            inner.filter_map(Value::as_object_mut).for_each(|inner| remove(inner, rest));
        }
    }
}

/// A thing's fields with its secrets hidden as far as an endpoint's answer hides them.
pub(super) fn visible(record: &Record, endpoint: &Endpoint, resource: Option<&Resource>) -> Map<String, Value> {
    let mut shown = record.whole();
    for path in resource.into_iter().flat_map(Resource::secret) {
        let visibility =
            resource.and_then(|resource| resource.visibility(path, endpoint.verb)).map_or(Visibility::Absent, |claim| claim.value);
        hide(&mut shown, path, visibility, resource.map_or("", Resource::mask));
    }
    shown
}

/// Visits every value at a path of names, where `*` is any member or item and `**` everything below.
fn each_leaf(value: &mut Value, names: &[String], visit: &mut dyn FnMut(&mut Value)) {
    let Some((first, rest)) = names.split_first() else { return visit(value) };
    match value {
        inner if first == "**" => each_below(inner, visit),
        Value::Object(members) => {
            members.iter_mut().filter(|(name, _)| first == "*" || *name == first).for_each(|(_, inner)| each_leaf(inner, rest, visit));
        }
        Value::Array(items) if first == "*" => items.iter_mut().for_each(|item| each_leaf(item, rest, visit)),
        _ => {}
    }
}

/// Visits every scalar below a value, however deep.
fn each_below(value: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    let inner: Vec<&mut Value> = match value {
        Value::Object(members) => members.values_mut().collect(),
        Value::Array(items) => items.iter_mut().collect(),
        _ => Vec::new(),
    };
    for value in inner {
        if value.is_object() || value.is_array() {
            each_below(value, visit);
        } else {
            visit(value);
        }
    }
}

/// The secret texts in a thing's fields.
#[must_use]
pub fn secrets_in<'r>(record: &'r Map<String, Value>, resource: &Resource) -> Vec<&'r str> {
    let mut found = Vec::new();
    for path in resource.secret() {
        if let Some(value) = record.get(path.field()) {
            leaves(value, &path.names()[1..], &mut found);
        }
    }
    found
}

fn leaves<'r>(value: &'r Value, names: &[String], found: &mut Vec<&'r str>) {
    match (names.split_first(), value) {
        (None, Value::String(text)) => found.push(text),
        (Some((first, _)), _) if first == "**" => texts_below(value, found),
        (Some((first, rest)), Value::Object(members)) => {
            members.iter().filter(|(name, _)| first == "*" || *name == first).for_each(|(_, inner)| leaves(inner, rest, found));
        }
        (Some((first, rest)), Value::Array(items)) if first == "*" => items.iter().for_each(|item| leaves(item, rest, found)),
        _ => {}
    }
}

/// Every text below a value, however deep; the value itself is not below itself.
fn texts_below<'r>(value: &'r Value, found: &mut Vec<&'r str>) {
    let inner: Vec<&Value> = match value {
        Value::Object(members) => members.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    for value in inner {
        match value {
            Value::String(text) => found.push(text),
            other => texts_below(other, found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_below_is_hidden_however_deep() {
        let hidden = |path: &str, visibility| {
            let mut shown = json!({"data": {"a": "x", "b": [{"c": "y"}], "d": 1}}).as_object().cloned().unwrap_or_default();
            hide(&mut shown, &FieldPath::from(path), visibility, "*");
            Value::Object(shown)
        };
        assert_eq!(hidden("data/**", Visibility::Masked), json!({"data": {"a": "*", "b": [{"c": "*"}], "d": "*"}}));
        assert_eq!(hidden("data/*", Visibility::Masked), json!({"data": {"a": "*", "b": "*", "d": "*"}}));
        assert_eq!(hidden("data/**", Visibility::Absent), json!({"data": {}}));
        let (value, mut found) = (json!({"a": "x", "b": [{"c": "y"}, "z"], "d": 1}), Vec::new());
        leaves(&value, &["**".to_owned()], &mut found);
        assert_eq!(found, ["x", "y", "z"]);
        let (bare, mut none) = (json!("not below"), Vec::new());
        leaves(&bare, &["**".to_owned()], &mut none);
        assert!(none.is_empty());
    }
}
