//! What is claimed of whole exchanges: refusals, credentials, forms, repetition, and the order of steps.

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
}

/// What a security scheme's credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// A caller's token, bare.
    Token,
    /// A caller's token behind the word `Bearer`.
    Bearer,
    /// The tenant for which the caller acts.
    Tenant,
}

/// How alternatives are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// One of them is enough (OpenAPI 3.1, section 4.8.2).
    Any,
    /// All are needed.
    All,
}

/// How a thing of somebody else looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForeignLook {
    /// As if it were not there.
    NotFound,
    /// As something that may not be touched.
    Forbidden,
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
    /// The longest key, in characters.
    pub longest: usize,
    /// The response header, with value `true`, on an answer that is repeated.
    pub replayed: String,
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
