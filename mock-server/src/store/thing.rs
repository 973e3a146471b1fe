//! One stored thing. Its debug form names its fields and never shows them.

use std::fmt;

use serde_json::{Map, Value};

use super::version::Version;

/// A stored thing.
#[derive(Clone)]
pub(crate) struct Thing {
    /// Its identity as text.
    pub(crate) identity: String,
    /// Its place in the order of creation.
    pub(crate) sequence: u64,
    /// Its fields as stored, secrets included.
    pub(crate) fields: Map<String, Value>,
    /// When it was created, in milliseconds since 1970.
    pub(crate) created: i64,
    /// When it was last changed, likewise.
    pub(crate) updated: i64,
    /// Its versions, oldest first, where writes make some; what the latest has of its own stands in `fields` as well.
    pub(crate) versions: Vec<Version>,
    /// The key under which its table has it.
    pub(super) indexed: Option<String>,
}

impl Thing {
    pub(crate) fn new(identity: &str, fields: Map<String, Value>, now: i64) -> Self {
        Self { identity: identity.to_owned(), sequence: 0, fields, created: now, updated: now, versions: Vec::new(), indexed: None }
    }
}

impl fmt::Debug for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thing")
            .field("identity", &self.identity)
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_secret() {
        let fields = Map::from_iter([("value".to_owned(), Value::from("hush"))]);
        assert!(!format!("{:?}", Thing::new("a", fields, 0)).contains("hush"));
    }
}
