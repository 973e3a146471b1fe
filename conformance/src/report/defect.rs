//! Defects: findings of one check together, so that a report has one row for a defect and not one for each request or operation.

use super::Report;
use crate::finding::Finding;

/// Findings of one check at one level.
#[derive(Clone, Debug)]
pub(crate) struct Defect<'r> {
    /// The first operation that shows it, in full.
    pub(crate) first: &'r Finding,
    /// The other operations.
    pub(crate) others: Vec<&'r Finding>,
}

impl<'r> Defect<'r> {
    /// Every operation that shows it.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &'r Finding> {
        [self.first].into_iter().chain(self.others.iter().copied())
    }

    /// `violation` or `advice`.
    pub(crate) fn kind(&self) -> &'static str {
        self.first.kind()
    }
}

impl Report {
    /// The findings by defect, in the order in which they stand: violations first; known deviations are none.
    pub(crate) fn defects(&self) -> Vec<Defect<'_>> {
        let mut defects: Vec<Defect<'_>> = Vec::new();
        for finding in self.findings.iter().filter(|finding| finding.exempted.is_none()) {
            let same = |defect: &&mut Defect<'_>| defect.first.check == finding.check && defect.first.level == finding.level;
            match defects.last_mut().filter(same) {
                Some(defect) => defect.others.push(finding),
                None => defects.push(Defect { first: finding, others: Vec::new() }),
            }
        }
        defects
    }
}
