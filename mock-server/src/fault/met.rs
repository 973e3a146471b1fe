//! What one request meets.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Fault;
use crate::delivery::Delivery;

/// The faults that one request meets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub(super) defects: BTreeSet<Fault>,
    /// How the answer goes out.
    pub(crate) delivery: Delivery,
    /// The answer, instead of carrying the request out.
    pub(crate) forced: Option<Forced>,
    /// Whether valid credentials have expired.
    pub(crate) expired: bool,
    /// Whether what is stored now is to be remembered if the request changes it.
    pub(crate) remembers: bool,
    /// For how long after a change a read sees what was before it.
    pub(crate) stale: Option<Duration>,
    /// Whether there is always another page.
    pub(crate) endless: bool,
}

/// An answer that is given whatever was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Forced {
    pub(crate) status: u16,
    /// After how many seconds it is worth asking again.
    pub(crate) retry_after: Option<u64>,
}

impl Faults {
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.defects.contains(&fault)
    }

    /// Whether it meets no defect.
    pub(crate) fn is_empty(&self) -> bool {
        self.defects.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Fault> {
        self.defects.iter().copied()
    }
}
