//! One version of a stored thing. Its debug form names its fields and never shows them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specs::claims::Versions;

use super::thing::Thing;

/// What a thing was at one of its writes.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    /// Its number, which no other version of the thing ever has.
    pub(crate) number: u64,
    /// The fields that each version has of its own, secrets included; none once it was destroyed.
    pub(crate) fields: Map<String, Value>,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created: i64,
    /// When it was softly deleted, or will be, likewise.
    pub(crate) deleted: Option<i64>,
    /// Whether what it held is gone for ever.
    pub(crate) destroyed: bool,
}

impl Version {
    /// Whether what it holds can be told at a moment.
    pub(crate) fn is_hidden(&self, now: i64) -> bool {
        self.destroyed || self.deleted.is_some_and(|deleted| deleted <= now)
    }
}

impl Thing {
    /// The number of the latest version; 0 where there is none.
    pub(crate) fn latest(&self) -> u64 {
        self.versions.last().map_or(0, |version| version.number)
    }

    /// The version of this number, or the latest.
    pub(crate) fn version(&self, number: Option<u64>) -> Option<&Version> {
        number.map_or_else(|| self.versions.last(), |number| self.versions.iter().find(|version| version.number == number))
    }

    /// Makes a version of what the thing is now, and drops the oldest of those that are too many.
    pub(crate) fn add_version(&mut self, rule: &Versions, now: i64) {
        let own = |(name, _): &(&str, &Value)| rule.of.iter().any(|own| own == name);
        let fields = self.fields.iter().filter(own).map(|(name, value)| (name.to_owned(), value.clone())).collect();
        let life = rule.life.as_ref().and_then(|field| duration(self.fields.get(field)?)).filter(|life| *life > 0);
        let deleted = life.map(|life| now.saturating_add(life));
        self.versions.push(Version { number: self.latest() + 1, fields, created: now, deleted, destroyed: false });
        let Some(keep) = &rule.keep else { return };
        let own = keep.field.as_ref().and_then(|field| self.fields.get(field)?.as_u64()).filter(|own| *own > 0);
        let most = usize::try_from(own.unwrap_or(keep.usual)).unwrap_or(usize::MAX);
        self.versions.drain(..self.versions.len().saturating_sub(most));
    }
}

/// A duration in Go's form, or a number of seconds, in milliseconds.
fn duration(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse::<jiff::SignedDuration>().ok().and_then(|span| i64::try_from(span.as_millis()).ok()),
        other => other.as_i64()?.checked_mul(1000),
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Version")
            .field("number", &self.number)
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    fn rule() -> Versions {
        let rule = json!({"of": ["value"], "keep": {"usual": 2, "field": "most"}, "life": "life"});
        serde_json::from_value(rule).expect("a rule")
    }

    fn thing(fields: &Value) -> Thing {
        Thing::new("a", fields.as_object().cloned().unwrap_or_default(), 0)
    }

    #[test]
    fn versions_are_numbered_on_and_the_oldest_goes() {
        let mut thing = thing(&json!({"name": "a", "value": "hush"}));
        (1..=3).for_each(|now| thing.add_version(&rule(), now));
        let numbers: Vec<u64> = thing.versions.iter().map(|version| version.number).collect();
        assert_eq!(numbers, [2, 3]);
        assert_eq!(thing.versions[0].fields, *json!({"value": "hush"}).as_object().expect("an object"));
        Arc::make_mut(&mut thing.fields).insert("most", json!(1));
        thing.add_version(&rule(), 4);
        assert_eq!((thing.versions.len(), thing.latest()), (1, 4));
    }

    #[test]
    fn a_version_with_a_life_is_hidden_after_it() {
        for life in [json!("1m1s"), json!(61)] {
            let mut thing = thing(&json!({"life": life}));
            thing.add_version(&rule(), 1000);
            let version = thing.version(None).expect("it was made");
            assert!(!version.is_hidden(61_999) && version.is_hidden(62_000));
        }
        let mut for_ever = thing(&json!({"life": "0s"}));
        for_ever.add_version(&rule(), 1000);
        assert_eq!(for_ever.versions[0].deleted, None);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let mut thing = thing(&json!({"value": "hush"}));
        thing.add_version(&rule(), 0);
        assert!(!format!("{:?}", thing.versions).contains("hush"));
    }
}
