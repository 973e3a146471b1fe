//! Claims as a list, for people: what `lockstep specs show` prints and the packs' snapshots hold.

use serde::Serialize;
use serde_json::Value;

use super::set::Claims;
use super::vocabulary::{AccessPromises, FieldPromises, OperationPromises, ResourcePromises, WirePromises};
use super::{Claim, Grade};

/// One claim in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListedClaim {
    /// The thing of which something is promised: `resource secret`, `POST /a`.
    pub subject: String,
    /// What is promised: a key of the vocabulary.
    pub key: String,
    /// The promise.
    pub value: Value,
    /// How well it is founded.
    pub grade: Grade,
    /// Where it is written.
    pub cite: String,
}

/// A part of the vocabulary: the kind of subject, and each key with what it promises.
pub type VocabularyEntry = (&'static str, &'static [(&'static str, &'static str)]);

/// The whole vocabulary.
pub const VOCABULARY: [VocabularyEntry; 5] = [
    ("resource", ResourcePromises::KEYS),
    ("field", FieldPromises::KEYS),
    ("operation", OperationPromises::KEYS),
    ("access", AccessPromises::KEYS),
    ("wire", WirePromises::KEYS),
];

impl Claims {
    /// Every claim, in a stable order.
    #[must_use]
    pub fn list(&self) -> Vec<ListedClaim> {
        let mut list = Vec::new();
        self.list_resources(&mut list);
        self.list_operations(&mut list);
        push_all(&mut list, "access", self.access.listed());
        push_all(&mut list, "wire", self.wire.listed());
        for (situation, claim) in &self.problems {
            push(&mut list, "problem", situation.name(), claim.map(json));
        }
        for ((schema, keyword), claim) in &self.keywords {
            push(&mut list, &format!("schema {schema}"), keyword, claim.clone());
        }
        list
    }

    fn list_resources(&self, list: &mut Vec<ListedClaim>) {
        for (name, resource) in &self.resources {
            push_all(list, &format!("resource {name}"), resource.promises.listed());
            for (path, field) in &resource.fields {
                push_all(list, &format!("field {name}.{path}"), field.listed());
            }
        }
    }

    fn list_operations(&self, list: &mut Vec<ListedClaim>) {
        for (key, operation) in &self.operations {
            push_all(list, &key.to_string(), operation.promises.listed());
            for (name, claim) in &operation.parameters {
                push(list, &key.to_string(), &format!("parameter {name}"), claim.map(json));
            }
            for (situation, claim) in &operation.problems {
                push(list, &key.to_string(), &format!("problem {situation}"), claim.map(json));
            }
        }
    }
}

fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("a claim's value is plain data")
}

fn push_all(list: &mut Vec<ListedClaim>, subject: &str, claims: Vec<(&'static str, Claim<Value>)>) {
    claims.into_iter().for_each(|(key, claim)| push(list, subject, key, claim));
}

fn push(list: &mut Vec<ListedClaim>, subject: &str, key: &str, claim: Claim<Value>) {
    let Claim { value, grade, cite } = claim;
    list.push(ListedClaim { subject: subject.to_owned(), key: key.to_owned(), value, grade, cite });
}
