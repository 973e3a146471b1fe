//! The document itself: a value, its marks, its version.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::{DocumentError, DocumentErrorKind};
use super::marks::{Marks, Place};
use super::pointer::Pointer;
use super::unsupported::Warning;
use super::{bundle, json, references, yaml};

/// The minor versions of OpenAPI that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// OpenAPI 3.0.x: schemas are an extended subset of an early JSON Schema draft.
    V3_0,
    /// OpenAPI 3.1.x: schemas are JSON Schema 2020-12.
    V3_1,
}

/// A YAML or JSON file, read but not yet understood.
#[derive(Clone, Debug)]
pub struct Document {
    /// The content.
    pub value: Value,
    pub(crate) marks: Marks,
    /// How many nodes may be copied in it.
    pub(super) copies: usize,
    /// What overlays have told when they were applied.
    pub(crate) told: Vec<Warning>,
    /// SHA-256 of the text, and of the other files' texts where there are any, in hexadecimal.
    pub sha256: String,
}

impl Document {
    /// Reads text as YAML or JSON. `file` is the name that errors show.
    pub fn parse(file: &str, text: &str) -> Result<Self, DocumentError> {
        let file = Arc::from(file);
        let parse = if text.trim_start().starts_with('{') { json::parse } else { yaml::parse };
        let (value, marks) = parse(&file, text)?;
        let mut document = Self { value, marks, sha256: digest(text), copies: references::copies(text), told: Vec::new() };
        references::inline_path_items(&mut document)?;
        Ok(document)
    }

    /// Brings what this document refers to in other files into it. `path` is the document's own file: what it refers to stands below the
    /// folder of that file, and nothing is fetched from the network.
    pub fn bundle(mut self, path: &Path) -> Result<Self, DocumentError> {
        bundle::bundle(&mut self, path)?;
        references::inline_path_items(&mut self)?;
        Ok(self)
    }

    /// The OpenAPI version that the document states (OpenAPI 3.1, section 4.8.1).
    pub fn version(&self) -> Result<Version, DocumentError> {
        let fail = |pointer: Pointer, message: String| Err(self.error(&pointer, DocumentErrorKind::Version(message)));
        let stated = Pointer::root().member("openapi");
        match self.value.get("openapi") {
            Some(Value::String(text)) if text.starts_with("3.0.") => Ok(Version::V3_0),
            Some(Value::String(text)) if text.starts_with("3.1.") => Ok(Version::V3_1),
            Some(other) => fail(stated, format!("OpenAPI {other} is not understood; expected \"3.0.x\" or \"3.1.x\"")),
            None if self.value.get("swagger").is_some() => fail(
                Pointer::root().member("swagger"),
                "Swagger 2.0 is not understood; convert it to OpenAPI 3 first, for instance with `npx swagger2openapi FILE`".to_owned(),
            ),
            None => fail(Pointer::root(), "not an OpenAPI document; expected a member `openapi: 3.0.x` or `openapi: 3.1.x`".to_owned()),
        }
    }

    /// The place of a node in its file.
    #[must_use]
    pub fn place(&self, pointer: &Pointer) -> Place {
        self.marks.place(&self.value, pointer)
    }

    pub(crate) fn error(&self, pointer: &Pointer, kind: DocumentErrorKind) -> DocumentError {
        DocumentError { place: self.place(pointer), kind: Box::new(kind) }
    }
}

pub(super) fn digest(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a String cannot fail");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version_of(text: &str) -> Result<Version, String> {
        let document = Document::parse("api.yaml", text).map_err(|error| error.to_string())?;
        document.version().map_err(|error| error.to_string())
    }

    #[test]
    fn only_3_0_and_3_1_are_understood() {
        assert_eq!(version_of("openapi: 3.0.3"), Ok(Version::V3_0));
        assert_eq!(version_of("{\"openapi\": \"3.1.0\"}"), Ok(Version::V3_1));
        for (text, expected) in [
            ("openapi: 3.2.0", "api.yaml:1:1 at /openapi: OpenAPI \"3.2.0\" is not understood"),
            ("openapi: 3.1", "api.yaml:1:1 at /openapi: OpenAPI 3.1 is not understood"),
            ("swagger: '2.0'", "api.yaml:1:1 at /swagger: Swagger 2.0 is not understood; convert"),
            ("hello: world", "api.yaml:1:1: not an OpenAPI document"),
        ] {
            let error = version_of(text).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
