//! The versions of a thing, as the target has acknowledged them.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use specs::claims::{Verb, VersionFact, Versions};
use specs::contract::{Endpoint, Resource};
use specs::wire::{Intent, Reading};

use super::tracked::{Life, Tracked};

/// So many versions of a thing are remembered by a run that is longer than usual.
const MOST: usize = 256;

/// The versions of a thing, by number.
#[derive(Clone, Default)]
pub(crate) struct Acknowledged {
    /// Every version whose number is known for certain.
    known: BTreeMap<i64, Known>,
    /// The number of the latest; `None` once nobody can say.
    latest: Option<i64>,
}

/// One version.
#[derive(Clone)]
pub(crate) struct Known {
    /// The fields that each version has of its own, as they were stated.
    pub(crate) stated: Map<String, Value>,
    /// Gone once it was destroyed.
    pub(crate) life: Life,
    /// Whether it was hidden and brought back.
    pub(crate) restored: bool,
}

impl Acknowledged {
    /// Before the first write there is none.
    pub(super) const fn none() -> Self {
        Self { known: BTreeMap::new(), latest: Some(0) }
    }

    /// The number of the latest version, 0 if there is none; nothing where nobody can say.
    pub(crate) const fn latest(&self) -> Option<i64> {
        self.latest
    }

    /// The version of this number, or the latest.
    pub(crate) fn get(&self, number: Option<i64>) -> Option<&Known> {
        self.known.get(&number.or(self.latest)?)
    }

    /// Forgets the oldest versions: of those nothing is said any more.
    pub(super) fn forget_old(&mut self) {
        while self.known.len() > MOST {
            self.known.pop_first();
        }
    }

    /// Every field of its own that any version has.
    pub(crate) fn stated(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.known.values().map(|known| &known.stated)
    }

    /// Nobody can say any more which version is the latest.
    pub(super) fn doubt(&mut self) {
        *self = Self { known: BTreeMap::new(), latest: None };
    }
}

impl Tracked {
    /// Learns that a write was carried out which makes a version of what is stated now.
    pub(super) fn learn_version(&mut self, resource: &Resource, reading: &Reading) {
        let Some(rule) = resource.versions() else { return };
        let told = number_told(resource, reading);
        let number = told.or_else(|| self.versions.latest.map(|latest| latest + 1));
        let Some(number) = number else { return self.versions.doubt() };
        let own = |(name, _): &(&String, &Value)| rule.of.contains(*name);
        let stated = self.stated.iter().filter(own).map(|(name, value)| (name.clone(), value.clone())).collect();
        // How long a version with a life of its own lives is known to the target's clock alone.
        let life = if self.has_brief_versions(rule) { Life::Unsure } else { Life::Alive };
        self.versions.known.insert(number, Known { stated, life, restored: false });
        self.versions.latest = Some(number);
        self.life = life;
    }

    fn has_brief_versions(&self, rule: &Versions) -> bool {
        let life = rule.life.as_ref().and_then(|field| self.field(field));
        life.is_some_and(|life| super::text(life).contains(|c: char| ('1'..='9').contains(&c)))
    }

    /// Learns that versions were hidden, brought back or destroyed.
    pub(super) fn learn_versions(&mut self, resource: &Resource, endpoint: &Endpoint, intent: &Intent) {
        let meant = intent.versions.clone().or_else(|| self.versions.latest.map(|latest| vec![latest]));
        let Some(meant) = meant else { return self.life = Life::Unsure };
        let brief = resource.versions().is_some_and(|rule| self.has_brief_versions(rule));
        for (_, version) in self.versions.known.iter_mut().filter(|(number, _)| meant.contains(number)) {
            version.learn(endpoint.verb, brief);
        }
        self.told.clear();
        self.shown.clear();
        if let Some(latest) = self.versions.get(None).filter(|_| self.life != Life::Unsure) {
            self.life = if latest.life == Life::Gone { Life::Hidden } else { latest.life };
        }
    }
}

impl Known {
    fn learn(&mut self, verb: Verb, brief: bool) {
        match (verb, self.life) {
            (Verb::Destroy, _) => self.life = Life::Gone,
            (_, Life::Gone) => {}
            (Verb::SoftDelete, _) => (self.life, self.restored) = (Life::Hidden, false),
            (Verb::Undelete, _) if brief => self.life = Life::Unsure,
            (Verb::Undelete, life) => (self.life, self.restored) = (Life::Alive, life == Life::Hidden),
            _ => {}
        }
    }
}

/// The number of the version that an answer is about, if it tells one.
pub(crate) fn number_told(resource: &Resource, reading: &Reading) -> Option<i64> {
    reading.record()?.get(resource.version_field(&VersionFact::Number)?)?.as_i64()
}

/// Lays a JSON merge patch over a value (RFC 7396, section 2).
pub(super) fn patched(value: Option<&Value>, patch: &Value) -> Option<Value> {
    let Value::Object(members) = patch else { return (!patch.is_null()).then(|| patch.clone()) };
    let mut own = value.and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, member) in members {
        match patched(own.get(name), member) {
            Some(value) => drop(own.insert(name.clone(), value)),
            None => drop(own.shift_remove(name)),
        }
    }
    Some(Value::Object(own))
}

impl fmt::Debug for Acknowledged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acknowledged").field("known", &self.known.len()).field("latest", &self.latest).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_merge_patch_removes_merges_and_replaces() {
        let before = json!({"a": {"b": 1, "c": [1]}, "d": "e"});
        let patch = json!({"a": {"b": null, "c": [2], "f": {"g": null}}, "h": 1});
        assert_eq!(patched(Some(&before), &patch), Some(json!({"a": {"c": [2], "f": {}}, "d": "e", "h": 1})));
        assert_eq!(patched(Some(&before), &Value::Null), None);
    }
}
