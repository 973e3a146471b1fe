//! The target's own clock, as far as its answers tell it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use specs::contract::Resource;

/// The latest time that was told of any thing, by resource. What is changed after that cannot have been changed before it.
#[derive(Debug, Default)]
pub(crate) struct Times {
    told: BTreeMap<String, String>,
    /// What was told before the requests that are judged now were on their way together: of those nobody can say which came first.
    before: Option<BTreeMap<String, String>>,
}

impl Times {
    /// The latest time that was told before a request was sent whose answer is judged now.
    pub(crate) fn latest(&self, resource: &Resource) -> Option<&String> {
        self.before.as_ref().unwrap_or(&self.told).get(&resource.name)
    }

    /// What is learned from here on was told of requests that were on their way together.
    pub(crate) fn hold(&mut self) {
        self.before = Some(self.told.clone());
    }

    /// What was learned was told before anything that is sent from here on.
    pub(crate) fn release(&mut self) {
        self.before = None;
    }

    /// Learns from a record.
    pub(super) fn learn(&mut self, resource: &Resource, record: &Map<String, Value>) {
        let (created, updated) = resource.time_fields();
        for told in [created, updated].into_iter().flatten().filter_map(|field| record.get(field)?.as_str()) {
            let later = self.told.get(&resource.name).is_none_or(|latest| is_before(latest, told));
            if later {
                self.told.insert(resource.name.clone(), told.to_owned());
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
    use std::path::Path;

    use super::*;
    use serde_json::json;
    use specs::{Profile, Spec};

    #[test]
    fn of_requests_that_were_on_their_way_together_none_was_told_before_another() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents/vault.yaml");
        let contract = Spec::File { path, overlay: None }.contract(Profile::Documented).expect("the document is valid");
        let resource = contract.resources.values().find(|own| own.time_fields().0.is_some()).expect("a thing is created at some time");
        let field = resource.time_fields().0.expect("just found").to_owned();
        let mut times = Times::default();
        let learn = |times: &mut Times, time: &str| times.learn(resource, json!({&field: time}).as_object().expect("an object"));
        learn(&mut times, "2026-01-01T00:00:01Z");
        times.hold();
        learn(&mut times, "2026-01-01T00:00:03Z");
        learn(&mut times, "2026-01-01T00:00:02Z");
        assert_eq!(times.latest(resource).map(String::as_str), Some("2026-01-01T00:00:01Z"));
        times.release();
        assert_eq!(times.latest(resource).map(String::as_str), Some("2026-01-01T00:00:03Z"));
    }

    #[test]
    fn times_of_one_form_can_be_compared() {
        assert!(is_before("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"));
        assert!(!is_before("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"));
        assert!(!is_before("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z"));
    }
}
