//! What an answer shows of a thing: the declared members, and of its secrets only as much as is promised.

use serde_json::{Map, Value};

use crate::claims::{FieldPath, Visibility};
use crate::contract::{AnswerPlace, Endpoint, Resource};

/// The members of a thing that an endpoint's answer shows.
#[must_use]
pub fn project(record: &Map<String, Value>, place: &AnswerPlace, endpoint: &Endpoint, resource: Option<&Resource>) -> Map<String, Value> {
    let mut shown = Map::new();
    if place.members.is_empty() {
        shown.clone_from(record);
    }
    for member in &place.members {
        let value = record.get(&member.name).cloned();
        let value = value.or_else(|| default(resource, &member.name)).or_else(|| member.required.then(|| member.fallback.clone()));
        if let Some(value) = value {
            shown.insert(member.name.clone(), value);
        }
    }
    if let Some(resource) = resource {
        for path in resource.secret() {
            // Nothing claimed means that nothing is shown: silence must not leak.
            let visibility = resource.visibility(path, endpoint.verb).map_or(Visibility::Absent, |claim| claim.value);
            hide(&mut shown, path, visibility, resource.mask());
        }
        let others = resource.fields.keys().map(|name| FieldPath::from(name.as_str())).filter(|path| !resource.secret().contains(path));
        for path in others {
            let visibility = resource.visibility(&path, endpoint.verb).map_or(Visibility::Plain, |claim| claim.value);
            hide(&mut shown, &path, visibility, resource.mask());
        }
    }
    shown
}

fn default(resource: Option<&Resource>, field: &str) -> Option<Value> {
    let claim = resource?.fields.get(field)?.default.as_ref()?;
    Some(claim.value.clone())
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
        [last] if last == "*" => members.clear(),
        [last] => drop(members.shift_remove(last)),
        [first, rest @ ..] => {
            let inner = members.iter_mut().filter(|(name, _)| first == "*" || *name == first).map(|(_, value)| value);
            inner.filter_map(Value::as_object_mut).for_each(|inner| remove(inner, rest));
        }
    }
}

/// Visits every value at a path of names, where `*` is any member or item.
fn each_leaf(value: &mut Value, names: &[String], visit: &mut dyn FnMut(&mut Value)) {
    let Some((first, rest)) = names.split_first() else { return visit(value) };
    match value {
        Value::Object(members) => {
            members.iter_mut().filter(|(name, _)| first == "*" || *name == first).for_each(|(_, inner)| each_leaf(inner, rest, visit));
        }
        Value::Array(items) if first == "*" => items.iter_mut().for_each(|item| each_leaf(item, rest, visit)),
        _ => {}
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
        (Some((first, rest)), Value::Object(members)) => {
            members.iter().filter(|(name, _)| first == "*" || *name == first).for_each(|(_, inner)| leaves(inner, rest, found));
        }
        (Some((first, rest)), Value::Array(items)) if first == "*" => items.iter().for_each(|item| leaves(item, rest, found)),
        _ => {}
    }
}
