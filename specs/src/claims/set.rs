//! All claims about one API.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::values::{Binding, Problem};
use super::vocabulary::{AccessPromises, FieldPromises, OperationPromises, ResourcePromises, WirePromises};
use super::{Claim, Situation};
use crate::document::Pointer;

/// A method and a path template: how an operation is named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationKey {
    /// The path template as the document has it.
    pub path: String,
    /// The method in upper case.
    pub method: String,
}

impl OperationKey {
    /// From its parts.
    pub fn new(method: impl Into<String>, path: impl Into<String>) -> Self {
        Self { path: path.into(), method: method.into() }
    }

    /// Where the operation stands in the document.
    #[must_use]
    pub fn pointer(&self) -> Pointer {
        Pointer::root().member("paths").member(&self.path).member(&self.method.to_ascii_lowercase())
    }
}

impl fmt::Display for OperationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// All claims about one resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceClaims {
    /// Of the resource itself.
    pub promises: ResourcePromises,
    /// Of its fields, by their path.
    pub fields: BTreeMap<String, FieldPromises>,
}

/// All claims about one operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationClaims {
    /// Of the operation itself.
    pub promises: OperationPromises,
    /// What its parameters and its body's members mean, by name.
    pub parameters: BTreeMap<String, Claim<Binding>>,
    /// How its refusals look, where they differ from the API's.
    pub problems: BTreeMap<Situation, Claim<Problem>>,
}

/// All claims about one API. Those of one operation or resource are large, and a map keeps room for more than it holds: hence the boxes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// By resource.
    pub resources: BTreeMap<String, Box<ResourceClaims>>,
    /// By operation.
    pub operations: BTreeMap<OperationKey, Box<OperationClaims>>,
    /// Of access.
    pub access: AccessPromises,
    /// Of the wire.
    pub wire: WirePromises,
    /// How refusals look.
    pub problems: BTreeMap<Situation, Claim<Problem>>,
    /// Who says what the document's own keywords say, where it is not the vendor's document: by schema and keyword.
    pub keywords: BTreeMap<(Pointer, String), Claim<Value>>,
}
