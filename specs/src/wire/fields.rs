//! Fields: what a thing has, side by side in one piece of memory, with short names in it.

use std::fmt;

use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::intent::Stated;

/// The fields of a thing, in order. Things have few of them, so that to look through them is quicker than any index.
#[derive(Clone, Default, PartialEq)]
pub struct Fields(Vec<(SmolStr, Value)>);

impl Fields {
    /// No fields, with room for so many.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// The value of a field, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Whether a field is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a field: in its place if it is there, else behind the last.
    pub fn insert(&mut self, name: &str, value: Value) {
        *self.place(name) = value;
    }

    /// The value of a field, null if it was not there before.
    pub fn place(&mut self, name: &str) -> &mut Value {
        let place = self.0.iter().position(|(own, _)| own == name).unwrap_or_else(|| {
            self.0.push((name.into(), Value::Null));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    /// Takes a field out; the others stay in their order.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(own, _)| own == name)?;
        Some(self.0.remove(place).1)
    }

    /// Keeps the fields of which this holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The names of the fields, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// A number that follows from the beginning of every text: whoever asks for it has all of them in the processor's cache.
    #[must_use]
    pub fn weight(&self) -> usize {
        let first = |value: &Value| value.as_str().and_then(|text| text.as_bytes().first().copied());
        self.0.iter().filter_map(|(_, value)| first(value)).map(usize::from).sum()
    }

    /// The fields as a map of their own.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        self.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }
}

impl From<Map<String, Value>> for Fields {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl IntoIterator for Fields {
    type Item = (SmolStr, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<(String, Value)> for Fields {
    /// Sets fields of which no two have one name.
    fn extend<T: IntoIterator<Item = (String, Value)>>(&mut self, fields: T) {
        let before = self.0.len();
        for (name, value) in fields {
            match self.0[..before].iter_mut().find(|(own, _)| *own == name) {
                Some((_, own)) => *own = value,
                None => self.0.push((name.into(), value)),
            }
        }
    }
}

impl Stated for Fields {
    fn with_room(count: usize) -> Self {
        Self::with_capacity(count)
    }

    fn state(&mut self, field: &str, value: Value) {
        self.insert(field, value);
    }

    fn state_all(&mut self, fields: Map<String, Value>) {
        self.extend(fields);
    }

    fn each(&mut self, visit: &mut dyn FnMut(&str, &mut Value)) {
        self.0.iter_mut().for_each(|(name, value)| visit(name, value));
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_keep_their_order_and_each_is_there_once() {
        let mut fields = Fields::from(json!({"b": 1, "a": 2}).as_object().cloned().unwrap_or_default());
        fields.insert("b", json!(3));
        fields.insert("a name that is longer than most names are", json!(4));
        fields.extend([("a".to_owned(), json!(5)), ("c".to_owned(), json!(6))]);
        assert_eq!((fields.remove("b"), fields.remove("none")), (Some(json!(3)), None));
        assert_eq!(fields.names().collect::<Vec<_>>(), ["a", "a name that is longer than most names are", "c"]);
        assert_eq!(Value::Object(fields.to_map()), json!({"a": 5, "a name that is longer than most names are": 4, "c": 6}));
        fields.retain(|name| name != "a");
        *fields.place("d") = json!(7);
        assert_eq!((fields.has("a"), fields.get("c"), fields.get("d")), (false, Some(&json!(6)), Some(&json!(7))));
    }

    #[test]
    fn every_text_counts_and_nothing_else_does() {
        let fields = |value: Value| Fields::from(value.as_object().cloned().unwrap_or_default());
        assert_eq!(fields(json!({"a": "bc", "d": 5, "e": "", "f": "g"})).weight(), usize::from(b'b') + usize::from(b'g'));
        assert_eq!(fields(json!({"d": [5], "e": null})).weight(), 0);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let fields = Fields::from(Map::from_iter([("value".to_owned(), Value::from("hush"))]));
        assert_eq!(format!("{fields:?}"), r#"["value"]"#);
    }
}
