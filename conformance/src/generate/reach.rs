//! Positive data: a value in every branch of a schema, and at each of its bounds.

use serde_json::{Map, Value, json};
use specs::document::Pointer;

use super::algebra::together;
use super::breaking::{type_of, types_of};
use super::layers::Layer;
use super::numbers::limits;
use super::sample::Pick;
use super::variants::Maker;

/// How many values of an enumeration are tried.
const MOST_CHOICES: usize = 16;

/// Longer arrays than this are not made to fill a bound.
const MOST_ITEMS: u64 = 64;

impl Maker<'_> {
    /// Each choice of an enumeration, and none of them; whether there is one.
    pub(super) fn choices(&mut self, own: &[Layer], whole: &Value, at: &Pointer) -> bool {
        let mut any = false;
        for choices in own.iter().filter_map(|layer| layer.get("enum")?.as_array()) {
            any = true;
            for choice in choices.iter().take(MOST_CHOICES) {
                self.reach(at, "enum", format!("the choice {choice}"), choice.clone());
            }
            let others = if choices.iter().all(Value::is_string) {
                vec![json!("lockstep-no-choice")]
            } else {
                vec![json!(999_937), json!(999_937.5), json!("lockstep-no-choice"), json!({"lockstep": true}), json!(["lockstep"])]
            };
            let _ = others.into_iter().any(|other| self.break_with(at, "enum", "no choice of the list", other));
        }
        if any {
            self.other_types(whole, at);
        }
        any
    }

    /// The values at and just inside the bounds of a schema, for the type of the present value; and one value of each other type.
    pub(super) fn reach_bounds(&mut self, own: &[Layer], whole: &Value, at: &Pointer, value: &Value) {
        let kind = type_of(value);
        let typed = self.of_type(whole, if kind == "integer" { "number" } else { kind });
        match value {
            Value::String(_) => self.strings(own, &typed, at),
            Value::Number(_) => self.numbers(own, &typed, at),
            Value::Array(items) => self.arrays(own, &typed, at, items),
            Value::Object(members) => self.objects(own, at, members),
            Value::Bool(present) => {
                self.reach(at, "type", "the other boolean", Value::Bool(!present));
            }
            Value::Null => {}
        }
        self.other_types(whole, at);
    }

    /// Only the values of one type.
    fn of_type(&self, whole: &Value, kind: &str) -> Value {
        let mut bare = whole.clone();
        bare.as_object_mut().map(|bare| bare.shift_remove("$defs"));
        together([bare, json!({"type": kind})], self.definitions.as_ref())
    }

    /// A value of each further type that is allowed: null above all.
    fn other_types(&mut self, whole: &Value, at: &Pointer) {
        let present = self.value(at).as_ref().map_or("null", type_of);
        let allowed = types_of(whole).unwrap_or_default();
        for kind in ["null", "string", "boolean", "integer", "array", "object"] {
            let number = kind == "integer" && present == "number";
            if kind != present && !number && allowed.iter().any(|own| own == kind) {
                let typed = self.of_type(whole, kind);
                if let Some(made) = self.sample(&typed, Pick::Plain) {
                    self.reach(at, "type", format!("of the type {kind} as well"), made);
                }
            }
        }
    }

    fn strings(&mut self, own: &[Layer], typed: &Value, at: &Pointer) {
        let (least, most) = (number(own, "minLength").unwrap_or(0), number(own, "maxLength"));
        if least > 0 {
            self.at_end(typed, Pick::Low, at, "minLength", "as short as allowed");
        }
        if least > 0 && most.is_none_or(|most| most > least) {
            let longer = together([bare(typed), json!({"minLength": least + 1})], self.definitions.as_ref());
            self.at_end(&longer, Pick::Low, at, "minLength", "one longer than the shortest");
        }
        if most.is_some() {
            self.at_end(typed, Pick::High, at, "maxLength", "as long as allowed");
        }
    }

    fn numbers(&mut self, own: &[Layer], typed: &Value, at: &Pointer) {
        let ends = [
            ("minimum", Pick::Low, "the least"),
            ("maximum", Pick::High, "the most"),
            ("exclusiveMinimum", Pick::Low, "the first inside"),
            ("exclusiveMaximum", Pick::High, "the first inside"),
        ];
        for (keyword, pick, how) in ends {
            if own.iter().any(|layer| layer.contains_key(keyword)) {
                self.at_end(typed, pick, at, keyword, how);
            }
        }
        let formats = own.iter().filter_map(|layer| layer.get("format")?.as_str()).find_map(|format| Some((format, limits(format)?)));
        if let Some((format, (least, most))) = formats {
            // What the program behind a document counts with is one thing, how many of something it allows is another.
            self.reach_far(at, "format", format!("the least of {format}"), json!(least));
            self.reach_far(at, "format", format!("the most of {format}"), json!(most));
        }
    }

    fn arrays(&mut self, own: &[Layer], typed: &Value, at: &Pointer, items: &[Value]) {
        let (least, most) = (number(own, "minItems").unwrap_or(0), number(own, "maxItems"));
        if least == 0 && !items.is_empty() {
            self.reach(at, "minItems", "without items", json!([]));
        }
        if least > 0 {
            self.at_end(typed, Pick::Low, at, "minItems", "as few items as allowed");
        }
        if most.is_some_and(|most| most <= MOST_ITEMS) {
            self.at_end(typed, Pick::High, at, "maxItems", "as many items as allowed");
        }
        if most.is_none_or(|most| most > 1)
            && let Some(Value::Array(made)) = self.sample(typed, Pick::High).filter(|_| most.is_none())
            && made.len() > items.len()
        {
            self.reach(at, "items", "several items", Value::Array(made));
        }
    }

    fn objects(&mut self, own: &[Layer], at: &Pointer, members: &Map<String, Value>) {
        let required: Vec<&str> =
            own.iter().filter_map(|layer| layer.get("required")?.as_array()).flatten().filter_map(Value::as_str).collect();
        for name in members.keys().filter(|name| !required.contains(&name.as_str())) {
            let mut without = members.clone();
            without.shift_remove(name);
            self.reach(at, "properties", format!("without the optional `{name}`"), Value::Object(without));
        }
        for layer in own {
            if layer.get("additionalProperties").is_some_and(Value::is_object) || layer.contains_key("patternProperties") {
                let open = Value::Object(layer.clone());
                let made = self.sample(&together([open], self.definitions.as_ref()), Pick::High);
                let mut more = members.clone();
                more.extend(
                    made.as_ref()
                        .and_then(Value::as_object)
                        .into_iter()
                        .flatten()
                        .filter(|(name, _)| !members.contains_key(*name))
                        .map(|(name, value)| (name.clone(), value.clone())),
                );
                self.reach(at, "additionalProperties", "with a further member", Value::Object(more));
            }
        }
    }

    fn at_end(&mut self, typed: &Value, pick: Pick, at: &Pointer, keyword: &'static str, how: &str) {
        let made = self.sample(typed, pick);
        if !made.is_some_and(|made| self.reach(at, keyword, how, made)) {
            self.miss(at, format!("`{keyword}`: no value {how} could be made up"));
        }
    }
}

fn bare(schema: &Value) -> Value {
    let mut bare = schema.clone();
    bare.as_object_mut().map(|bare| bare.shift_remove("$defs"));
    bare
}

/// A bound that some layer sets.
fn number(own: &[Layer], keyword: &str) -> Option<u64> {
    own.iter().find_map(|layer| layer.get(keyword)?.as_u64())
}
