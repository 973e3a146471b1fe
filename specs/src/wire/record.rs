//! A record: a thing with all its fields, what is stored and what is told beside it.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

/// A map with more fields than this is asked by its index, not looked through.
const FEW: usize = 8;

/// A thing with all its fields, secrets included: what an answer may show of it is decided when it is written.
#[derive(Clone, Default)]
pub struct Record {
    stored: Arc<Map<String, Value>>,
    /// In the place of what is stored, or after it.
    told: Vec<(Arc<str>, Value)>,
}

impl Record {
    /// A record of what is stored, which is shared and not copied.
    #[must_use]
    pub const fn of(stored: Arc<Map<String, Value>>) -> Self {
        Self { stored, told: Vec::new() }
    }

    /// The same record with this field told so.
    #[must_use]
    pub fn with(mut self, name: Arc<str>, value: Value) -> Self {
        self.told.retain(|(own, _)| *own != name);
        self.told.push((name, value));
        self
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let told = self.told.iter().find(|(own, _)| **own == *name).map(|(_, value)| value);
        told.or_else(|| {
            if self.stored.len() > FEW {
                return self.stored.get(name);
            }
            self.stored.iter().find(|(own, _)| own.as_str() == name).map(|(_, value)| value)
        })
    }

    /// All fields as one map, those that are told beside what is stored last.
    #[must_use]
    pub fn whole(&self) -> Map<String, Value> {
        let mut whole = Map::clone(&self.stored);
        whole.extend(self.told.iter().map(|(name, value)| ((**name).to_owned(), value.clone())));
        whole
    }
}

impl From<Map<String, Value>> for Record {
    fn from(whole: Map<String, Value>) -> Self {
        Self::of(Arc::new(whole))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.told.iter().map(|(name, _)| &**name);
        f.debug_list().entries(self.stored.keys().map(String::as_str).chain(told)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_told_stands_in_the_place_of_what_is_stored() {
        let stored = json!({"name": "a", "at": 1, "value": "hush"}).as_object().cloned().unwrap_or_default();
        let record = Record::from(stored).with("at".into(), json!(2)).with("by".into(), json!("x")).with("by".into(), json!("y"));
        assert_eq!((record.get("at"), record.get("by"), record.get("none")), (Some(&json!(2)), Some(&json!("y")), None));
        assert_eq!(Value::Object(record.whole()).to_string(), r#"{"name":"a","at":2,"value":"hush","by":"y"}"#);
        assert!(!format!("{record:?}").contains("hush"));
    }
}
