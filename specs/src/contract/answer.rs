//! How a success of one operation looks.

use serde_json::Value;

use super::minimal::minimal;
use super::operation::Operation;
use super::place::place;
use super::schema::Schema;
use crate::claims::OperationPromises;
use crate::document::Pointer;

/// The form of a success.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The media type of its body; without one it has no body.
    pub media_type: Option<String>,
    /// The schema of its body.
    pub schema: Option<Schema>,
    /// Where the thing or the list of things stands.
    pub place: Option<AnswerPlace>,
    /// What stands around it: the smallest body that fits the schema.
    pub skeleton: Value,
}

/// Where things stand in a body, and which of their fields are shown there.
#[derive(Clone, Debug)]
pub struct AnswerPlace {
    /// The pointer of the thing, or of the array of things.
    pub pointer: Pointer,
    /// Whether it is an array.
    pub many: bool,
    /// The members that the schema declares, in its order.
    pub members: Vec<Member>,
}

/// A declared member of a thing.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// What stands there when the thing has no such field and one is required.
    pub fallback: Value,
}

impl Answer {
    pub(super) fn compile(operation: &Operation, promises: &OperationPromises) -> Self {
        Self::with_status(operation, promises, promises.success.as_ref().map_or(200, |claim| claim.value))
    }

    /// The form of a success with this status.
    pub(super) fn with_status(operation: &Operation, promises: &OperationPromises, status: u16) -> Self {
        let response = operation.response(status);
        let media = response.and_then(|response| response.json().or_else(|| response.content.first()));
        let schema = media.and_then(|media| media.schema.clone());
        let example = media.and_then(|media| media.examples.first().cloned());
        let skeleton = match (&promises.answer, example, &schema) {
            (None, Some(example), _) => example,
            (_, _, Some(schema)) => minimal(schema.node()),
            _ => Value::Null,
        };
        Self {
            status,
            media_type: media.map(|media| concrete(&media.name)),
            place: AnswerPlace::compile(operation, promises),
            skeleton,
            schema,
        }
    }

    /// Whether a success has no body: it may not (RFC 9110, section 15.3.5), or none is documented.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.status == 204 || self.status == 304 || self.media_type.is_none()
    }
}

impl AnswerPlace {
    fn compile(operation: &Operation, promises: &OperationPromises) -> Option<Self> {
        let pointer = promises.answer.as_ref()?.value.clone();
        let place = place(operation, promises)?;
        let required = place.node.required();
        let member = |(name, node): (&str, _)| Member { name: name.to_owned(), required: required.contains(name), fallback: minimal(node) };
        Some(Self { pointer, many: place.many, members: place.node.properties().into_iter().map(member).collect() })
    }

    /// Whether a field is shown here: it is declared, or nothing is.
    #[must_use]
    pub fn shows(&self, field: &str) -> bool {
        self.members.is_empty() || self.members.iter().any(|member| member.name == field)
    }
}

/// A media type that can be sent: a range is narrowed to JSON.
fn concrete(name: &str) -> String {
    if name.contains('*') { "application/json".to_owned() } else { name.to_owned() }
}
