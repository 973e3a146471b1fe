//! One stored thing. Its debug form names its fields and never shows them.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::sorted::Rank;
use super::version::Version;

/// The fields of a thing, shared by all who look at them until one of them changes something.
#[derive(Clone, Default)]
pub(crate) struct Fields(Arc<Map<String, Value>>);

impl Fields {
    /// The same fields, to be kept by somebody else.
    pub(crate) fn shared(&self) -> Arc<Map<String, Value>> {
        Arc::clone(&self.0)
    }
}

impl From<Map<String, Value>> for Fields {
    fn from(fields: Map<String, Value>) -> Self {
        Self(Arc::new(fields))
    }
}

impl Deref for Fields {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Fields {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

/// A stored thing. To clone it is cheap.
#[derive(Clone)]
pub(crate) struct Thing {
    /// Its identity as text.
    pub(crate) identity: Arc<str>,
    /// Its place in the order of creation.
    pub(crate) sequence: u64,
    /// Its fields as stored, secrets included.
    pub(crate) fields: Fields,
    /// When it was created, in milliseconds since 1970.
    pub(crate) created: i64,
    /// When it was last changed, likewise.
    pub(crate) updated: i64,
    /// Its versions, oldest first, where writes make some; what the latest has of its own stands in `fields` as well.
    pub(crate) versions: Vec<Version>,
    /// The key under which its table has it.
    pub(super) indexed: Option<Arc<str>>,
    /// Where it stands in its table's order, if that is one of a field.
    pub(super) rank: Option<Rank>,
}

impl Thing {
    pub(crate) fn new(identity: &str, fields: impl Into<Fields>, now: i64) -> Self {
        Self {
            identity: identity.into(),
            sequence: 0,
            fields: fields.into(),
            created: now,
            updated: now,
            versions: Vec::new(),
            indexed: None,
            rank: None,
        }
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
