//! The target's own clock, as far as its answers tell it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use specs::contract::Resource;

/// The latest time that was told of any thing, by resource. What is changed after that cannot have been changed before it.
#[derive(Debug, Default)]
pub(crate) struct Times(BTreeMap<String, String>);

impl Times {
    /// The latest time that was told.
    pub(crate) fn latest(&self, resource: &Resource) -> Option<&String> {
        self.0.get(&resource.name)
    }

    /// Learns from a record.
    pub(super) fn learn(&mut self, resource: &Resource, record: &Map<String, Value>) {
        let (created, updated) = resource.time_fields();
        for told in [created, updated].into_iter().flatten().filter_map(|field| record.get(field)?.as_str()) {
            let later = self.latest(resource).is_none_or(|latest| is_before(latest, told));
            if later {
                self.0.insert(resource.name.clone(), told.to_owned());
            }
        }
    }
}

/// Whether one written time is before another; times of different forms cannot be compared.
pub(crate) fn is_before(one: &str, other: &str) -> bool {
    let form = |text: &str| text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    form(one) == form(other) && one < other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_one_form_can_be_compared() {
        assert!(is_before("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"));
        assert!(!is_before("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"));
        assert!(!is_before("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z"));
    }
}
