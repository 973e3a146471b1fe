//! Plans: the requests that led to a violation, free of what differs from one run to the next, so that they can be shrunk, saved and repeated.

mod actor;
mod drawn;
mod file;
mod form;
mod retrace;
mod shrink;
mod simpler;
mod step;
mod symbols;
mod trial;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use file::PlanError;
use form::Form;
use step::Step;
pub(crate) use trial::{Trial, Verdict};

use crate::manners::Source;

/// The requests that break a check.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of this format.
    pub lockstep: u8,
    /// What the contract was compiled from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    /// The check's id.
    pub check: String,
    /// The operation that breaks it.
    pub operation: String,
    /// The seed of the run that found it.
    pub seed: u64,
    /// How the secrets look, by symbol.
    secrets: BTreeMap<usize, Form>,
    steps: Vec<Step>,
}

/// The version of the format that this program writes and reads.
pub(crate) const VERSION: u8 = 1;
