//! What is generated, held against a corpus of schemas and against random ones, by two validators: the one inside, over the document as
//! it is written, and another one that shares no code with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};
use specs::contract::{Contract, Judge, Schema};
use specs::document::Document;

use super::{Generator, Variants, names_keyword, variants};

/// Schemas that accept nothing, or nothing that ends.
const UNSATISFIABLE: [&str; 3] = ["endless", "impossible", "impossible-member"];

/// Keywords that the second validator cannot be asked about: it knows no lookahead.
const BEYOND_THE_SECOND: [&str; 1] = ["lookahead"];

fn corpus() -> BTreeMap<String, Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/schemas");
    let files = std::fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("an entry").path());
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a schema");
        (path.file_stem().expect("a name").to_string_lossy().into_owned(), serde_json::from_str(&text).expect("JSON"))
    };
    files.map(read).collect()
}

/// A schema as the body of an operation; its definitions become the document's.
fn compiled(schema: &Value) -> Schema {
    let text = schema.to_string().replace("#/$defs/", "#/components/schemas/");
    let mut schema: Value = serde_json::from_str(&text).expect("JSON");
    let definitions = schema.as_object_mut().and_then(|object| object.shift_remove("$defs")).unwrap_or_else(|| json!({}));
    let body = json!({"content": {"application/json": {"schema": schema}}});
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "components": {"schemas": definitions},
        "paths": {"/a": {"post": {"requestBody": body, "responses": {"200": {"description": "ok"}}}}}
    });
    let document = Document::parse("t.json", &document.to_string()).expect("JSON");
    let contract = Contract::compile("t", &document).expect("it compiles");
    contract.endpoints[0].operation.json_body().and_then(|media| media.schema.clone()).expect("it has a body")
}

/// The second validator.
struct Second {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Second {
    fn new(schema: &Value) -> Option<Self> {
        let mut compiler = boon::Compiler::new();
        compiler.set_default_draft(boon::Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.add_resource("urn:lockstep", schema.clone()).ok()?;
        let mut schemas = boon::Schemas::new();
        let index = compiler.compile("urn:lockstep", &mut schemas).ok()?;
        Some(Self { schemas, index })
    }

    fn accepts(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }
}

/// Every variant of a schema, each found to be what it is said to be.
fn judged(name: &str, schema: &Value, seed: u64) -> Option<Variants> {
    let own = compiled(schema);
    let judge = Judge::new(schema).expect("it is a schema");
    let second = Second::new(schema);
    assert!(second.is_some() || BEYOND_THE_SECOND.contains(&name), "{name}: the second validator does not know it");
    let agree = |value: &Value, valid: bool, what: &str| {
        assert_eq!(judge.accepts(value), valid, "{name}, {what}: {value}");
        assert!(second.as_ref().is_none_or(|second| second.accepts(value) == valid), "{name}, {what}, by the second validator: {value}");
    };
    let mut generator = Generator::new(seed);
    for _ in 0..6 {
        if let Some(any) = generator.any(&own) {
            agree(&any, true, "any");
        }
    }
    let base = generator.full(&own).or_else(|| generator.minimal(&own))?;
    agree(&base, true, "full");
    let found = variants(&own, &base, &mut generator);
    for variant in &found.made {
        let what = format!("{} {} ({})", variant.at, variant.how, variant.keyword);
        agree(&variant.value, variant.valid, &what);
        let named = judge.violations(&variant.value).iter().all(|violation| names_keyword(&violation.keyword, variant.keyword));
        assert!(named, "{name}, {what}: another keyword is broken");
    }
    Some(found)
}

/// The keywords that a schema sets and that a value can break, wherever they stand.
fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
    let breakable = [
        "const",
        "enum",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "contains",
        "minProperties",
        "maxProperties",
        "propertyNames",
        "not",
        "oneOf",
        "dependentRequired",
        "unevaluatedProperties",
    ];
    match schema {
        Value::Object(object) => {
            found.extend(object.keys().filter(|name| breakable.contains(&name.as_str())).cloned());
            object
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "not" | "if" | "contains" | "propertyNames" | "const" | "enum"))
                .for_each(|(_, inner)| keywords(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| keywords(inner, found)),
        _ => {}
    }
}

#[test]
fn every_branch_is_reached_and_every_keyword_broken_over_the_corpus() {
    let mut told = Vec::new();
    for (name, schema) in corpus() {
        for seed in 0..3 {
            let Some(found) = judged(&name, &schema, seed) else {
                assert!(UNSATISFIABLE.contains(&name.as_str()), "{name}: nothing could be made");
                continue;
            };
            let broken: BTreeSet<&str> = found.made.iter().filter(|variant| !variant.valid).map(|variant| variant.keyword).collect();
            let mut wanted = BTreeSet::new();
            keywords(&schema, &mut wanted);
            for keyword in wanted.iter().filter(|keyword| !broken.contains(keyword.as_str())) {
                let said = found.missed.iter().any(|missed| missed.reason.contains(keyword.as_str()));
                told.push(format!("{name}: `{keyword}` is not broken{}", if said { ", and that is said" } else { "" }));
            }
        }
    }
    told.sort();
    told.dedup();
    insta::with_settings!({snapshot_path => "../../../snapshots/conformance", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("keywords_not_broken", told.join("\n"));
    });
}

#[test]
fn one_seed_gives_one_set_of_variants() {
    let schema = &corpus()["secret-body"];
    let own = compiled(schema);
    let all = |seed| {
        let mut generator = Generator::new(seed);
        let base = generator.full(&own).expect("it can be generated");
        let any = generator.any(&own);
        let made = variants(&own, &base, &mut generator).made;
        (any, made.into_iter().map(|variant| (variant.at.to_string(), variant.how, variant.value)).collect::<Vec<_>>())
    };
    assert_eq!(all(3), all(3));
    assert_ne!(all(3).0, all(4).0);
    let labels = |seed: u64| all(seed).1.into_iter().map(|(at, how, _)| (at, how)).collect::<Vec<_>>();
    assert_eq!(labels(3), labels(4), "names of cases do not depend on the seed");
}

fn bounds(low: &'static str, high: &'static str, most: u64) -> impl Strategy<Value = Map<String, Value>> {
    (proptest::option::of(0..most), proptest::option::of(0..most)).prop_map(move |(least, more)| {
        let mut bounds = Map::new();
        bounds.extend(least.map(|least| (low.to_owned(), json!(least))));
        bounds.extend(more.map(|more| (high.to_owned(), json!(least.unwrap_or(0) + more))));
        bounds
    })
}

fn with(mut schema: Map<String, Value>, more: Vec<(&str, Option<Value>)>) -> Value {
    schema.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Value::Object(schema)
}

/// Schemas of bounded size, of every keyword that a vendor's document has.
fn schema() -> impl Strategy<Value = Value> {
    let patterns = prop::sample::select(vec!["^[a-z]+$", "^[A-Z][A-Z0-9_]*$", "[0-9]", "^a|b$", "^(ab)*$"]);
    let formats = prop::sample::select(vec!["date-time", "uuid", "email", "password", "date"]);
    let text = (bounds("minLength", "maxLength", 12), proptest::option::weighted(0.4, patterns))
        .prop_map(|(bounds, pattern)| with(bounds, vec![("type", Some(json!("string"))), ("pattern", pattern.map(Value::from))]));
    let formatted = formats.prop_map(|format| json!({"type": "string", "format": format}));
    let integer = (bounds("minimum", "maximum", 40), proptest::option::weighted(0.3, 1..7_u32))
        .prop_map(|(bounds, step)| with(bounds, vec![("type", Some(json!("integer"))), ("multipleOf", step.map(Value::from))]));
    let number = bounds("exclusiveMinimum", "exclusiveMaximum", 9).prop_map(|bounds| with(bounds, vec![("type", Some(json!("number")))]));
    let choice = prop::collection::btree_set("[a-d]{1,2}", 1..4).prop_map(|choices| json!({"type": "string", "enum": choices}));
    let leaf = prop_oneof![4 => text, 1 => formatted, 3 => integer, 1 => number, 2 => choice, 1 => Just(json!({"type": "boolean"}))];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let members = prop::collection::btree_map("[a-c]", (inner.clone(), any::<bool>()), 1..4);
        let object = (members, any::<bool>()).prop_map(|(members, closed)| {
            let required: Vec<&String> = members.iter().filter(|(_, (_, required))| *required).map(|(name, _)| name).collect();
            let properties: BTreeMap<&String, &Value> = members.iter().map(|(name, (schema, _))| (name, schema)).collect();
            let mut schema = json!({"type": "object", "properties": properties, "required": required});
            if closed {
                schema["additionalProperties"] = json!(false);
            }
            schema
        });
        let array = (bounds("minItems", "maxItems", 4), inner.clone(), any::<bool>()).prop_map(|(bounds, items, unique)| {
            with(bounds, vec![("type", Some(json!("array"))), ("items", Some(items)), ("uniqueItems", unique.then(|| json!(true)))])
        });
        let nullable = inner.clone().prop_map(|schema| json!({"anyOf": [schema, {"type": "null"}]}));
        let several = prop::collection::vec(inner.clone(), 2..4).prop_map(|schemas| json!({"oneOf": schemas}));
        let map =
            inner.prop_map(|schema| json!({"type": "object", "additionalProperties": schema, "propertyNames": {"pattern": "^[A-Z_]+$"}}));
        prop_oneof![4 => object, 2 => array, 1 => nullable, 1 => several, 1 => map]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        max_shrink_iters: 200,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_schemas_are_kept_and_broken_as_said(schema in schema(), seed in 0..4_u64) {
        judged("random", &schema, seed);
    }
}
