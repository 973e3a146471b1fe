//! An entry as it is kept: only as much as a request's own, in little room; what the document says of it is looked up when it is read.

use std::borrow::Cow;

use http::{HeaderValue, Method};
use smol_str::SmolStr;
use specs::claims::{Situation, TimeFormat};
use specs::contract::{Contract, Endpoint, essence};
use specs::wire::written;

use super::entry::ReceivedRequest;
use super::mask::MASKED;

/// A request that was answered, with nothing in it that may not be told.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(super) sequence: u64,
    /// When it was answered, in milliseconds since 1970.
    pub(super) time: i64,
    /// None where it may not be told.
    pub(super) method: Option<Method>,
    pub(super) path: Box<str>,
    pub(super) query: Option<Box<str>>,
    /// The operation, by its place in the contract.
    pub(super) endpoint: Option<usize>,
    pub(super) status: u16,
    pub(super) caller: Option<SmolStr>,
    pub(super) situation: Option<Situation>,
    pub(super) request_type: Option<Cow<'static, str>>,
    pub(super) request_bytes: usize,
    pub(super) response_type: Option<HeaderValue>,
    pub(super) response_bytes: usize,
}

impl Written {
    /// The entry as it is told.
    pub(crate) fn told(&self, contract: &Contract, sandbox: &str) -> ReceivedRequest {
        let endpoint = self.endpoint.map(|index| &contract.endpoints[index]);
        ReceivedRequest {
            sequence: self.sequence,
            time: written(self.time, TimeFormat::Rfc3339(3)),
            api: contract.name.clone(),
            sandbox: sandbox.to_owned(),
            method: self.method.as_ref().map_or(MASKED, Method::as_str).to_owned(),
            path: self.path.to_string(),
            query: self.query.as_ref().map(ToString::to_string),
            operation: endpoint.map(Endpoint::name),
            operation_id: endpoint.and_then(|endpoint| endpoint.operation.id.clone()),
            status: self.status,
            caller: self.caller.as_ref().map(ToString::to_string),
            situation: self.situation,
            request_type: self.request_type.as_ref().map(ToString::to_string),
            request_bytes: self.request_bytes,
            response_type: self.response_type.as_ref().and_then(|value| value.to_str().ok()).map(essence),
            response_bytes: self.response_bytes,
        }
    }
}
