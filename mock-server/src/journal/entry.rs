//! One entry of the journal.

use serde::Serialize;
use specs::claims::Situation;

/// A request that the server has answered, as far as it may be told: names, sizes and outcomes, never a value, a body or a credential.
///
/// What a client may have put in the wrong place is shown as `***`: of the path and the query, only what the document itself says and what
/// the sandbox knows as a name is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// Its number among the requests of its sandbox and API, from 1.
    pub sequence: u64,
    /// When it was answered, by the sandbox's clock (RFC 3339).
    pub time: String,
    /// The name of the API that it was for.
    pub api: String,
    /// The sandbox that it was for; empty for the one without a name.
    pub sandbox: String,
    /// The method; `***` if it is none that RFC 9110 or the document knows.
    pub method: String,
    /// The path without the sandbox; `***` stands for what is not known to be a name.
    pub path: String,
    /// The query; `***` stands for names that the document does not have and for values that are not known to be names or choices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Method and path template of the operation that it called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The operation's `operationId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The caller's name in the world.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub situation: Option<Situation>,
    /// The media type of its body, if it is one that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_type: Option<String>,
    /// The length of its body, in bytes.
    pub request_bytes: usize,
    /// The media type of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_type: Option<String>,
    /// The length of the answer's body, in bytes.
    pub response_bytes: usize,
}
