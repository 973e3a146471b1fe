//! Leads: the requests behind each violation, how they are shown, and what is put back once they have been repeated.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::Broken;
use crate::report::{Coverage, Script};
use crate::session::Session;
use crate::trail::Sent;

/// The requests that led to a violation.
pub(crate) struct Lead {
    /// Its place among the findings.
    pub(crate) finding: usize,
    /// Those that made and changed what it is about.
    pub(crate) narrow: Vec<Sent>,
    /// All that may have to do with it.
    pub(crate) wide: Vec<Sent>,
}

/// What a session has seen of the target, apart from what it has found.
pub(crate) struct Seen {
    coverage: Vec<Coverage>,
    answered: BTreeSet<usize>,
    served: BTreeSet<usize>,
    succeeded: BTreeSet<usize>,
    tried: BTreeSet<usize>,
    statuses: BTreeMap<(usize, u16), usize>,
}

/// A violation as it is shown.
pub(crate) struct Shown {
    pub(crate) expected: String,
    pub(crate) actual: String,
    pub(crate) plan: Vec<String>,
    pub(crate) reproduce: Vec<String>,
}

impl Session<'_> {
    /// What is needed to write requests as lines for a shell.
    pub(crate) fn script(&self) -> Script<'_> {
        Script { contract: self.contract, base: self.target.url(), credentials: &self.credentials, canaries: &self.canaries }
    }

    /// A violation and the requests that led to it, without anything secret.
    pub(crate) fn shown(&self, broken: &Broken, steps: &[&Sent]) -> Shown {
        Shown {
            expected: visible(&self.canaries.redact(&broken.expected)),
            actual: visible(&self.canaries.redact(&broken.actual)),
            plan: steps.iter().map(|sent| self.canaries.redact(&sent.told)).collect(),
            reproduce: self.script().lines(steps),
        }
    }

    /// What was seen so far.
    pub(crate) fn seen(&self) -> Seen {
        Seen {
            coverage: self.coverage.clone(),
            answered: self.answered.clone(),
            served: self.served.clone(),
            succeeded: self.succeeded.clone(),
            tried: self.tried.clone(),
            statuses: self.statuses.clone(),
        }
    }

    /// Puts back what was seen before.
    pub(crate) fn see(&mut self, seen: Seen) {
        let Seen { coverage, answered, served, succeeded, tried, statuses } = seen;
        (self.coverage, self.answered, self.served) = (coverage, answered, served);
        (self.succeeded, self.tried, self.statuses) = (succeeded, tried, statuses);
    }
}

/// A text on one line, its control characters in writing: a target's answer must not steer a terminal.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}
