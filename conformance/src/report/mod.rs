//! Reports: what a run has found, for people and for programs.

mod access;
mod coverage;
mod curl;
mod defect;
mod format;
mod github;
mod html;
mod json;
mod junit;
mod leak;
mod merge;
mod read;
mod sarif;
mod shell;
mod terminal;

use std::collections::BTreeMap;

pub use access::Access;
pub(crate) use access::Whereabouts;
pub use coverage::Coverage;
pub(crate) use curl::Script;
pub use format::Format;
pub(crate) use leak::Guard;
pub use leak::Leak;
pub use merge::{MergeError, Part, merge};
pub use read::ReadError;
use serde::{Deserialize, Serialize};

use crate::checks::{self, Check};
use crate::exempt::Exempted;
use crate::finding::Finding;
use crate::options::{CheckGlob, Phase};
use crate::shard::Shard;
use crate::snapshot::SnapshotSummary;

/// The id under which operations that are not served at all are exempted and reported.
pub const UNSERVED: &str = "document/operations-served";

/// What a run has found.
#[derive(Debug)]
pub struct Report {
    /// The spec's name.
    pub spec: String,
    /// The document's title.
    pub title: String,
    /// The document's version of the API.
    pub version: String,
    /// SHA-256 of the document, in hexadecimal.
    pub sha256: String,
    /// The target's URL.
    pub target: String,
    /// The seed.
    pub seed: u64,
    /// The part of the run that this is; all of it if none.
    pub shard: Option<Shard>,
    /// The phases that were run.
    pub phases: Vec<Phase>,
    /// How many requests were sent.
    pub requests: usize,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What each check came to.
    pub tallies: BTreeMap<&'static str, Tally>,
    /// What was found, violations first.
    pub findings: Vec<Finding>,
    /// How many operations were to be judged, and those that never answered with a success.
    pub operations: (usize, Vec<String>),
    /// The operations that were this run's to judge.
    pub(crate) own: Vec<String>,
    /// What was sent to each operation, in the document's order.
    pub coverage: Vec<Coverage>,
    /// How each operation answered each caller.
    pub access: Vec<Access>,
    /// Documented operations that answered every request as if they did not exist.
    pub unserved: Vec<String>,
    /// What known deviations cover.
    pub exempted: Vec<Exempted>,
    /// Whether everything was sent that was to be: the budget has sufficed.
    pub complete: bool,
    /// What could not be tried, and why.
    pub notes: Vec<String>,
    /// What could not be generated, and was therefore not tried.
    pub ungenerated: Vec<Ungenerated>,
    /// What could not be removed again.
    pub left_behind: Vec<String>,
    /// How the answers compare with the snapshots, if they were compared.
    pub snapshots: Option<SnapshotSummary>,
    pub(crate) shapes: crate::snapshot::Recorder,
    pub(crate) guard: Guard,
}

/// A value that could not be generated, so that what it would have shown was not tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ungenerated {
    /// The operation.
    pub operation: String,
    /// The input, and the place in it: `body /name`.
    pub place: String,
    /// What, and why not.
    pub reason: String,
}

/// What a check came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Exchanges that passed it.
    pub passed: usize,
    /// Exchanges that violated it.
    pub violated: usize,
    /// Exchanges that gave cause for advice.
    pub advised: usize,
    /// Exchanges that broke it where that is a known deviation.
    pub exempted: usize,
    /// Whether it was left out by the user.
    pub skipped: bool,
}

/// What a check came to, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// At least one exchange violated it.
    Violated,
    /// At least one exchange gave cause for advice, and none violated it.
    Advised,
    /// It was broken only where that is a known deviation.
    Exempted,
    /// It applied and held.
    Passed,
    /// It never applied.
    Unexercised,
    /// It was left out by the user.
    Skipped,
}

impl Status {
    /// All of them, the worst first.
    pub const ALL: [Self; 6] = [Self::Violated, Self::Advised, Self::Exempted, Self::Passed, Self::Unexercised, Self::Skipped];

    /// The word that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Violated => "violated",
            Self::Advised => "advised",
            Self::Exempted => "exempted",
            Self::Passed => "passed",
            Self::Unexercised => "unexercised",
            Self::Skipped => "skipped",
        }
    }
}

impl Tally {
    /// How many exchanges it was judged on.
    #[must_use]
    pub const fn cases(self) -> usize {
        self.passed + self.violated + self.advised + self.exempted
    }

    /// What it came to.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self { skipped: true, .. } => Status::Skipped,
            Self { violated: 1.., .. } => Status::Violated,
            Self { advised: 1.., .. } => Status::Advised,
            Self { exempted: 1.., .. } => Status::Exempted,
            Self { passed: 1.., .. } => Status::Passed,
            Self { .. } => Status::Unexercised,
        }
    }
}

impl Report {
    /// Every check with what it came to, in the catalogue's order.
    pub fn checks(&self) -> impl Iterator<Item = (&'static Check, Tally)> {
        checks::all().map(|check| (check, self.tallies.get(check.id).copied().unwrap_or_default()))
    }

    /// Whether any check of those that are meant was to judge.
    #[must_use]
    pub fn judged(&self, checks: &CheckGlob) -> bool {
        checks.matches_id(UNSERVED) || self.checks().any(|(check, tally)| checks.matches(check) && !tally.skipped)
    }

    /// How many checks came to this.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.checks().filter(|(_, tally)| tally.status() == status).count()
    }

    /// Whether the target did what is promised, and as before.
    #[must_use]
    pub fn conforms(&self) -> bool {
        let changed = self.snapshots.as_ref().is_some_and(|snapshots| !snapshots.changed.is_empty());
        self.count(Status::Violated) == 0 && self.unserved.is_empty() && !changed
    }
}
