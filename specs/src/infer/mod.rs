//! Inference: claims that a document makes without saying so in our words.
//!
//! It only fills gaps: what an overlay has claimed stands, and what follows is read in its light.

mod access;
mod answers;
mod bindings;
mod fields;
mod ids;
mod operations;
mod paging;
mod paths;
mod prose;
mod resources;
mod sealing;
mod secrets;
mod shape;
mod words;

use std::collections::BTreeMap;

use crate::claims::{Claim, Claims, Grade};
use crate::contract::{Operation, Outline};
use paths::Paths;

pub(crate) use words::resource_name;

/// Fills every gap in the claims about a document, in the order in which one claim rests on another.
pub(crate) fn complete(outline: &Outline, claims: &mut Claims) {
    let paths = Paths::of(outline);
    operations::infer(outline, &paths, claims);
    resources::infer(outline, &paths, claims);
    bindings::infer(outline, &paths, claims);
    answers::infer(outline, claims);
    secrets::infer(outline, claims);
    fields::infer(outline, claims);
    paging::infer(outline, claims);
    access::infer(outline, claims);
}

/// The operations of each resource, in the document's order.
fn by_resource<'o>(outline: &'o Outline, claims: &Claims) -> BTreeMap<String, Vec<&'o Operation>> {
    let mut found: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
    for operation in &outline.operations {
        if let Some(resource) = claims.operations[&operation.key].promises.resource.as_ref() {
            found.entry(resource.value.clone()).or_default().push(operation);
        }
    }
    found
}

/// Sets a claim where none is made.
fn fill<T>(slot: &mut Option<Claim<T>>, claim: impl FnOnce() -> Option<Claim<T>>) {
    if slot.is_none() {
        *slot = claim();
    }
}

fn derived<T>(value: T, from: impl Into<String>) -> Claim<T> {
    Claim::new(value, Grade::Derived, from)
}

fn guessed<T>(value: T, from: impl Into<String>) -> Claim<T> {
    Claim::new(value, Grade::Guessed, from)
}

fn chosen<T>(value: T, why: impl Into<String>) -> Claim<T> {
    Claim::new(value, Grade::Chosen, why)
}

fn documented<T>(value: T, place: impl Into<String>) -> Claim<T> {
    Claim::new(value, Grade::Documented, place)
}
