//! Violations: what is wrong with a value, told without the value.

use std::borrow::Cow;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::node::SchemaNode;
use crate::document::Pointer;

/// One thing that is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where in the value; for a member that is missing, where it should be.
    pub at: Pointer,
    /// The keyword that is broken.
    pub keyword: String,
    /// What the keyword asks for: its own value in the schema.
    pub asked: Option<Value>,
    /// Where in the document that keyword stands.
    pub schema: Pointer,
    /// What is wrong, without the value.
    pub message: String,
}

impl Violation {
    /// What an error of the validator says; each member that may not be there is a violation of its own.
    pub(super) fn of(error: &ValidationError<'_>, root: &Value) -> Vec<Self> {
        let location = error.absolute_keyword_location().map_or("", |uri| uri.as_str());
        let fragment = location.split_once('#').map_or("", |(_, fragment)| fragment);
        let decoded = percent_encoding::percent_decode_str(fragment).decode_utf8().unwrap_or(Cow::Borrowed(fragment));
        let schema = Pointer::parse(&decoded).unwrap_or_default();
        let here = Pointer::parse(error.instance_path().as_str()).unwrap_or_default();
        let places = match error.kind() {
            ValidationErrorKind::Required { property } => vec![here.member(property.as_str().unwrap_or_default())],
            ValidationErrorKind::AdditionalProperties { unexpected } | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                unexpected.iter().map(|name| here.member(name)).collect()
            }
            _ => vec![here],
        };
        let violation = |at| Self {
            at,
            keyword: error.kind().keyword().to_owned(),
            asked: schema.of(root).cloned(),
            schema: schema.clone(),
            message: error.masked_with("the value").to_string(),
        };
        places.into_iter().map(violation).collect()
    }

    /// Its place among the others: by the order of the members that the schema declares, then by the order of its keywords.
    pub(super) fn position(&self, schema: SchemaNode<'_>) -> Vec<usize> {
        let mut position = Vec::new();
        let mut node = Some(schema);
        for token in self.at.tokens() {
            let declared = node.map(SchemaNode::properties).unwrap_or_default();
            let found = declared.iter().position(|(name, _)| **name == *token);
            position.push(found.or_else(|| token.parse().ok()).unwrap_or(usize::MAX));
            node = found.map(|index| declared[index].1).or_else(|| node?.items());
        }
        let mut keywords =
            node.into_iter().flat_map(SchemaNode::layers).filter_map(|layer| layer.value().as_object()).flat_map(|own| own.keys());
        position.push(keywords.position(|keyword| *keyword == self.keyword).unwrap_or(usize::MAX));
        position
    }
}
