//! What is claimed of whole exchanges: refusals, forms, repetition, and the order of steps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How a refusal looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Problem {
    /// The status; chosen among the documented ones if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Values for the body's template, by name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// The body's template, where it differs from the vendor's usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The media type, where it differs from the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Further headers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Other words for some refusals of this kind; the first that fits is used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<ProblemCase>,
    /// What `{details}` says of a broken keyword: members by keyword. `type:boolean` is a `type` that asks for that.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub issues: BTreeMap<String, Map<String, Value>>,
}

/// Words for the refusals of a kind that are about something in particular.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemCase {
    /// What the refusal is about: values by name, `field` and `keyword` and `resource` among them.
    pub when: Map<String, Value>,
    /// Values for the body's template, by name.
    pub set: Map<String, Value>,
}

/// Something that a request names and an operation does not look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blind {
    /// The enclosing thing: what is named is found wherever it is.
    Scope,
    /// Whose it is: things of other callers are as good as one's own.
    Owner,
    /// Whether it was softly deleted: it is about the thing, whatever became of its versions.
    Deletion,
}

/// How JSON is read, where more is let pass than RFC 8259 has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct JsonReading {
    /// The body's members are known in upper and lower case; of two the last counts.
    pub any_case: bool,
    /// Whatever follows the first value is ignored.
    pub trailing: bool,
    /// A member that is null counts as absent, and a body that is null as an empty object.
    pub null_is_absent: bool,
}

/// One of the ways a request's parameters may travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// In the URL's query.
    Query,
    /// In an `application/x-www-form-urlencoded` body.
    Urlencoded,
    /// In a `multipart/form-data` body (RFC 7578).
    Multipart,
}

/// Operations that can also be called by name at one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The path, below the server's base path.
    pub path: String,
    /// The parameter that names the operation: the last segment of its own path.
    pub parameter: String,
}

/// Requests that may be repeated safely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Idempotency {
    /// The request header that names the attempt.
    pub header: String,
    /// The methods to which it applies.
    pub methods: Vec<String>,
    /// The longest key, in characters, without white space around it. An empty one is none.
    pub longest: usize,
    /// The response header, with value `true`, on an answer that is repeated.
    pub replayed: String,
    /// When two bodies are the same.
    #[serde(default)]
    pub compare: Compare,
    /// For how many seconds an answer is kept; for ever if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<u32>,
}

/// When two bodies are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compare {
    /// When their bytes are.
    #[default]
    Bytes,
    /// When they are the same JSON with its members in the same order; white space does not count.
    Json,
}

/// A step in which a request can be refused; a vendor's order decides which refusal wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Who is calling?
    Authenticate,
    /// May the caller do this?
    Authorize,
    /// May the caller see the scope?
    Scope,
    /// Can the body be read?
    Read,
    /// Is the request valid?
    Validate,
    /// Was this very request answered before?
    Idempotency,
}
