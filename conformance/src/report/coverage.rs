//! Coverage: what was sent to each operation, and how it answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was sent to one operation, and how it answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Method and path template.
    pub operation: String,
    /// How many requests were sent to it.
    pub requests: usize,
    /// How many of them each status answered, those of races apart: there it is left to chance.
    pub statuses: BTreeMap<u16, usize>,
    /// Whether it has ever answered with a success.
    pub succeeded: bool,
}

impl Coverage {
    pub(crate) fn of(operation: String) -> Self {
        Self { operation, ..Self::default() }
    }

    /// Notes a request of a race.
    pub(crate) fn note_raced(&mut self) {
        self.requests += 1;
    }

    /// Notes an answer.
    pub(crate) fn note(&mut self, status: u16) {
        self.requests += 1;
        *self.statuses.entry(status).or_default() += 1;
    }

    /// The statuses in words: `200 (12), 404 (3)`.
    #[must_use]
    pub fn told(&self) -> String {
        let told = self.statuses.iter().map(|(status, count)| format!("{status} ({count})"));
        told.collect::<Vec<_>>().join(", ")
    }
}
