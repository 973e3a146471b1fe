//! One stored thing. Its debug form names its fields and never shows them.

use std::fmt;
use std::sync::Arc;

use specs::wire::Fields;

use super::sorted::Rank;
use super::version::Version;

/// A stored thing. To clone it is cheap.
#[derive(Clone, Default)]
pub(crate) struct Thing {
    /// Its identity as text.
    pub(crate) identity: Arc<str>,
    /// Its place in the order of creation.
    pub(crate) sequence: u64,
    /// Its fields as stored, secrets included, shared by all who look at them until one of them changes something.
    pub(crate) fields: Arc<Fields>,
    /// When it was created, in milliseconds since 1970.
    pub(crate) created: i64,
    /// When it was last changed, likewise.
    pub(crate) updated: i64,
    /// Its versions, oldest first, where writes make some; what the latest has of its own stands in `fields` as well.
    pub(crate) versions: Vec<Version>,
    /// Where its table has it.
    pub(super) place: usize,
    /// The key under which its table has it.
    pub(super) indexed: Option<Arc<str>>,
    /// Where it stands in its table's order, if that is one of a field.
    pub(super) rank: Option<Rank>,
}

impl Thing {
    pub(crate) fn new(identity: &str, fields: impl Into<Fields>, now: i64) -> Self {
        Self { identity: identity.into(), fields: Arc::new(fields.into()), created: now, updated: now, ..Self::default() }
    }

    /// The same thing with other fields.
    pub(crate) fn with(&self, fields: Fields) -> Self {
        Self { fields: Arc::new(fields), ..self.clone() }
    }
}

impl fmt::Debug for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thing")
            .field("identity", &self.identity)
            .field("fields", &self.fields.names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    #[test]
    fn debug_output_shows_no_secret() {
        let fields = Map::from_iter([("value".to_owned(), Value::from("hush"))]);
        assert!(!format!("{:?}", Thing::new("a", fields, 0)).contains("hush"));
    }
}
