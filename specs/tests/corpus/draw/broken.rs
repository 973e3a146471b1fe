//! Documents with something wrong in them: a node gone, of another type, in another place, or the text cut off.

use serde_json::{Value, json};

use super::Draw;

/// Changes a document in one to three places.
pub(crate) fn broken(draw: &mut Draw, document: &Value) -> Value {
    let mut document = document.clone();
    for _ in 0..=draw.below(3) {
        let mut places = Vec::new();
        collect(&document, &mut String::new(), &mut places);
        let place = draw.one(&places).clone();
        let other = draw.one(&places).clone();
        change(draw, &mut document, &place, &other);
    }
    document
}

/// Text of which the end is missing, or with a wrong character in it.
pub(crate) fn cut(draw: &mut Draw, text: &str) -> String {
    let mut end = draw.below(text.len()) + 1;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (before, after) = text.split_at(end);
    match draw.below(3) {
        0 => before.to_owned(),
        1 => format!("{before}{}{after}", *draw.one(&["{", "]", "\"", ": ", "\n", "\t", "&a ", "*b", "- ", "\u{0}", "!!int ", "#"])),
        _ => format!("{before}{before}{after}"),
    }
}

fn collect(node: &Value, at: &mut String, places: &mut Vec<String>) {
    places.push(at.clone());
    let children: Vec<(String, &Value)> = match node {
        Value::Object(members) => members.iter().map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let length = at.len();
        at.push('/');
        at.push_str(&name);
        collect(child, at, places);
        at.truncate(length);
    }
}

fn change(draw: &mut Draw, document: &mut Value, place: &str, other: &str) {
    let strange = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(""),
        json!("x"),
        json!([]),
        json!({}),
        json!([[]]),
        json!({"": {}}),
        json!(u64::MAX),
        json!({"$ref": "#/components/schemas/Nobody"}),
        json!({"$ref": "#"}),
        json!({"$ref": 1}),
        json!("(((("),
    ];
    match draw.below(6) {
        0 => remove(document, place),
        1 | 2 => put(document, place, draw.one(&strange).clone()),
        3 => {
            let copied = document.pointer(other).cloned().unwrap_or_default();
            if copied.to_string().len() < 20_000 {
                put(document, place, copied);
            }
        }
        4 => swap(document, place, other),
        _ => {
            let node = document.pointer(place).cloned().unwrap_or_default();
            let key = *draw.one(&["allOf", "items", "properties", "$ref", "schema"]);
            let nested =
                (0..draw.below(60)).fold(node, |inner, _| if key == "allOf" { json!({ key: [inner] }) } else { json!({ key: inner }) });
            put(document, place, nested);
        }
    }
}

fn put(document: &mut Value, place: &str, value: Value) {
    if let Some(node) = document.pointer_mut(place) {
        *node = value;
    }
}

fn swap(document: &mut Value, place: &str, other: &str) {
    if place.starts_with(other) || other.starts_with(place) {
        return;
    }
    let (one, two) = (document.pointer(place).cloned().unwrap_or_default(), document.pointer(other).cloned().unwrap_or_default());
    put(document, place, two);
    put(document, other, one);
}

fn remove(document: &mut Value, place: &str) {
    let Some((parent, name)) = place.rsplit_once('/') else { return };
    let name = name.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.shift_remove(&name)),
        Some(Value::Array(items)) => drop(name.parse().ok().filter(|index| *index < items.len()).map(|index: usize| items.remove(index))),
        _ => {}
    }
}
