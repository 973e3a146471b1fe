//! Objects and arrays of a schema in its normal form.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::algebra::{closed, difference, judge};
use super::language::Language;
use super::sample::{Pick, Sampler, sample};
use super::strings::Rules;

/// No array and no object is made larger than this.
const MOST: usize = 1_024;

/// How many items an array has for which no greatest number is set.
const MANY: usize = 3;

impl Sampler<'_> {
    pub(super) fn object(&mut self, schema: &Map<String, Value>, pick: Pick, depth: usize) -> Option<Value> {
        let number = |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
        let (least, most) = (number("minProperties").unwrap_or(0), number("maxProperties").unwrap_or(MOST));
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let mut members = Map::new();
        for name in &required {
            members.insert((*name).to_owned(), self.member(schema, name, pick, depth)?);
        }
        let declared = schema.get("properties").and_then(Value::as_object);
        for (name, inner) in declared.into_iter().flatten() {
            let wanted = match pick {
                Pick::High => true,
                Pick::Random => self.below(5) < 3,
                Pick::Low | Pick::Plain => members.len() < least,
            };
            if wanted
                && depth > 0
                && members.len() < most
                && !members.contains_key(name)
                && let Some(value) = self.make(inner, pick, depth - 1)
            {
                members.insert(name.clone(), value);
            }
        }
        let few = usize::from(pick == Pick::High && members.is_empty() && has_more(schema));
        let few = if pick == Pick::Random && has_more(schema) { self.below(3) + members.len() } else { few };
        let wanted = if pick == Pick::High && number("maxProperties").is_some() { most.min(64) } else { least.max(few.min(most)) };
        self.fill(schema, &mut members, wanted.min(MOST), pick, depth);
        self.breach(schema, &mut members, depth);
        (least..=most).contains(&members.len()).then_some(Value::Object(members))
    }

    /// The value of a member, whatever keyword speaks of it.
    fn member(&mut self, schema: &Map<String, Value>, name: &str, pick: Pick, depth: usize) -> Option<Value> {
        let inner = schema_of(schema, name);
        let pick = if pick == Pick::Low { Pick::Plain } else { pick };
        inner.map_or_else(|| Some(json!("lockstep")), |inner| self.make(inner, pick, depth.checked_sub(1)?))
    }

    /// Members that are not declared, until there are as many as wanted.
    fn fill(&mut self, schema: &Map<String, Value>, members: &mut Map<String, Value>, wanted: usize, pick: Pick, depth: usize) {
        let patterns: Vec<&String> = schema.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::keys).collect();
        for number in 0..wanted * 2 {
            if members.len() >= wanted {
                return;
            }
            let pattern = patterns.get(number % (patterns.len() + 1)).map(|pattern| pattern.as_str());
            let Some(name) = self.name(schema, pattern, number) else { continue };
            if schema.get("properties").is_some_and(|declared| declared.get(&name).is_some()) || members.contains_key(&name) {
                continue;
            }
            if let Some(value) = self.member(schema, &name, pick, depth) {
                members.insert(name, value);
            }
        }
    }

    /// A name that `propertyNames` allows and, if one is given, that has this pattern: the same one for every seed, since places are told
    /// by it.
    fn name(&mut self, schema: &Map<String, Value>, pattern: Option<&str>, number: usize) -> Option<String> {
        let usual = format!("LOCKSTEP{}", if number == 0 { String::new() } else { number.to_string() });
        let names = schema.get("propertyNames").map(|names| closed(names, self.definitions));
        let judge = names.as_ref().map(judge);
        let allowed = |name: &str| judge.as_ref().is_none_or(|judge| judge.as_ref().is_some_and(|judge| judge.accepts(&json!(name))));
        let fits = |name: &str| pattern.is_none_or(|pattern| Language::of(&[pattern], &[]).is_some_and(|language| language.accepts(name)));
        if allowed(&usual) && fits(&usual) {
            return Some(usual);
        }
        let rules = names.as_ref().and_then(Value::as_object).map(Rules::read).unwrap_or_default();
        let patterns = rules.patterns.iter().copied().chain(pattern).collect();
        let max = rules.max.or(Some(rules.min + 24));
        let own = Rules { patterns, max, ..rules }
            .text(Pick::Random, &mut ChaCha8Rng::seed_from_u64(number as u64))
            .filter(|name| allowed(name) && fits(name));
        own.or_else(|| sample(names.as_ref()?, Pick::Random, self.random)?.as_str().map(str::to_owned)).filter(|name| fits(name))
    }

    /// A member that breaks a rule which must be broken: one of a barred name, or of a barred value.
    fn breach(&mut self, schema: &Map<String, Value>, members: &mut Map<String, Value>, depth: usize) {
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten().filter_map(|part| part.get("not"));
        for bar in schema.get("not").into_iter().chain(parts) {
            if let Some(names) = bar.get("propertyNames") {
                let wrong = difference(&json!({"type": "string"}), &closed(names, self.definitions));
                let name =
                    wrong.and_then(|wrong| sample(&wrong, Pick::Plain, self.random)).and_then(|name| name.as_str().map(str::to_owned));
                let value = name.as_ref().and_then(|name| self.member(schema, name, Pick::Plain, depth));
                members.extend(name.zip(value));
            }
            for (pattern, inner) in bar.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
                let rules = Rules { patterns: vec![pattern], ..Rules::default() };
                let wrong = difference(&Value::Bool(true), &closed(inner, self.definitions));
                let value = wrong.and_then(|wrong| sample(&wrong, Pick::Plain, self.random));
                members.extend(rules.text(Pick::Plain, self.random).zip(value));
            }
            if let Some(inner) = bar.get("additionalProperties") {
                let wrong = difference(&Value::Bool(true), &closed(inner, self.definitions));
                let value = wrong.and_then(|wrong| sample(&wrong, Pick::Plain, self.random));
                members.extend(value.map(|value| ("lockstepExtra".to_owned(), value)));
            }
        }
    }

    pub(super) fn array(&mut self, schema: &Map<String, Value>, pick: Pick, depth: usize) -> Option<Value> {
        let number = |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
        let needed = if schema.contains_key("contains") { number("minContains").unwrap_or(1) } else { 0 };
        let repeats = schema.get("allOf").is_some_and(|parts| parts.to_string().contains("uniqueItems"))
            || schema.get("not").is_some_and(|not| not.get("uniqueItems").is_some());
        let least = number("minItems").unwrap_or(0).max(needed).max(if repeats { 2 } else { 0 });
        let most = number("maxItems");
        let wanted = match pick {
            Pick::Low | Pick::Plain => least,
            Pick::High => most.unwrap_or(least + MANY),
            Pick::Random => least + self.below(most.unwrap_or(least + MANY).saturating_sub(least).min(2 * MANY) + 1),
        };
        if wanted > MOST || least > most.unwrap_or(usize::MAX) {
            return None;
        }
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let mut items: Vec<Value> = Vec::with_capacity(wanted);
        for place in 0..wanted {
            match self.item(schema, place, needed, &items, unique, pick, depth) {
                Some(item) => items.push(item),
                None if place >= least => break,
                None => return None,
            }
        }
        if repeats && let [.., before, last] = items.as_mut_slice() {
            last.clone_from(before);
        }
        Some(Value::Array(items))
    }

    #[expect(clippy::too_many_arguments, reason = "everything that decides on one item")]
    fn item(
        &mut self,
        schema: &Map<String, Value>,
        place: usize,
        needed: usize,
        before: &[Value],
        unique: bool,
        pick: Pick,
        depth: usize,
    ) -> Option<Value> {
        let own = schema.get("prefixItems").and_then(Value::as_array).and_then(|prefix| prefix.get(place)).or_else(|| schema.get("items"));
        let prefixes = schema.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
        let demanded = schema.get("contains").filter(|_| place >= prefixes && place < prefixes + needed);
        let joint = match (own, demanded) {
            (Some(own), Some(demanded)) => {
                let joint = super::algebra::together([own.clone(), demanded.clone()], self.definitions);
                super::algebra::canonical(&joint).map_or(joint, |normal| (*normal).clone())
            }
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => Value::Bool(true),
        };
        let inner = if pick == Pick::Low { Pick::Plain } else { pick };
        for attempt in 0..24 {
            let item = match attempt {
                0 => self.make(&joint, inner, depth.checked_sub(1)?)?,
                _ if joint == Value::Bool(true) => json!(place * 24 + attempt),
                _ => self.make(&joint, Pick::Random, depth.checked_sub(1)?)?,
            };
            if !unique || !before.contains(&item) {
                return Some(item);
            }
        }
        None
    }
}

/// Whether a schema says what further members are like.
fn has_more(schema: &Map<String, Value>) -> bool {
    let object = |name: &str| schema.get(name).is_some_and(Value::is_object);
    object("additionalProperties") || object("patternProperties")
}

/// The schema of a member, whatever keyword speaks of it.
fn schema_of<'s>(schema: &'s Map<String, Value>, name: &str) -> Option<&'s Value> {
    let declared = schema.get("properties").and_then(|declared| declared.get(name));
    let patterned = || {
        let patterns = schema.get("patternProperties")?.as_object()?;
        patterns
            .iter()
            .find(|(pattern, _)| Language::of(&[pattern], &[]).is_some_and(|language| language.accepts(name)))
            .map(|(_, inner)| inner)
    };
    declared.or_else(patterned).or_else(|| schema.get("additionalProperties"))
}
