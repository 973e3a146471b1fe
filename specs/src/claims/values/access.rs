//! What is claimed of credentials and of what they open.

use serde::{Deserialize, Serialize};

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

/// What a token that its caller signs must have to be well-formed (RFC 7519, section 3); the signature itself cannot be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignedToken {
    /// The algorithms with which it may be signed (RFC 7518, section 3.1); any if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<String>,
    /// The members that its header must have: texts that are not empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub header: Vec<String>,
    /// The claims that it must have: texts that are not empty, or numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
}

/// Credentials in parameters: one that says who calls, and one that proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterCredentials {
    /// The parameters that may say who calls, each named as the caller's attribute that it holds.
    pub names: Vec<String>,
    /// The parameters that may hold the caller's token.
    pub secrets: Vec<String>,
}
