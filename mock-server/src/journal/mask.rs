//! What of a request may be shown: what the document says, and what the sandbox knows as a name.
//!
//! A client that is mistaken can put a secret anywhere: into a path, a query, the name of a parameter, a media type, a method. So nothing is
//! shown because it stands in a harmless place; it is shown because it is known to be harmless.

use std::collections::HashSet;

use http::Method;
use specs::claims::Binding;
use specs::contract::{Contract, Endpoint, Input, Location, Parameter, SchemeKind, Segment};
use specs::wire::{Request, Response, pairs};

use super::{ReceivedRequest, Seen};
use crate::clock::written;
use crate::store::Store;

/// What stands for everything that is not shown.
pub(crate) const MASKED: &str = "***";

/// Media types that a request may have without the document knowing them.
const MEDIA_TYPES: [&str; 6] = [
    "application/json",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data",
    "text/plain",
];

/// Methods that are no client's invention (RFC 9110, section 9; RFC 5789).
const METHODS: [Method; 9] =
    [Method::CONNECT, Method::DELETE, Method::GET, Method::HEAD, Method::OPTIONS, Method::PATCH, Method::POST, Method::PUT, Method::TRACE];

/// The longest number that is shown where the document wants one, in digits: a count or a page, not a code.
const LONGEST_NUMBER: usize = 6;

/// What the document of one API says.
#[derive(Debug)]
pub(crate) struct Mask {
    /// The fixed segments of its paths.
    literals: HashSet<String>,
    /// The parameter that calls an operation by its name.
    command: Option<String>,
    /// The parameters that hold credentials.
    credentials: HashSet<String>,
}

impl Mask {
    pub(crate) fn new(contract: &Contract) -> Self {
        let segments = contract.endpoints.iter().flat_map(|endpoint| endpoint.operation.template.segments());
        let literals = segments.filter_map(|segment| if let Segment::Literal(text) = segment { Some(text.clone()) } else { None });
        let command = contract.wire().command.as_ref().map(|claim| &claim.value);
        let paths = contract.bases.iter().map(String::as_str).chain(command.map(|command| command.path.as_str()));
        let key = |kind: &SchemeKind| if let SchemeKind::ApiKey(Location::Query, name) = kind { Some(name.clone()) } else { None };
        Self {
            literals: literals.chain(paths.flat_map(|path| path.split('/')).map(str::to_owned)).collect(),
            command: command.map(|command| command.parameter.clone()),
            credentials: contract.schemes.iter().filter_map(|scheme| key(&scheme.kind)).collect(),
        }
    }

    /// A request and its answer as the journal shows them; `now` is the moment by the sandbox's clock.
    pub(crate) fn entry(
        &self,
        contract: &Contract,
        store: &Store,
        now: i64,
        seen: &Seen,
        request: &Request,
        response: &Response,
    ) -> ReceivedRequest {
        let endpoint = seen.endpoint.map(|index| &contract.endpoints[index]);
        let hidden = endpoint.map(|endpoint| hidden(contract, endpoint)).unwrap_or_default();
        ReceivedRequest {
            sequence: 0,
            time: written(now, specs::claims::TimeFormat::Rfc3339(3)),
            api: contract.name.clone(),
            sandbox: String::new(),
            method: method(contract, &request.method),
            path: self.path(store, &hidden, seen, &request.path),
            query: request.query.as_ref().map(|query| self.query(store, endpoint, &hidden, query)),
            operation: endpoint.map(Endpoint::name),
            operation_id: endpoint.and_then(|endpoint| endpoint.operation.id.clone()),
            status: response.status.as_u16(),
            caller: seen.caller.clone(),
            situation: seen.situation,
            request_type: request.headers.contains_key(http::header::CONTENT_TYPE).then(|| media_type(endpoint, &request.media_type())),
            request_bytes: request.body.len(),
            response_type: response.header("content-type").map(specs::contract::essence),
            response_bytes: response.body.len(),
        }
    }

    fn path(&self, store: &Store, hidden: &HashSet<&str>, seen: &Seen, path: &str) -> String {
        let secret = |segment: &str| seen.path.iter().any(|(name, raw)| hidden.contains(name.as_str()) && raw == segment);
        let shown = |segment: &str| self.literals.contains(segment) || !secret(segment) && store.knows(&decoded(segment));
        path.split('/').map(|segment| if segment.is_empty() || shown(segment) { segment } else { MASKED }).collect::<Vec<_>>().join("/")
    }

    fn query(&self, store: &Store, endpoint: Option<&Endpoint>, hidden: &HashSet<&str>, query: &str) -> String {
        let show = |pair: &str| {
            let (raw_name, raw_value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = pairs(pair).into_iter().next().unwrap_or_default();
            let parameter = endpoint.and_then(|endpoint| endpoint.operation.parameter(Location::Query, &name));
            let command = self.command.as_ref() == Some(&name);
            let named = command || parameter.is_some() || self.credentials.contains(&name);
            let harmless = !hidden.contains(name.as_str()) && !self.credentials.contains(&name);
            let known = command && self.literals.contains(&value)
                || harmless && parameter.is_some_and(|parameter| store.knows(&value) || is_choice(parameter, &value));
            format!("{}={}", if named { raw_name } else { MASKED }, if known || value.is_empty() { raw_value } else { MASKED })
        };
        query.split('&').map(show).collect::<Vec<_>>().join("&")
    }
}

/// The inputs of an operation that hold what must not leak.
fn hidden<'e>(contract: &'e Contract, endpoint: &'e Endpoint) -> HashSet<&'e str> {
    let Some(resource) = contract.resource_of(endpoint) else { return HashSet::new() };
    let secret = |binding: &Binding| match binding {
        Binding::Field(field) | Binding::Contains(field) | Binding::Item(field) => {
            resource.secret().iter().any(|path| path.field() == field)
        }
        _ => false,
    };
    endpoint.bound(move |binding| secret(binding).then_some(())).map(|(input, ())| Input::name(input)).collect()
}

/// A segment as the text that it stands for.
fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// Whether a value is one of those that the document lists for a parameter, or a small number where it wants one.
fn is_choice(parameter: &Parameter, value: &str) -> bool {
    let Some(node) = parameter.schema.as_ref().map(specs::contract::Schema::node) else { return false };
    let listed = node.keyword("enum").and_then(serde_json::Value::as_array);
    if listed.is_some_and(|listed| listed.iter().any(|own| crate::world::text(own) == value)) {
        return true;
    }
    let digits = value.strip_prefix('-').unwrap_or(value);
    let number = !digits.is_empty() && digits.len() <= LONGEST_NUMBER && digits.bytes().all(|byte| byte.is_ascii_digit());
    let types = node.types();
    let only = |kinds: &[&str]| !types.is_empty() && types.iter().all(|own| kinds.contains(own));
    number && only(&["integer", "number", "null"]) || ["true", "false"].contains(&value) && only(&["boolean", "null"])
}

fn method(contract: &Contract, method: &Method) -> String {
    let claimed =
        |endpoint: &Endpoint| endpoint.promises.reached_by.iter().flat_map(|claim| &claim.value).any(|way| way.method == method.as_str());
    let documented = || contract.endpoints.iter().any(|endpoint| endpoint.operation.method == *method || claimed(endpoint));
    if METHODS.contains(method) || documented() { method.to_string() } else { MASKED.to_owned() }
}

fn media_type(endpoint: Option<&Endpoint>, essence: &str) -> String {
    let body = endpoint.and_then(|endpoint| endpoint.operation.body.as_ref());
    let documented = || body.is_some_and(|body| body.content.iter().any(|media| specs::contract::essence(&media.name) == essence));
    if MEDIA_TYPES.contains(&essence) || documented() { essence.to_owned() } else { MASKED.to_owned() }
}
