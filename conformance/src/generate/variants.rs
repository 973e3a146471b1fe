//! Variants: a valid value changed in one place, to stand at a bound or just past it. Each is labelled by the validator, not by us.

use serde_json::{Value, json};
use specs::contract::{Schema, SchemaNode};
use specs::document::Pointer;

use super::strings::{Rules, near_miss};
use super::valid::{Generator, as_json};

/// A value changed in one place.
#[derive(Clone)]
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
}

/// Objects and arrays are entered this deep.
const DEEPEST: usize = 4;

/// How many values of an enumeration are tried.
const MOST_CHOICES: usize = 6;

/// Every variant of a base value, in a fixed order.
pub(crate) fn variants(schema: &Schema, base: &Value, generator: &mut Generator) -> Vec<Variant> {
    let mut maker = Maker { schema, base, generator, made: Vec::new() };
    maker.enter(schema.node(), &Pointer::root(), base, DEEPEST);
    maker.made
}

struct Maker<'m> {
    schema: &'m Schema,
    base: &'m Value,
    generator: &'m mut Generator,
    made: Vec<Variant>,
}

impl Maker<'_> {
    /// Adds the base with `value` at `at`. What breaks another keyword than the one aimed at teaches nothing and is left out.
    fn put(&mut self, at: &Pointer, keyword: &'static str, how: impl Into<String>, value: Value) {
        let mut changed = self.base.clone();
        if let Some(place) = changed.pointer_mut(at.as_str()) {
            *place = value;
            self.add(at, keyword, how, changed);
        }
    }

    fn add(&mut self, at: &Pointer, keyword: &'static str, how: impl Into<String>, value: Value) {
        let broken = self.schema.violations(&value);
        if broken.iter().all(|violation| names_keyword(&violation.keyword, keyword)) {
            self.made.push(Variant { valid: broken.is_empty(), value, at: at.clone(), keyword, how: how.into() });
        }
    }

    fn enter(&mut self, node: SchemaNode<'_>, at: &Pointer, value: &Value, depth: usize) {
        self.types(node, at);
        if let Some(choices) = node.keyword("enum").and_then(Value::as_array) {
            self.choices(at, choices);
            return;
        }
        match value {
            Value::String(_) => self.strings(node, at),
            Value::Number(_) => self.numbers(node, at),
            Value::Array(items) => self.arrays(node, at, items, depth),
            Value::Object(members) => self.objects(node, at, members, depth),
            Value::Bool(_) => self.put(at, "type", "the other boolean", Value::Bool(true)),
            Value::Null => {}
        }
    }

    /// One value of a type that is not allowed.
    fn types(&mut self, node: SchemaNode<'_>, at: &Pointer) {
        let kinds = [
            ("string", json!("lockstep")),
            ("integer", json!(7)),
            ("boolean", json!(true)),
            ("object", json!({})),
            ("array", json!([])),
            ("null", Value::Null),
        ];
        let wrong = kinds.into_iter().filter(|(kind, _)| !node.allows(kind) && node.alternatives().iter().all(|other| !other.allows(kind)));
        for (kind, value) in wrong.take(2) {
            self.put(at, "type", format!("of type {kind}"), value);
        }
    }

    fn choices(&mut self, at: &Pointer, choices: &[Value]) {
        for choice in choices.iter().take(MOST_CHOICES) {
            self.put(at, "enum", format!("the choice {choice}"), choice.clone());
        }
        if choices.iter().all(Value::is_string) {
            self.put(at, "enum", "no choice of the list", json!("lockstep-no-choice"));
        }
    }

    fn strings(&mut self, node: SchemaNode<'_>, at: &Pointer) {
        let rules = Rules::of(node);
        let lengths = [
            ("minLength", rules.min.checked_sub(1), "one shorter than the shortest"),
            ("minLength", (rules.min > 0).then_some(rules.min), "as short as allowed"),
            ("maxLength", rules.max, "as long as allowed"),
            ("maxLength", rules.max.and_then(|max| max.checked_add(1)), "one longer than the longest"),
        ];
        for (keyword, length, how) in lengths {
            let random = &mut self.generator.random;
            // A text past a bound need not have the pattern if nothing of that length can have it; then it is left out below.
            if let Some(text) = length.and_then(|length| rules.of_length(length, random)) {
                self.put(at, keyword, how, Value::String(text));
            }
        }
        if let Some(text) = rules.mismatch(&mut self.generator.random) {
            self.put(at, "pattern", "not of the pattern", Value::String(text));
        }
        if let Some(text) = rules.format.and_then(near_miss) {
            self.put(at, "format", "nearly of the format", Value::String(text.to_owned()));
        }
    }

    fn numbers(&mut self, node: SchemaNode<'_>, at: &Pointer) {
        let integer = node.types().contains(&"integer");
        let step = if integer { 1.0 } else { 0.5 };
        let bounds = [("minimum", -step, "the least", "below the least"), ("maximum", step, "the most", "above the most")];
        for (keyword, beyond, inside, outside) in bounds {
            if let Some(limit) = node.keyword(keyword).and_then(Value::as_f64) {
                self.number(at, keyword, inside, limit, integer);
                self.number(at, keyword, outside, limit + beyond, integer);
            }
        }
        let exclusive = [("exclusiveMinimum", step), ("exclusiveMaximum", -step)];
        for (keyword, inwards) in exclusive {
            if let Some(limit) = node.keyword(keyword).and_then(Value::as_f64) {
                self.number(at, keyword, "the first inside", limit + inwards, integer);
                self.number(at, keyword, "the bound itself", limit, integer);
            }
        }
        if let Some(divisor) = node.keyword("multipleOf").and_then(Value::as_f64) {
            self.number(at, "multipleOf", "no multiple", divisor * 1.5, false);
        }
    }

    fn number(&mut self, at: &Pointer, keyword: &'static str, how: &str, value: f64, integer: bool) {
        if let Some(value) = as_json(value, integer) {
            self.put(at, keyword, how, value);
        }
    }

    fn arrays(&mut self, node: SchemaNode<'_>, at: &Pointer, items: &[Value], depth: usize) {
        let limit = |name: &str| node.keyword(name).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
        let sample = items.first().cloned().unwrap_or(Value::Null);
        if let Some(least) = limit("minItems").filter(|least| (1..1024).contains(least)) {
            self.put(at, "minItems", "one item too few", Value::Array(vec![sample.clone(); least - 1]));
        }
        if let Some(most) = limit("maxItems").filter(|most| *most < 1024) {
            self.put(at, "maxItems", "one item too many", Value::Array(vec![sample.clone(); most + 1]));
        }
        if node.flag("uniqueItems") && !items.is_empty() {
            self.put(at, "uniqueItems", "an item twice", Value::Array(vec![sample.clone(), sample]));
        }
        if let (Some(inner), Some(first)) = (node.items(), items.first())
            && depth > 0
        {
            self.enter(inner, &at.item(0), first, depth - 1);
        }
    }

    fn objects(&mut self, node: SchemaNode<'_>, at: &Pointer, members: &serde_json::Map<String, Value>, depth: usize) {
        for name in node.required() {
            let mut without = members.clone();
            if without.shift_remove(name).is_some() {
                self.put(at, "required", format!("without `{name}`"), Value::Object(without));
            }
        }
        if node.keyword("additionalProperties") == Some(&Value::Bool(false)) {
            let mut more = members.clone();
            more.insert("lockstepExtra".to_owned(), Value::Bool(true));
            self.put(at, "additionalProperties", "with a member that is not declared", Value::Object(more));
        }
        self.names(node, at, members);
        if depth == 0 {
            return;
        }
        for (name, value) in members {
            let inner = node.property(name).or_else(|| node.additional());
            if let Some(inner) = inner {
                self.enter(inner, &at.member(name), value, depth - 1);
            }
        }
    }

    /// A member whose name `propertyNames` refuses.
    fn names(&mut self, node: SchemaNode<'_>, at: &Pointer, members: &serde_json::Map<String, Value>) {
        let pattern = node.keyword("propertyNames").and_then(|names| names.get("pattern")?.as_str());
        let (Some(pattern), Some((_, value))) = (pattern, members.iter().next()) else { return };
        let rules = Rules { patterns: vec![pattern], min: 1, max: None, format: None };
        if let Some(name) = rules.mismatch(&mut self.generator.random) {
            let renamed = serde_json::Map::from_iter([(name, value.clone())]);
            self.put(at, "propertyNames", "with a name that is not allowed", Value::Object(renamed));
        }
    }
}

/// Whether a broken keyword is the one aimed at; a choice among schemas fails under the name of the choice.
fn names_keyword(broken: &str, aimed: &str) -> bool {
    broken == aimed || matches!(broken, "anyOf" | "oneOf") || (aimed == "propertyNames" && broken == "pattern")
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
        let made = variants(&schema, &base, &mut generator);
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
        for variant in variants(&schema, &base, &mut generator) {
            assert_eq!(schema.accepts(&variant.value), variant.valid, "{} {}", variant.at, variant.how);
        }
    }
}
