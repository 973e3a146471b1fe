//! Snapshots: per operation and scenario, the status, media type and shape of the answer, never its values.

mod shape;
mod store;

use std::collections::BTreeMap;

use specs::wire::Response;

use crate::canary::Canaries;

pub use store::{SnapshotError, SnapshotMode};

pub(crate) use shape::shape;
pub(crate) use store::{Part, compare};

/// How answers compare with the snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotSummary {
    /// How many were compared.
    pub compared: usize,
    /// The names of those that differ or are new.
    pub changed: Vec<String>,
    /// For each of those, the difference as text.
    pub differences: Vec<(String, String)>,
    /// How many files were written.
    pub written: usize,
}

/// What was seen: operation, then answer, then the scenarios that led to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    seen: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Recorder {
    /// Notes the answer of a scenario.
    pub(crate) fn note(&mut self, operation: &str, scenario: &str, response: &Response, canaries: &Canaries) {
        let answers = self.seen.entry(operation.to_owned()).or_default();
        let scenarios = answers.entry(outline(response, canaries)).or_default();
        if !scenarios.iter().any(|known| known == scenario) {
            scenarios.push(scenario.to_owned());
        }
    }

    /// Each operation with what its snapshot says.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, String)> {
        self.seen.iter().map(|(operation, answers)| (operation.as_str(), text(answers)))
    }
}

/// Status, media type and shape. A member's name or a media type may be a secret as well.
fn outline(response: &Response, canaries: &Canaries) -> String {
    let status = response.status.as_u16();
    let media_type = specs::contract::essence(&canaries.redact(response.header("content-type").unwrap_or_default()));
    let body = match response.json() {
        _ if response.body.is_empty() => "no body".to_owned(),
        Some(json) => format!("{media_type}\n{}", canaries.redact(&shape(&json))),
        None => format!("{media_type}, not JSON"),
    };
    format!("{status} {body}")
}

fn text(answers: &BTreeMap<String, Vec<String>>) -> String {
    let block = |(outline, scenarios): (&String, &Vec<String>)| {
        let mut scenarios = scenarios.clone();
        scenarios.sort();
        let lines: Vec<String> = scenarios.iter().map(|scenario| format!("  - {scenario}")).collect();
        format!("{outline}\n{}", lines.join("\n"))
    };
    answers.iter().map(block).collect::<Vec<_>>().join("\n\n")
}
