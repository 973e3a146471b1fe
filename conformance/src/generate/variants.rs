//! Variants: a valid value changed in one place, to reach a branch, to stand at a bound or just past it. Each is labelled by the
//! validator, not by us.

use std::collections::BTreeSet;

use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use specs::contract::Schema;
use specs::document::Pointer;

use super::algebra::{canonical, judge, ready, together};
use super::layers::{Layer, below_item, below_member, layers};
use super::sample::{Pick, sample};
use super::valid::Generator;

/// A value changed in one place.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    /// The changed value.
    pub(crate) value: Value,
    /// Where it was changed.
    pub(crate) at: Pointer,
    /// The keyword that was aimed at.
    pub(crate) keyword: &'static str,
    /// What was done, in words that are the same for every seed.
    pub(crate) how: String,
    /// Whether the schema allows it.
    pub(crate) valid: bool,
    /// Whether a server may have a limit against it that no schema tells.
    pub(crate) generous: bool,
}

/// What could not be generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    /// Where in the value.
    pub(crate) at: Pointer,
    /// What, and why not.
    pub(crate) reason: String,
}

/// Every variant of a value, and what could not be made.
#[derive(Debug, Default)]
pub(crate) struct Variants {
    /// The variants, in a fixed order.
    pub(crate) made: Vec<Variant>,
    /// What could not be made.
    pub(crate) missed: Vec<Missed>,
}

/// Objects and arrays are entered this deep.
const DEEPEST: usize = 6;

/// More variants of one value than this are not made.
const MOST: usize = 400;

/// Every variant of a base value, in a fixed order.
pub(crate) fn variants(schema: &Schema, base: &Value, generator: &mut Generator) -> Variants {
    let whole = ready(schema);
    let definitions = whole.schema.get("$defs").cloned();
    let own = layers(&whole.schema, definitions.as_ref());
    let mut maker =
        Maker { schema, definitions, base: base.clone(), random: &mut generator.random, seen: BTreeSet::new(), found: Variants::default() };
    maker.enter(&[], &own, &Pointer::root(), DEEPEST);
    maker.found
}

pub(super) struct Maker<'m> {
    pub(super) schema: &'m Schema,
    pub(super) definitions: Option<Value>,
    pub(super) base: Value,
    pub(super) random: &'m mut ChaCha8Rng,
    seen: BTreeSet<(String, &'static str, String, bool)>,
    found: Variants,
}

impl Maker<'_> {
    /// The present value at a place.
    pub(super) fn value(&self, at: &Pointer) -> Option<Value> {
        at.of(&self.base).cloned()
    }

    /// Adds the base with `value` at `at`, if that is valid.
    pub(super) fn reach(&mut self, at: &Pointer, keyword: &'static str, how: impl Into<String>, value: Value) -> bool {
        self.add(at, keyword, how.into(), value, true, false)
    }

    /// The same, of what a server may have a limit against.
    pub(super) fn reach_far(&mut self, at: &Pointer, keyword: &'static str, how: impl Into<String>, value: Value) -> bool {
        self.add(at, keyword, how.into(), value, true, true)
    }

    /// Adds the base with `value` at `at`, if that breaks this keyword and no other: what breaks another one teaches nothing.
    pub(super) fn break_with(&mut self, at: &Pointer, keyword: &'static str, how: impl Into<String>, value: Value) -> bool {
        self.add(at, keyword, how.into(), value, false, false)
    }

    fn add(&mut self, at: &Pointer, keyword: &'static str, how: String, value: Value, valid: bool, generous: bool) -> bool {
        let mut changed = self.base.clone();
        let Some(place) = changed.pointer_mut(at.as_str()) else { return false };
        *place = value;
        let broken = self.schema.violations(&changed);
        let aimed = broken.iter().all(|violation| names_keyword(&violation.keyword, keyword));
        if self.found.made.len() >= MOST || !aimed || broken.is_empty() != valid {
            return false;
        }
        if self.seen.insert((at.to_string(), keyword, how.clone(), valid)) {
            self.found.made.push(Variant { value: changed, at: at.clone(), keyword, how, valid, generous });
        }
        true
    }

    pub(super) fn miss(&mut self, at: &Pointer, reason: String) {
        let missed = Missed { at: at.clone(), reason };
        if !self.found.missed.contains(&missed) {
            self.found.missed.push(missed);
        }
    }

    /// The schema at a place: what stands around it and its own layers together.
    pub(super) fn whole(&self, context: &[Layer], own: &[Layer]) -> Value {
        together(context.iter().chain(own).cloned().map(Value::Object), self.definitions.as_ref())
    }

    /// A value of a schema.
    pub(super) fn sample(&mut self, schema: &Value, pick: Pick) -> Option<Value> {
        sample(schema, pick, self.random)
    }

    /// Everything about one place: `own` speaks of it and was not yet looked at, `context` speaks of it as well.
    fn enter(&mut self, context: &[Layer], own: &[Layer], at: &Pointer, depth: usize) {
        let Some(value) = self.value(at) else { return };
        let whole = self.whole(context, own);
        self.types(&whole, at);
        if !self.choices(own, &whole, at) {
            self.reach_bounds(own, &whole, at, &value);
            self.break_each(context, own, &whole, at, &value);
        }
        if depth > 0 {
            self.alternatives(context, own, at, depth - 1);
            self.inner(context, own, at, &value, depth - 1);
        }
    }

    /// Each alternative of a choice among schemas, with everything about it.
    fn alternatives(&mut self, context: &[Layer], own: &[Layer], at: &Pointer, depth: usize) {
        for (number, layer) in own.iter().enumerate() {
            for keyword in ["oneOf", "anyOf"] {
                let Some(all) = layer.get(keyword).and_then(Value::as_array) else { continue };
                let mut around: Vec<Layer> = context.to_vec();
                around.extend(own.iter().enumerate().map(|(place, own)| {
                    let mut own = own.clone();
                    if place == number {
                        own.shift_remove(keyword);
                    }
                    own
                }));
                for (place, alternative) in all.iter().enumerate() {
                    self.alternative(&around, keyword, place, alternative, at, depth);
                }
            }
        }
    }

    fn alternative(&mut self, around: &[Layer], keyword: &'static str, place: usize, alternative: &Value, at: &Pointer, depth: usize) {
        let branch = layers(alternative, self.definitions.as_ref());
        let joint = self.whole(around, &branch);
        let present = self.value(at).filter(|value| judge(&joint).is_some_and(|judge| judge.accepts(value)));
        let Some(value) = present.clone().or_else(|| self.likened(&joint, at)) else {
            if canonical(&joint).as_deref() != Some(&Value::Bool(false)) {
                self.miss(at, format!("alternative {} of `{keyword}`: no value of it could be made up", place + 1));
            }
            return;
        };
        if present.is_none() && !self.reach(at, keyword, format!("alternative {}", place + 1), value.clone()) {
            return;
        }
        let before = self.base.clone();
        if let Some(own) = self.base.pointer_mut(at.as_str()) {
            *own = value;
        }
        self.enter(around, &branch, at, depth);
        self.base = before;
    }

    /// A full value of a schema that keeps what it can of the present one: its names and its secrets above all.
    fn likened(&mut self, schema: &Value, at: &Pointer) -> Option<Value> {
        let made = self.sample(schema, Pick::High).or_else(|| self.sample(schema, Pick::Plain))?;
        let judge = judge(schema)?;
        let (Some(Value::Object(present)), Value::Object(own)) = (self.value(at), &made) else { return Some(made) };
        let mut kept = own.clone();
        kept.extend(present.into_iter().filter(|(name, _)| own.contains_key(name)));
        Some(Value::Object(kept)).filter(|kept| judge.accepts(kept)).or(Some(made))
    }

    /// Everything about the members of an object and the items of an array.
    fn inner(&mut self, context: &[Layer], own: &[Layer], at: &Pointer, value: &Value, depth: usize) {
        match value {
            Value::Object(members) => {
                self.absent_members(context, own, at, members, depth);
                for name in members.keys() {
                    let speaking = below_member(own, name, self.definitions.as_ref());
                    let around = below_member(context, name, self.definitions.as_ref());
                    self.enter(&around, &speaking, &at.member(name), depth);
                }
            }
            Value::Array(items) => {
                for place in 0..items.len() {
                    let speaking = below_item(own, place, self.definitions.as_ref());
                    if place == 0 || own.iter().any(|layer| has_prefix(layer, place)) {
                        let around = below_item(context, place, self.definitions.as_ref());
                        self.enter(&around, &speaking, &at.item(place), depth);
                    }
                }
            }
            _ => {}
        }
    }

    /// Declared members that the base does not have, each given alone.
    fn absent_members(&mut self, context: &[Layer], own: &[Layer], at: &Pointer, members: &Map<String, Value>, depth: usize) {
        let declared = own.iter().filter_map(|layer| layer.get("properties")?.as_object()).flat_map(Map::keys);
        let absent: BTreeSet<&String> = declared.filter(|name| !members.contains_key(*name)).collect();
        for name in absent {
            let speaking = below_member(own, name, self.definitions.as_ref());
            let joint = self.whole(&below_member(context, name, self.definitions.as_ref()), &speaking);
            if canonical(&joint).as_deref() == Some(&Value::Bool(false)) {
                continue;
            }
            let Some(made) = self.sample(&joint, Pick::Plain) else {
                self.miss(&at.member(name), "no value of it could be made up".to_owned());
                continue;
            };
            let mut more = members.clone();
            more.insert(name.clone(), made);
            if self.reach(at, "properties", format!("with the optional `{name}`"), Value::Object(more.clone())) {
                let before = self.base.clone();
                if let Some(place) = self.base.pointer_mut(at.as_str()) {
                    *place = Value::Object(more);
                }
                self.enter(&[], &speaking, &at.member(name), depth.min(2));
                self.base = before;
            }
        }
    }
}

fn has_prefix(layer: &Layer, place: usize) -> bool {
    layer.get("prefixItems").and_then(Value::as_array).is_some_and(|prefix| place <= prefix.len())
}

/// Whether a broken keyword is the one aimed at; a choice among schemas fails under the name of the choice.
pub(crate) fn names_keyword(broken: &str, aimed: &str) -> bool {
    broken == aimed
        || matches!(broken, "anyOf" | "oneOf")
        || matches!(
            (aimed, broken),
            ("propertyNames", _)
                | ("minContains" | "maxContains", "contains")
                | ("dependentRequired", "required")
                | ("unevaluatedProperties" | "additionalProperties" | "items" | "unevaluatedItems", "falseSchema" | "false")
        )
}

/// One value of each type, by the type's name.
pub(super) fn of_each_type() -> [(&'static str, Value); 6] {
    [
        ("string", json!("lockstep")),
        ("integer", json!(7)),
        ("boolean", json!(true)),
        ("object", json!({})),
        ("array", json!([])),
        ("null", Value::Null),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::contract::Contract;
    use specs::document::Document;

    fn schema(schema: &str) -> Schema {
        let text = format!(
            "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n  /a:\n    post:\n      requestBody:\n        content:\n          application/json:\n            schema: {schema}\n      responses: {{'200': {{description: ok}}}}\n"
        );
        let contract = Contract::compile("t", &Document::parse("t.yaml", &text).expect("YAML")).expect("it compiles");
        contract.endpoints[0].operation.json_body().and_then(|media| media.schema.clone()).expect("it has a body")
    }

    fn told(text: &str) -> Vec<String> {
        let schema = schema(text);
        let mut generator = Generator::new(1);
        let base = generator.full(&schema).expect("it can be generated");
        let made = variants(&schema, &base, &mut generator).made;
        made.iter()
            .map(|variant| format!("{} {}: {} ({})", if variant.valid { "+" } else { "-" }, variant.at, variant.how, variant.keyword))
            .collect()
    }

    #[test]
    fn each_constraint_is_tried_at_and_past_its_bound() {
        let told = told(
            "{type: object, required: [name], properties: {name: {type: string, minLength: 3, maxLength: 5, pattern: '^[a-z]+$'}, n: {type: integer, minimum: 0, maximum: 100}, k: {enum: [a, b]}}}",
        );
        for expected in [
            "- : without `name` (required)",
            "- /name: one shorter than the shortest (minLength)",
            "+ /name: as short as allowed (minLength)",
            "+ /name: as long as allowed (maxLength)",
            "- /name: one longer than the longest (maxLength)",
            "- /name: not of the pattern (pattern)",
            "- /name: of type integer (type)",
            "+ /n: the least (minimum)",
            "- /n: above the most (maximum)",
            "+ /k: the choice \"b\" (enum)",
            "- /k: no choice of the list (enum)",
        ] {
            assert!(told.iter().any(|line| line == expected), "{expected} is missing from {told:#?}");
        }
    }

    #[test]
    fn every_label_is_the_validators() {
        let schema = schema(
            "{type: object, properties: {m: {type: object, propertyNames: {pattern: '^/'}, additionalProperties: {type: string}}, l: {type: array, minItems: 2, uniqueItems: false, items: {type: [integer, 'null']}}}}",
        );
        let mut generator = Generator::new(3);
        let base = generator.full(&schema).expect("it can be generated");
        for variant in variants(&schema, &base, &mut generator).made {
            assert_eq!(schema.accepts(&variant.value), variant.valid, "{} {}", variant.at, variant.how);
        }
    }
}
