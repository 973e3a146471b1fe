//! Patches: bodies that list changes instead of stating fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::Pointer;

/// What a JSON Patch (RFC 6902) may say to an operation, where that differs from the RFC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct JsonPatch {
    /// Lists whose entries are named by a member of theirs as well as by their place; what is added to such a list itself becomes its last entry.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub named: BTreeMap<Pointer, String>,
    /// Whether `/` means the whole thing, as the empty pointer does.
    pub slash_is_whole: bool,
}
