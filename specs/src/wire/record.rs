//! A record: a thing with all its fields, what is stored and what is told beside it.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::fields::Fields;
use super::moment::written;
use crate::claims::TimeFormat;

/// A thing with all its fields, secrets included: what an answer may show of it is decided when it is written.
#[derive(Clone, Default)]
pub struct Record {
    stored: Arc<Fields>,
    times: Option<Times>,
}

/// Fields that hold moments, in milliseconds since 1970: in the place of what is stored, or after it.
#[derive(Clone, Debug)]
pub struct Times {
    /// How they are written.
    pub format: TimeFormat,
    /// The fields' names and moments; no name twice.
    pub fields: [Option<(SmolStr, i64)>; 2],
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Held<'r> {
    Value(&'r Value),
    Moment(i64, TimeFormat),
}

impl Held<'_> {
    /// As a value of its own.
    pub(super) fn to_value(self) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Moment(millis, format) => written(millis, format).into(),
        }
    }
}

impl Record {
    /// A record of what is stored, which is shared and not copied.
    #[must_use]
    pub const fn of(stored: Arc<Fields>) -> Self {
        Self { stored, times: None }
    }

    /// The same record with these times.
    #[must_use]
    pub fn at(mut self, times: Times) -> Self {
        self.times = Some(times);
        self
    }

    /// What a field holds, if it is there.
    pub(super) fn held(&self, name: &str) -> Option<Held<'_>> {
        if let Some(times) = &self.times {
            for (own, millis) in times.fields.iter().flatten() {
                if own == name {
                    return Some(Held::Moment(*millis, times.format));
                }
            }
        }
        self.stored.get(name).map(Held::Value)
    }

    fn moments(&self) -> impl Iterator<Item = (&str, i64, TimeFormat)> {
        let format = self.times.as_ref().map_or(TimeFormat::Spaced, |times| times.format);
        let fields = self.times.iter().flat_map(|times| times.fields.iter().flatten());
        fields.map(move |(name, millis)| (name.as_str(), *millis, format))
    }

    /// All fields as one map, those that are not stored last.
    #[must_use]
    pub fn whole(&self) -> Map<String, Value> {
        let mut whole = self.stored.to_map();
        whole.extend(self.moments().map(|(name, millis, format)| (name.to_owned(), Value::from(written(millis, format)))));
        whole
    }
}

impl From<Map<String, Value>> for Record {
    fn from(whole: Map<String, Value>) -> Self {
        Self::of(Arc::new(whole.into()))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.stored.names().chain(self.moments().map(|(name, ..)| name))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_stand_in_the_place_of_what_is_stored() {
        let stored = json!({"name": "a", "at": 1, "value": "hush"}).as_object().cloned().unwrap_or_default();
        let times = Times { format: TimeFormat::Rfc3339(0), fields: [Some(("at".into(), 0)), Some(("by".into(), 1000))] };
        let record = Record::from(stored).at(times);
        let held = |name: &str| record.held(name).map(Held::to_value);
        assert_eq!((held("at"), held("name"), held("none")), (Some(json!("1970-01-01T00:00:00Z")), Some(json!("a")), None));
        let whole = r#"{"name":"a","at":"1970-01-01T00:00:00Z","value":"hush","by":"1970-01-01T00:00:01Z"}"#;
        assert_eq!(Value::Object(record.whole()).to_string(), whole);
        assert!(!format!("{record:?}").contains("hush"));
    }
}
