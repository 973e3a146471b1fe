//! Exemptions: deviations that are known, with a reason. They are told apart, and never dropped.

use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::options::CheckGlob;
use crate::report::{Report, UNSERVED};

/// A deviation that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The checks that are meant.
    pub check: CheckGlob,
    /// The operation, by method and path template; every one if there is none.
    pub operation: Option<String>,
    /// The spec; every one if there is none.
    pub spec: Option<String>,
    /// Why it is put up with.
    pub reason: String,
}

/// A finding that an exemption covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exempted {
    /// The check's id.
    pub check: String,
    /// Method and path template.
    pub operation: String,
    /// Why it is put up with.
    pub reason: String,
}

impl Exemption {
    fn covers(&self, spec: &str, check: &str, operation: &str) -> bool {
        self.concerns(spec) && self.check.matches_id(check) && self.operation.as_ref().is_none_or(|own| own == operation)
    }

    /// Whether it is about this spec.
    #[must_use]
    pub fn concerns(&self, spec: &str) -> bool {
        self.spec.as_ref().is_none_or(|own| own == spec)
    }
}

impl Report {
    /// Sets apart what these exemptions cover, and tells for each of them whether it covers anything.
    pub fn exempt(&mut self, exemptions: &[Exemption]) -> Vec<bool> {
        let spec = self.spec.clone();
        let covering = |check: &str, operation: &str| exemptions.iter().position(|own| own.covers(&spec, check, operation));
        let mut used = vec![false; exemptions.len()];
        let mut exempted = Vec::new();
        let mut cover = |check: &str, operation: &str| {
            exemptions.iter().zip(&mut used).filter(|(own, _)| own.covers(&spec, check, operation)).for_each(|(_, used)| *used = true);
            let reason = exemptions[covering(check, operation)?].reason.clone();
            exempted.push(Exempted { check: check.to_owned(), operation: operation.to_owned(), reason: reason.clone() });
            Some(reason)
        };
        for finding in &mut self.findings {
            finding.exempted = cover(&finding.check, &finding.operation);
        }
        self.unserved.retain(|operation| cover(UNSERVED, operation).is_none());
        self.exempted = exempted;
        self.findings.sort_by_key(|finding| finding.exempted.is_some());
        self.settle_exempted();
        used
    }

    /// A check of which everything that it found is exempted is itself exempted.
    fn settle_exempted(&mut self) {
        for (id, tally) in &mut self.tallies {
            let of = |finding: &&Finding| finding.check == *id;
            let open =
                |violation: bool| self.findings.iter().filter(of).any(|own| own.is_violation() == violation && own.exempted.is_none());
            for (count, violation) in [(&mut tally.violated, true), (&mut tally.advised, false)] {
                if !open(violation) {
                    tally.exempted += std::mem::take(count);
                }
            }
        }
    }
}
