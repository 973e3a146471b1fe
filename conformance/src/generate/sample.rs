//! Samples: values of a schema in its normal form, at one end of what it allows or anywhere in it.
//!
//! Whatever is made is shown to a validator before it is given out. Recursion is cut, and the work is bounded.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::algebra::{Ready, canonical, closed, judge, target, together};
use super::numbers;
use super::strings::Rules;

/// Which of all allowed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// The shortest, least, or with the fewest members.
    Low,
    /// The longest, greatest, or with every declared member.
    High,
    /// A plain one, with what must be there.
    Plain,
    /// Any.
    Random,
}

/// Deeper schemas are cut: a recursive one has no end.
const DEEPEST: usize = 8;

/// How often a value is made before the schema counts as beyond us.
const ATTEMPTS: usize = 12;

/// How many nodes one value may cost.
const FUEL: usize = 2_000;

/// A value of a schema that stands by itself; none if no value could be made that the schema accepts.
pub(crate) fn sample(schema: &Value, pick: Pick, random: &mut ChaCha8Rng) -> Option<Value> {
    if *schema == Value::Bool(false) {
        return None;
    }
    sample_ready(&Ready::new(schema.clone()), pick, random)
}

/// The same of a schema that was made ready before.
pub(super) fn sample_ready(ready: &Ready, pick: Pick, random: &mut ChaCha8Rng) -> Option<Value> {
    let judge = ready.judge.as_ref().filter(|_| ready.schema != Value::Bool(false))?;
    let normal = ready.normal.as_deref().unwrap_or(&ready.schema);
    (0..ATTEMPTS).find_map(|attempt| {
        let pick = if attempt < 2 { pick } else { Pick::Random };
        let mut sampler = Sampler { random, definitions: normal.get("$defs"), fuel: FUEL };
        sampler.make(normal, pick, DEEPEST).filter(|value| judge.accepts(value))
    })
}

pub(super) struct Sampler<'s> {
    pub(super) random: &'s mut ChaCha8Rng,
    pub(super) definitions: Option<&'s Value>,
    fuel: usize,
}

impl Sampler<'_> {
    pub(super) fn make(&mut self, schema: &Value, pick: Pick, depth: usize) -> Option<Value> {
        self.fuel = self.fuel.checked_sub(1)?;
        let object = match schema {
            Value::Bool(true) => return Some(json!("lockstep")),
            Value::Object(object) => object,
            _ => return None,
        };
        if let Some(value) = object.get("const") {
            return Some(value.clone());
        }
        if let Some(choices) = object.get("enum").and_then(Value::as_array) {
            let at = if pick == Pick::Random { self.below(choices.len()) } else { 0 };
            return choices.get(at).cloned();
        }
        if let Some(reference) = object.get("$ref").and_then(Value::as_str)
            && constraints(object).count() == 1
        {
            let target = target(reference, self.definitions)?;
            let normal = canonical(&closed(target, self.definitions));
            return self.make(normal.as_deref().unwrap_or(target), pick, depth.checked_sub(1)?);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(alternatives) = object.get(keyword).and_then(Value::as_array) {
                return self.alternative(object, keyword, alternatives, pick, depth.checked_sub(1)?);
            }
        }
        if object.contains_key("$ref") || object.get("allOf").and_then(Value::as_array).is_some_and(|parts| !parts.iter().all(is_bar)) {
            return self.folded(object, pick, depth.checked_sub(1)?);
        }
        self.typed(object, pick, depth)
    }

    /// One alternative, together with what stands beside it.
    fn alternative(&mut self, object: &Map<String, Value>, keyword: &str, all: &[Value], pick: Pick, depth: usize) -> Option<Value> {
        let beside: Map<String, Value> =
            constraints(object).filter(|(name, _)| *name != keyword).map(|(name, value)| (name.clone(), value.clone())).collect();
        let alone = beside.is_empty() && keyword == "anyOf";
        let first = if pick == Pick::Random { self.below(all.len()) } else { 0 };
        let whole = closed(&Value::Object(object.clone()), self.definitions);
        for place in 0..all.len() {
            let chosen = &all[(first + place) % all.len()];
            let made = if beside.is_empty() {
                self.make(chosen, pick, depth)
            } else {
                let joint = together([Value::Object(beside.clone()), chosen.clone()], self.definitions);
                canonical(&joint).and_then(|normal| self.make(&normal, pick, depth))
            };
            if let Some(made) = made.filter(|made| alone || judge(&whole).is_some_and(|judge| judge.accepts(made))) {
                return Some(made);
            }
        }
        None
    }

    /// Parts that hold together, each reference among them opened once; if they have no normal form, a value of one that fits all.
    fn folded(&mut self, object: &Map<String, Value>, pick: Pick, depth: usize) -> Option<Value> {
        let mut rest = object.clone();
        let parts = rest.shift_remove("allOf");
        let opened = |part: &Value| {
            let reference = part.get("$ref").and_then(Value::as_str).and_then(|reference| target(reference, self.definitions));
            let mut beside = part.clone();
            if reference.is_some() {
                beside.as_object_mut().map(|beside| beside.shift_remove("$ref"));
            }
            reference.cloned().into_iter().chain([beside])
        };
        let rest = Value::Object(rest);
        let all: Vec<Value> = parts.iter().filter_map(Value::as_array).flatten().chain([&rest]).flat_map(opened).collect();
        let joint = together(all.clone(), self.definitions);
        if let Some(normal) = canonical(&joint)
            && normal.get("allOf").is_none_or(|parts| parts.as_array().is_some_and(|parts| parts.iter().all(is_bar)))
            && normal.get("$ref").is_none()
        {
            return self.make(&normal, pick, depth);
        }
        let judge = judge(&joint)?;
        let made: Vec<Value> = all.iter().filter_map(|part| self.make(part, pick, depth)).collect();
        let merged = made.iter().filter_map(Value::as_object).fold(Map::new(), |mut merged, part| {
            merged.extend(part.clone());
            merged
        });
        made.into_iter().chain([Value::Object(merged)]).find(|value| judge.accepts(value))
    }

    /// A value of one of the allowed types.
    fn typed(&mut self, object: &Map<String, Value>, pick: Pick, depth: usize) -> Option<Value> {
        let kinds = kinds(object);
        let first = if pick == Pick::Random { self.below(kinds.len()) } else { 0 };
        (0..kinds.len()).find_map(|place| {
            let made = match kinds[(first + place) % kinds.len()] {
                "object" => self.object(object, pick, depth),
                "array" => self.array(object, pick, depth),
                "integer" => numbers::integer(object, pick, self.random),
                "number" => numbers::real(object, pick, self.random),
                "string" => Rules::read(object).text(pick, self.random).map(Value::String),
                "boolean" => Some(Value::Bool(pick == Pick::High || pick == Pick::Random && self.below(2) == 1)),
                _ => Some(Value::Null),
            }?;
            let simple =
                !["not", "allOf", "if", "contains", "dependentRequired", "dependentSchemas"].iter().any(|name| object.contains_key(*name));
            let fits = || judge(&closed(&Value::Object(object.clone()), self.definitions)).is_some_and(|judge| judge.accepts(&made));
            (simple || fits()).then_some(made)
        })
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        if count < 2 { 0 } else { self.random.random_range(0..count) }
    }
}

/// What a schema says of values: its definitions and its dialect apart.
fn constraints(object: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    object.iter().filter(|(name, _)| {
        !matches!(name.as_str(), "$defs" | "$schema" | "$comment" | "title" | "description" | "default" | "example" | "examples")
    })
}

/// Whether a part only bars a pattern, a format or a multiple, which makers heed by themselves.
fn is_bar(part: &Value) -> bool {
    let told = |name: &str| part.as_object().is_some_and(|part| part.len() == 1 && part.contains_key(name));
    told("not") || told("pattern") || told("format")
}

/// The types that a schema allows, the plainest first.
fn kinds(object: &Map<String, Value>) -> Vec<&str> {
    let has = |names: &[&str]| names.iter().any(|name| object.contains_key(*name));
    let mut kinds = match object.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ if has(&["properties", "required", "additionalProperties", "patternProperties", "minProperties", "propertyNames"]) => {
            vec!["object"]
        }
        _ if has(&["pattern", "minLength", "maxLength", "format"]) => vec!["string"],
        _ if has(&["minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"]) => vec!["number"],
        _ if has(&["items", "prefixItems", "contains", "minItems", "uniqueItems"]) => vec!["array"],
        _ => vec!["string", "object", "integer", "boolean", "array", "number", "null"],
    };
    kinds.sort_by_key(|kind| *kind == "null");
    kinds
}
