//! Any document is loaded or refused with a place: five hundred drawn from seeds, and those that somebody wrote to do harm.

mod draw;
mod exercise;
mod hostile;
mod large;

use std::path::Path;

use draw::{Draw, as_json, as_yaml, broken, cut};
use exercise::{FLOOR, Outcome, PATTERN, exercise, exercise_above, exercise_overlay};
use serde_json::Value;
use specs::contract::Contract;
use specs::document::Document;
use specs::{Profile, Spec};

/// How many documents are drawn that the specification allows, with something wrong in them, and as changes of the packs.
const ALLOWED: u64 = 200;
const BROKEN: u64 = 120;
const CHANGED: u64 = 180;

/// How many overlays of the packs are changed.
const OVERLAYS: u64 = 100;

/// Half of the documents are YAML.
fn text(seed: u64, document: &Value) -> (String, String) {
    if seed.is_multiple_of(2) {
        (format!("drawn-{seed}.yaml"), as_yaml(document))
    } else {
        (format!("drawn-{seed}.json"), as_json(document))
    }
}

/// Exercises documents and gives the first fault of each that is refused. No document may do what none may.
fn refused(documents: impl Iterator<Item = (String, String)>) -> Vec<String> {
    told(documents.map(|(name, text)| exercise(&name, &text)))
}

fn told(outcomes: impl Iterator<Item = Outcome>) -> Vec<String> {
    let (mut refused, mut failed) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Loaded => {}
            Outcome::Refused(faults) => refused.extend(faults.into_iter().next()),
            Outcome::Failed(words) => failed.push(words),
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    refused
}

#[test]
fn what_the_specification_allows_is_loaded() {
    let refused = refused((0..ALLOWED).map(|seed| text(seed, &Draw::new(seed).document())));
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let refused = refused((ALLOWED..ALLOWED + BROKEN).map(|seed| {
        let mut draw = Draw::new(seed);
        let document = draw.document();
        let (name, text) = text(seed, &broken(&mut draw, &document));
        (name, if draw.once_in(4) { cut(&mut draw, &text) } else { text })
    }));
    assert!(refused.len() > 50, "of {BROKEN} broken documents only {} were refused", refused.len());
}

#[test]
fn changes_of_the_packs_are_loaded_or_refused() {
    let document = |vendor| Spec::Vendor(vendor).document(Profile::Documented).expect("the packs are valid").value;
    let packs: Vec<Value> = specs::vendors().into_iter().map(document).collect();
    let refused = refused((ALLOWED + BROKEN..ALLOWED + BROKEN + CHANGED).map(|seed| {
        let mut draw = Draw::new(seed);
        let pack = draw.one(&packs).clone();
        let (name, text) = text(seed, &broken(&mut draw, &pack));
        (name, if draw.once_in(6) { cut(&mut draw, &text) } else { text })
    }));
    assert!(refused.len() > 40, "of {CHANGED} changed documents only {} were refused", refused.len());
}

/// The document of a pack as its vendor has written it, with its name, and the overlay that is laid over it.
fn pack(vendor: &str) -> ((String, Document), Document) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendors").join(vendor);
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{vendor}, {name}: {error}"));
        Document::parse(name, &text).unwrap_or_else(|error| panic!("{vendor}: {error}"))
    };
    (("openapi.yaml".to_owned(), read("openapi.yaml")), read("overlay.yaml"))
}

#[test]
fn changes_of_overlays_are_laid_or_refused() {
    let packs: Vec<_> = specs::vendors().iter().map(|vendor| pack(vendor)).collect();
    let refused = told((0..OVERLAYS).map(|seed| {
        let mut draw = Draw::new(seed);
        let (base, overlay) = draw.one(&packs);
        let (name, text) = text(seed, &broken(&mut draw, &overlay.value));
        exercise_overlay(&name, &if draw.once_in(6) { cut(&mut draw, &text) } else { text }, base)
    }));
    assert!(refused.len() > 40, "of {OVERLAYS} changed overlays only {} were refused", refused.len());
}

#[test]
fn harm_is_refused_or_harmless() {
    let mut wrong = Vec::new();
    for (name, text, expected) in hostile::documents() {
        let floor = if name == "explosion.yaml" { PATTERN } else { FLOOR };
        match (exercise_above(floor, name, &text), expected) {
            (Outcome::Loaded, None) => {}
            (Outcome::Refused(faults), Some(words)) if faults[0].contains(words) => {}
            (Outcome::Loaded, Some(words)) => wrong.push(format!("{name} was loaded; expected a refusal: {words}")),
            (Outcome::Refused(faults), _) => wrong.push(format!("{name} was refused: {}", faults[0])),
            (Outcome::Failed(words), _) => wrong.push(words),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Four times as many operations, each as long as before, take about four times the work: nothing is looked through for each of them.
#[test]
fn the_work_grows_with_the_document_and_no_faster() {
    let work = |operations: usize| {
        let text = large::document(operations, operations * 2000).to_string();
        let mut contract = None;
        let measured = allocation_counter::measure(|| {
            let document = Document::parse("large.json", &text).expect("it is JSON");
            contract = Some(Contract::compile("large", &document).expect("it is valid"));
        });
        assert_eq!(contract.expect("it was just compiled").endpoints.len(), operations);
        measured
    };
    let (few, many) = (work(250), work(1000));
    assert!(many.count_total < 5 * few.count_total, "{} allocations became {}", few.count_total, many.count_total);
    assert!(many.bytes_total < 5 * few.bytes_total, "{} bytes became {}", few.bytes_total, many.bytes_total);
}
