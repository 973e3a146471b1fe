//! The faults of a document: what the OpenAPI Specification does not allow, and references that lead nowhere.

use super::{Document, DocumentError, official, references};

impl Document {
    /// Every fault that the OpenAPI Specification sees in this document; none if it is valid.
    #[must_use]
    pub fn faults(&self) -> Vec<DocumentError> {
        let version = match self.version() {
            Ok(version) => version,
            Err(error) => return vec![error],
        };
        let mut faults = official::faults(self, version);
        if faults.is_empty() {
            faults = references::faults(self);
        }
        faults
    }
}
