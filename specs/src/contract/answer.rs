//! How a success of one operation looks.

use http::HeaderValue;
use serde_json::Value;

use super::minimal::minimal;
use super::operation::Operation;
use super::place::place;
use super::resource::Resource;
use super::schema::Schema;
use crate::claims::{FieldPath, OperationPromises, Verb, Visibility};
use crate::document::Pointer;

/// The form of a success.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The media type of its body; without one it has no body.
    pub media_type: Option<String>,
    /// The same as the header has it.
    pub(crate) content_type: Option<HeaderValue>,
    /// The schema of its body.
    pub schema: Option<Schema>,
    /// Where the thing or the list of things stands.
    pub place: Option<AnswerPlace>,
    /// What stands around it: the smallest body that fits the schema.
    pub skeleton: Value,
}

/// Where things stand in a body, and which of their fields are shown there.
#[derive(Clone, Debug, Default)]
pub struct AnswerPlace {
    /// The pointer of the thing, or of the array of things.
    pub pointer: Pointer,
    /// Whether it is an array.
    pub many: bool,
    /// The members that the schema declares, in its order.
    pub members: Vec<Member>,
    /// The fields that are not shown as they are, in the order in which they are hidden.
    pub(crate) veils: Vec<(FieldPath, Visibility)>,
    /// Whether some of those may lie in any member.
    pub(crate) far_veils: bool,
    /// The text that stands for a secret.
    pub(crate) mask: String,
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
    /// Its name as it begins the member in JSON.
    pub(crate) key: Vec<u8>,
    /// What stands there when the thing has no such field, if anything does.
    pub(crate) instead: Option<Value>,
    /// How it, or what is in it, is hidden.
    pub(crate) veils: Vec<(FieldPath, Visibility)>,
}

/// The media types that most answers have. Their header values are nobody's, so that threads that answer at the same time share no count.
const USUAL: [&str; 4] = ["application/json", "application/json; charset=utf-8", "application/problem+json", "text/plain"];

fn header_value(name: &str) -> Option<HeaderValue> {
    let usual = USUAL.iter().find(|usual| **usual == name);
    usual.map_or_else(|| HeaderValue::from_str(name).ok(), |usual| Some(HeaderValue::from_static(usual)))
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
        let media_type = media.map(|media| concrete(&media.name));
        Self {
            status,
            content_type: media_type.as_ref().and_then(|name| header_value(name)),
            media_type,
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
        let member = |(name, node): (&str, _)| Member::new(name, required.contains(name), minimal(node));
        let members = place.node.properties().into_iter().map(member).collect();
        Some(Self { pointer, many: place.many, members, ..Self::default() })
    }

    /// Looks up once what a resource promises of the fields that a verb's answers show here.
    pub(super) fn settle(&mut self, resource: Option<&Resource>, verb: Verb) {
        self.veils = resource.map(|resource| veils(resource, verb)).unwrap_or_default();
        self.far_veils = self.veils.iter().any(|(path, _)| path.field().starts_with('*'));
        resource.map(Resource::mask).unwrap_or_default().clone_into(&mut self.mask);
        for member in &mut self.members {
            let usual = resource.and_then(|resource| resource.fields.get(&member.name)?.default.as_ref()).map(|claim| claim.value.clone());
            member.instead = usual.or_else(|| member.required.then(|| member.fallback.clone()));
            member.veils = self.veils.iter().filter(|(path, _)| path.field() == member.name).cloned().collect();
        }
    }

    /// Whether a field is shown here: it is declared, or nothing is.
    #[must_use]
    pub fn shows(&self, field: &str) -> bool {
        self.members.is_empty() || self.members.iter().any(|member| member.name == field)
    }
}

impl Member {
    fn new(name: &str, required: bool, fallback: Value) -> Self {
        let key = format!("{}:", Value::from(name)).into_bytes();
        Self { name: name.to_owned(), required, fallback, key, instead: None, veils: Vec::new() }
    }
}

/// What of a thing a verb's answers hide: first of what is secret, then of what else is claimed.
fn veils(resource: &Resource, verb: Verb) -> Vec<(FieldPath, Visibility)> {
    let seen = |path: &FieldPath, usual| resource.visibility(path, verb).map_or(usual, |claim| claim.value);
    // Nothing claimed means that nothing is shown: silence must not leak.
    let secret = resource.secret().iter().map(|path| (path.clone(), seen(path, Visibility::Absent)));
    let others = resource.fields.keys().map(|name| FieldPath::from(name.as_str())).filter(|path| !resource.secret().contains(path));
    let others = others.map(|path| {
        let visibility = seen(&path, Visibility::Plain);
        (path, visibility)
    });
    secret.chain(others).filter(|(_, visibility)| *visibility != Visibility::Plain).collect()
}

/// A media type that can be sent: a range is narrowed to JSON.
fn concrete(name: &str) -> String {
    if name.contains('*') { "application/json".to_owned() } else { name.to_owned() }
}
