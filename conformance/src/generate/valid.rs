//! Values that a schema allows.

use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Number, Value};
use specs::contract::{Schema, SchemaNode};

use crate::canary::random_text;

use super::algebra::ready;
use super::language::Language;
use super::sample::{Pick, sample_ready};
use super::strings::{Rules, is_unknown};

/// Deeper schemas are cut: a recursive one has no end.
const DEEPEST: usize = 6;

/// Makes values, the same ones for the same seed.
pub(crate) struct Generator {
    pub(super) random: ChaCha8Rng,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Where its choices come from.
    pub(crate) const fn random(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }

    /// A value with only what must be there; none if the validator does not agree.
    pub(crate) fn minimal(&mut self, schema: &Schema) -> Option<Value> {
        self.node(schema.node(), DEEPEST, false).filter(|value| schema.accepts(value)).or_else(|| self.sampled(schema, Pick::Plain))
    }

    /// A value with every declared member.
    pub(crate) fn full(&mut self, schema: &Schema) -> Option<Value> {
        self.node(schema.node(), DEEPEST, true).filter(|value| schema.accepts(value)).or_else(|| self.sampled(schema, Pick::High))
    }

    /// A value by the schema's normal form, for what stands in no declaration: alternatives, conditions, dependencies.
    fn sampled(&mut self, schema: &Schema, pick: Pick) -> Option<Value> {
        sample_ready(&ready(schema), pick, &mut self.random).filter(|value| schema.accepts(value))
    }

    /// Any value.
    pub(crate) fn any(&mut self, schema: &Schema) -> Option<Value> {
        self.sampled(schema, Pick::Random)
    }

    /// A text that a schema allows, and hardly the same one twice.
    pub(crate) fn name(&mut self, schema: SchemaNode<'_>) -> Option<String> {
        let rules = Rules::of(schema);
        if schema.keyword("enum").is_some() || schema.keyword("const").is_some() {
            return self.node(schema, 1, false)?.as_str().map(str::to_owned);
        }
        if rules.format == Some("uuid") {
            let digits: String = (0..32).map(|_| char::from(b"0123456789abcdef"[self.random.random_range(0..16)])).collect();
            return Some(format!("{}-{}-4{}-8{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..]));
        }
        let length = rules.min.max(12).min(rules.max.unwrap_or(usize::MAX));
        let free = rules.patterns.is_empty() && rules.format.is_none();
        if free { Some(random_text(length.min(64), &mut self.random)) } else { rules.plain(&mut self.random) }
    }

    pub(super) fn node(&mut self, node: SchemaNode<'_>, depth: usize, full: bool) -> Option<Value> {
        if let Some(fixed) = node.keyword("const") {
            return Some(fixed.clone());
        }
        if let Some(choices) = node.keyword("enum").and_then(Value::as_array) {
            return choices.first().cloned();
        }
        if node.properties().is_empty() && node.types().is_empty() {
            let alternatives = node.alternatives();
            if !alternatives.is_empty() {
                return alternatives.into_iter().find_map(|alternative| self.node(alternative, depth.checked_sub(1)?, full));
            }
        }
        match node.types().into_iter().find(|kind| *kind != "null") {
            Some("object") => self.object(node, depth, full),
            Some("array") => self.array(node, depth, full),
            Some("integer" | "number") => number(node),
            Some("boolean") => Some(Value::Bool(false)),
            Some("string") | None => Rules::of(node).plain(&mut self.random).map(Value::String),
            Some(_) => Some(Value::Null),
        }
    }

    fn object(&mut self, node: SchemaNode<'_>, depth: usize, full: bool) -> Option<Value> {
        let required = node.required();
        let mut members = Map::new();
        for (name, member) in node.properties() {
            if required.contains(name) {
                members.insert(name.to_owned(), self.node(member, depth.checked_sub(1)?, full)?);
            } else if full
                && depth > 0
                && !member.flag("readOnly")
                && !member.text("format").is_some_and(is_unknown)
                && let Some(value) = self.node(member, depth - 1, full)
            {
                members.insert(name.to_owned(), value);
            }
        }
        if full
            && members.is_empty()
            && depth > 0
            && let Some(additional) = node.additional()
        {
            let name = Self::member_name(node)?;
            members.insert(name, self.node(additional, depth - 1, full)?);
        }
        Some(Value::Object(members))
    }

    /// A name that `propertyNames` allows: a plain one, or else the same one for every seed, since places are told by it.
    fn member_name(node: SchemaNode<'_>) -> Option<String> {
        let pattern = node.keyword("propertyNames").and_then(|names| names.get("pattern")?.as_str());
        let usual = "LOCKSTEP";
        if pattern.is_none_or(|pattern| Language::of(&[pattern], &[]).is_some_and(|language| language.accepts(usual))) {
            return Some(usual.to_owned());
        }
        let rules = Rules { patterns: pattern.into_iter().collect(), min: 1, ..Rules::default() };
        rules.text(Pick::Plain, &mut ChaCha8Rng::seed_from_u64(0))
    }

    fn array(&mut self, node: SchemaNode<'_>, depth: usize, full: bool) -> Option<Value> {
        let least = node.keyword("minItems").and_then(Value::as_u64).unwrap_or(0);
        let wanted = if full && depth > 0 { least.max(1) } else { least };
        if wanted > 1024 {
            return None;
        }
        let Some(items) = node.items() else { return Some(Value::Array(Vec::new())) };
        (0..wanted).map(|_| self.node(items, depth.checked_sub(1)?, full)).collect::<Option<Vec<_>>>().map(Value::Array)
    }
}

/// The number nearest to zero that the bounds allow.
fn number(node: SchemaNode<'_>) -> Option<Value> {
    let bound = |name: &str| node.keyword(name).and_then(Value::as_f64);
    let integer = node.types().contains(&"integer");
    let step = bound("multipleOf").unwrap_or(if integer { 1.0 } else { 0.5 });
    let least = bound("minimum").or_else(|| Some((bound("exclusiveMinimum")? / step).floor() * step + step));
    let most = bound("maximum").or_else(|| Some((bound("exclusiveMaximum")? / step).ceil() * step - step));
    let start = least.map_or(most.map_or(0.0, |most| most.min(0.0)), |least| least.max(0.0).max(least));
    let start = if most.is_some_and(|most| start > most) { least? } else { start };
    let value = (start / step).ceil() * step;
    as_json(value, integer)
}

/// A float as JSON; whole where integers are meant.
pub(super) fn as_json(value: f64, integer: bool) -> Option<Value> {
    #[expect(clippy::cast_possible_truncation, reason = "bounds of API schemas are far below 2^53")]
    if integer { Some(Value::from(value as i64)) } else { Number::from_f64(value).map(Value::Number) }
}
