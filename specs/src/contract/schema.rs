//! Schemas: compiled once, asked often. Only this module and its neighbours `violation` and `canonical` know the validator behind them.

use std::fmt;
use std::sync::Arc;

use jsonschema::{Draft, Registry, Validator};
use serde_json::Value;

use super::dialect::{View, reference, rewrite};
use super::kinds::Kinds;
use super::node::SchemaNode;
use super::standalone::standalone;
use super::violation::Violation;
use crate::document::{Document, DocumentError, DocumentErrorKind, Pointer, Version};

const BASE: &str = "urn:lockstep:document";

/// A schema of the document, compiled for one direction.
#[derive(Clone)]
pub struct Schema {
    pointer: Pointer,
    root: Arc<Value>,
    validator: Arc<Validator>,
    kinds: Kinds,
}

impl Schema {
    /// Where it stands in the document.
    #[must_use]
    pub const fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// The schema itself, in JSON Schema 2020-12, to be walked.
    #[must_use]
    pub fn node(&self) -> SchemaNode<'_> {
        SchemaNode::at(&self.root, &self.pointer)
    }

    /// The types that it allows.
    pub(crate) const fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// The schema itself as a document of its own, with everything that it refers to.
    #[must_use]
    pub fn standalone(&self) -> Value {
        standalone(&self.root, &self.pointer)
    }

    /// Whether a value is valid.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }

    /// Everything that is wrong with a value, in the order in which the schema states it. No text in it repeats the value: it may
    /// be a secret.
    #[must_use]
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        let mut found: Vec<Violation> = self.validator.iter_errors(value).flat_map(|error| Violation::of(&error, &self.root)).collect();
        found.sort_by_cached_key(|violation| violation.position(self.node()));
        found
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.pointer.as_str()).finish()
    }
}

/// Compiles schemas of one document.
pub(super) struct Schemas<'d> {
    document: &'d Document,
    request: Direction,
    response: Direction,
    faults: Vec<DocumentError>,
}

struct Direction {
    root: Arc<Value>,
    registry: Registry<'static>,
}

impl Direction {
    fn new(document: &Document, version: Version, view: View) -> Result<Self, DocumentError> {
        let root = rewrite(&document.value, version, view);
        let resource = Draft::Draft202012.create_resource(root.clone());
        let prepared = Registry::new().add(BASE, resource).and_then(jsonschema::RegistryBuilder::prepare);
        let registry = prepared.map_err(|error| document.error(&Pointer::root(), DocumentErrorKind::Invalid(error.to_string())))?;
        Ok(Self { root: Arc::new(root), registry })
    }
}

impl<'d> Schemas<'d> {
    pub(super) fn new(document: &'d Document, version: Version) -> Result<Self, DocumentError> {
        let request = Direction::new(document, version, View::Request)?;
        let response = Direction::new(document, version, View::Response)?;
        Ok(Self { document, request, response, faults: Vec::new() })
    }

    /// Compiles the schema at `pointer`; a schema that cannot be compiled is a fault of the document.
    pub(super) fn compile(&mut self, pointer: &Pointer, view: View) -> Option<Schema> {
        let direction = match view {
            View::Request => &self.request,
            View::Response => &self.response,
        };
        let built = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&direction.registry)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .offline()
            .build(&reference(BASE, pointer));
        match built {
            Ok(validator) => {
                let (root, kinds) = (Arc::clone(&direction.root), Kinds::of(SchemaNode::at(&direction.root, pointer)));
                Some(Schema { pointer: pointer.clone(), root, validator: Arc::new(validator), kinds })
            }
            Err(error) => {
                let fault = self.document.error(pointer, DocumentErrorKind::Invalid(error.to_string()));
                if !self.faults.contains(&fault) {
                    self.faults.push(fault);
                }
                None
            }
        }
    }

    pub(super) fn into_faults(self) -> Vec<DocumentError> {
        self.faults
    }
}
