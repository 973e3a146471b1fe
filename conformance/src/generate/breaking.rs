//! Negative data: for each keyword, a value that breaks it and nothing else.
//!
//! What breaks one keyword alone is what the schema without it accepts and the schema with it refuses.

use serde_json::{Map, Value, json};
use specs::document::Pointer;

use super::algebra::{canonical, difference, together};
use super::layers::Layer;
use super::sample::Pick;
use super::variants::{Maker, of_each_type};

/// Keywords that can be broken by themselves: which of the values that do so, and what that is in words.
const KEYWORDS: &[(&str, Pick, &str)] = &[
    ("minLength", Pick::High, "one shorter than the shortest"),
    ("maxLength", Pick::Low, "one longer than the longest"),
    ("pattern", Pick::High, "not of the pattern"),
    ("format", Pick::Plain, "nearly of the format"),
    ("minimum", Pick::High, "below the least"),
    ("maximum", Pick::Low, "above the most"),
    ("exclusiveMinimum", Pick::High, "the bound itself"),
    ("exclusiveMaximum", Pick::Low, "the bound itself"),
    ("multipleOf", Pick::Plain, "no multiple"),
    ("minItems", Pick::High, "one item too few"),
    ("maxItems", Pick::Low, "one item too many"),
    ("uniqueItems", Pick::Plain, "an item twice"),
    ("contains", Pick::Random, "without an item that must be there"),
    ("minContains", Pick::Random, "with too few of the items that must be there"),
    ("maxContains", Pick::Random, "with too many of the items that may be there"),
    ("unevaluatedItems", Pick::Random, "with an item that is not declared"),
    ("minProperties", Pick::Plain, "one member too few"),
    ("maxProperties", Pick::Low, "one member too many"),
    ("propertyNames", Pick::Plain, "with a name that is not allowed"),
    ("additionalProperties", Pick::Plain, "with a member that is not declared"),
    ("unevaluatedProperties", Pick::Plain, "with a member that is not declared"),
    ("const", Pick::Plain, "another than the constant"),
    ("not", Pick::Plain, "what is excluded"),
    ("oneOf", Pick::Plain, "of no alternative or of several"),
    ("anyOf", Pick::Plain, "of no alternative"),
    ("dependentRequired", Pick::High, "without what another member demands"),
    ("dependentSchemas", Pick::Random, "against what another member demands"),
    ("if", Pick::Random, "against the condition"),
];

/// How often a value of the relaxed schema is tried where the algebra has no answer.
const TRIES: usize = 16;

impl Maker<'_> {
    /// One value of each of two types that are not allowed.
    pub(super) fn types(&mut self, whole: &Value, at: &Pointer) {
        let Some(allowed) = types_of(whole) else { return };
        let wrong = of_each_type().into_iter().filter(|(kind, _)| !allowed.contains(&(*kind).to_owned()));
        for (kind, value) in wrong.take(2) {
            self.break_with(at, "type", format!("of type {kind}"), value);
        }
        if allowed.iter().any(|kind| kind == "integer") && !allowed.iter().any(|kind| kind == "number") {
            self.break_with(at, "type", "of type number", json!(1.5));
        }
    }

    /// Every keyword of the layers that speak of a place, each broken by itself.
    pub(super) fn break_each(&mut self, context: &[Layer], own: &[Layer], whole: &Value, at: &Pointer, value: &Value) {
        for (place, layer) in own.iter().enumerate() {
            for within in [None, Some("then"), Some("else")] {
                let Some(part) = within.map_or(Some(layer), |name| layer.get(name)?.as_object()) else { continue };
                self.missing_members(part, at, value);
                for (keyword, pick, how) in KEYWORDS.iter().filter(|(keyword, ..)| breakable(part, keyword)) {
                    let mut others = own.to_vec();
                    relax(&mut others[place], within, keyword);
                    let relaxed = self.whole(context, &others);
                    self.break_one(&relaxed, whole, at, value, (keyword, *pick, how));
                }
            }
        }
        self.two_alternatives(context, own, at);
    }

    fn break_one(&mut self, relaxed: &Value, whole: &Value, at: &Pointer, value: &Value, aim: (&'static str, Pick, &str)) {
        let (keyword, pick, how) = aim;
        if self.by_hand(keyword, how, whole, at, value) {
            return;
        }
        let broken = difference(relaxed, whole);
        if broken.as_deref() == Some(&Value::Bool(false)) {
            return;
        }
        for attempt in 0..TRIES {
            let pick = if attempt < TRIES / 2 { pick } else { Pick::Random };
            let Some(made) = self.sample(broken.as_deref().unwrap_or(relaxed), pick) else { break };
            if likenings(value, &made).into_iter().any(|candidate| self.break_with(at, keyword, how, candidate)) {
                return;
            }
        }
        // Formats are annotations: what nobody can be held to is not missing.
        if keyword != "format" {
            self.miss(at, format!("`{keyword}`: no value that breaks it alone could be made up"));
        }
    }

    /// Breaches that keep the rest of the present value as it is.
    fn by_hand(&mut self, keyword: &'static str, how: &str, whole: &Value, at: &Pointer, value: &Value) -> bool {
        match (keyword, value) {
            ("additionalProperties" | "unevaluatedProperties", Value::Object(members)) => {
                let mut more = members.clone();
                more.insert("lockstepExtra".to_owned(), Value::Bool(true));
                self.break_with(at, keyword, how, Value::Object(more))
            }
            ("uniqueItems", Value::Array(items)) if !items.is_empty() => {
                let twice = items.iter().chain([&items[0]]).cloned().collect();
                self.break_with(at, keyword, how, Value::Array(twice)) || self.break_with(at, keyword, how, json!([items[0], items[0]]))
            }
            ("minItems", Value::Array(items)) => {
                let least = bound(whole, "minItems").unwrap_or(1);
                let fewer = items.iter().take(least.saturating_sub(1)).cloned().collect();
                self.break_with(at, keyword, how, Value::Array(fewer))
            }
            ("maxItems", Value::Array(items)) if !items.is_empty() => {
                let most = bound(whole, "maxItems").filter(|most| *most < 1_024);
                let more = most.map(|most| items.iter().cycle().take(most + 1).cloned().collect());
                more.is_some_and(|more| self.break_with(at, keyword, how, Value::Array(more)))
            }
            ("const", Value::String(_)) => self.break_with(at, keyword, how, json!("lockstep-no-choice")),
            _ => false,
        }
    }

    /// Each member that must be there, left out.
    fn missing_members(&mut self, layer: &Layer, at: &Pointer, value: &Value) {
        let required = layer.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let Value::Object(members) = value else { return };
        for name in required {
            let mut without = members.clone();
            if without.shift_remove(name).is_some() {
                self.break_with(at, "required", format!("without `{name}`"), Value::Object(without));
            }
        }
    }

    /// A value of two alternatives where it must be of one.
    fn two_alternatives(&mut self, context: &[Layer], own: &[Layer], at: &Pointer) {
        for layer in own {
            let all = layer.get("oneOf").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let rest: Vec<Layer> = own.iter().map(|own| if own == layer { without(own, "oneOf") } else { own.clone() }).collect();
            let pairs = (0..all.len()).flat_map(|first| (first + 1..all.len()).map(move |second| (first, second)));
            for (first, second) in pairs.take(6) {
                let parts = context.iter().chain(&rest).cloned().map(Value::Object).chain([all[first].clone(), all[second].clone()]);
                let joint = together(parts, self.definitions.as_ref());
                let made =
                    canonical(&joint).filter(|normal| **normal != Value::Bool(false)).and_then(|normal| self.sample(&normal, Pick::Plain));
                if made.is_some_and(|made| self.break_with(at, "oneOf", "of two alternatives", made)) {
                    return;
                }
            }
        }
    }
}

/// Ways to put a made value in the place of the present one that keep as much of that as can be.
fn likenings(present: &Value, made: &Value) -> Vec<Value> {
    let (Value::Object(present), Value::Object(own)) = (present, made) else { return vec![made.clone()] };
    let mut joint = present.clone();
    joint.extend(own.clone());
    let mut kept = own.clone();
    kept.extend(present.iter().filter(|(name, _)| own.contains_key(*name)).map(|(name, value)| (name.clone(), value.clone())));
    vec![Value::Object(joint), Value::Object(kept), made.clone()]
}

/// Whether a keyword stands there and asks for something; a further member is only refused by name where none is allowed.
fn breakable(layer: &Layer, keyword: &str) -> bool {
    let closed = matches!(keyword, "additionalProperties" | "unevaluatedProperties" | "unevaluatedItems");
    layer.get(keyword).is_some_and(|value| !closed || *value == Value::Bool(false))
}

fn relax(layer: &mut Layer, within: Option<&str>, keyword: &str) {
    let part = match within {
        Some(name) => layer.get_mut(name).and_then(Value::as_object_mut),
        None => Some(layer),
    };
    if let Some(part) = part {
        part.shift_remove(keyword);
        if keyword == "contains" {
            part.retain(|name, _| name != "minContains" && name != "maxContains");
        }
    }
}

fn without(layer: &Layer, keyword: &str) -> Layer {
    let mut layer: Map<String, Value> = layer.clone();
    layer.shift_remove(keyword);
    layer
}

/// A bound of a schema whose parts all hold together: the first that is told.
fn bound(whole: &Value, keyword: &str) -> Option<usize> {
    let parts = whole.get("allOf")?.as_array()?;
    parts.iter().find_map(|part| part.get(keyword)?.as_u64()).and_then(|bound| usize::try_from(bound).ok())
}

/// The types that a schema allows, as its normal form tells them; none if that cannot be told.
pub(super) fn types_of(schema: &Value) -> Option<Vec<String>> {
    let normal = canonical(schema)?;
    let mut types = Vec::new();
    tell_types(&normal, &mut types).then_some(types)
}

fn tell_types(normal: &Value, types: &mut Vec<String>) -> bool {
    let mut tell = |kind: &str| types.extend([kind.to_owned()].into_iter().chain((kind == "number").then(|| "integer".to_owned())));
    match normal {
        Value::Object(object) => match (object.get("type"), object.get("anyOf").or_else(|| object.get("oneOf"))) {
            (Some(Value::String(kind)), _) => tell(kind),
            (Some(Value::Array(kinds)), _) => kinds.iter().filter_map(Value::as_str).for_each(tell),
            (None, Some(Value::Array(all))) => return all.iter().all(|one| tell_types(one, types)),
            _ => {
                let values = object
                    .get("enum")
                    .and_then(Value::as_array)
                    .map(Vec::as_slice)
                    .or_else(|| object.get("const").map(std::slice::from_ref));
                let Some(values) = values else { return false };
                values.iter().for_each(|value| tell(type_of(value)));
            }
        },
        Value::Bool(false) => {}
        _ => return false,
    }
    true
}

/// A value's type as JSON Schema names it.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(|number| number.fract() != 0.0) => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
