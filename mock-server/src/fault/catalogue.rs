//! The catalogue of faults, as a person reads it.

use super::Fault;
use super::disturbance::KINDS;

/// A fault as the catalogue tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultEntry {
    /// What it belongs to: `disturbance`, or the family of checks that should catch the defect.
    pub family: &'static str,
    /// The name by which it is asked for.
    pub name: &'static str,
    /// How its value is written; empty where it has none.
    pub value: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// Every fault: the disturbances first, then the defects.
#[must_use]
pub fn fault_catalogue() -> Vec<FaultEntry> {
    let disturbances = KINDS.iter().map(|kind| FaultEntry { family: "disturbance", name: kind.name, value: kind.value, about: kind.about });
    let defects = Fault::ALL.iter().map(|fault| FaultEntry { family: fault.family(), name: fault.name(), value: "", about: fault.about() });
    disturbances.chain(defects).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_once() {
        let mut names: Vec<&str> = fault_catalogue().iter().map(|entry| entry.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
