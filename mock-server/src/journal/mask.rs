//! What of a request may be shown: what the document says, and what the sandbox knows as a name.
//!
//! A client that is mistaken can put a secret anywhere: into a path, a query, the name of a parameter, a media type, a method. So nothing is
//! shown because it stands in a harmless place; it is shown because it is known to be harmless.

use std::borrow::Cow;

use ahash::HashSet;
use http::Method;
use specs::claims::Binding;
use specs::contract::{Contract, Endpoint, Input, Location, Parameter, SchemeKind, Segment};
use specs::wire::{Request, Response, pairs};

use super::Seen;
use super::written::Written;
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
    /// The inputs that hold what must not leak, by the operation's place in the contract.
    hidden: Vec<HashSet<String>>,
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
            hidden: contract.endpoints.iter().map(|endpoint| hidden(contract, endpoint)).collect(),
        }
    }

    /// A request and its answer as the journal shows them; `now` is the moment by the sandbox's clock.
    pub(crate) fn entry(
        &self,
        contract: &Contract,
        store: &Store,
        now: i64,
        seen: Seen<'_>,
        request: &Request,
        response: &Response,
    ) -> Written {
        let endpoint = seen.endpoint.map(|index| &contract.endpoints[index]);
        let hidden = seen.endpoint.map(|index| &self.hidden[index]);
        let is_hidden = |name: &str| hidden.is_some_and(|hidden| hidden.contains(name));
        Written {
            sequence: 0,
            time: now,
            method: may_tell(contract, &request.method).then(|| request.method.clone()),
            path: self.path(store, is_hidden, &seen, &request.path),
            query: request.query.as_ref().map(|query| self.query(store, endpoint, is_hidden, query).into()),
            endpoint: seen.endpoint,
            status: response.status.as_u16(),
            caller: seen.caller,
            situation: seen.situation,
            request_type: request
                .headers
                .contains_key(http::header::CONTENT_TYPE)
                .then(|| media_type(endpoint, request.content_type().unwrap_or_default())),
            request_bytes: request.body.len(),
            response_type: response.headers.get(http::header::CONTENT_TYPE).cloned(),
            response_bytes: response.body.len(),
        }
    }

    fn path(&self, store: &Store, is_hidden: impl Fn(&str) -> bool, seen: &Seen<'_>, path: &str) -> Box<str> {
        let secret = |segment: &str| seen.path.iter().any(|(name, raw)| *raw == segment && is_hidden(name));
        let shown = |segment: &str| self.literals.contains(segment) || !secret(segment) && store.knows(&decoded(segment));
        let shown = |segment: &str| segment.is_empty() || shown(segment);
        if segments(path).all(shown) {
            return path.into();
        }
        path.split('/').map(|segment| if shown(segment) { segment } else { MASKED }).collect::<Vec<_>>().join("/").into()
    }

    fn query(&self, store: &Store, endpoint: Option<&Endpoint>, is_hidden: impl Fn(&str) -> bool, query: &str) -> String {
        let show = |pair: &str| {
            let (raw_name, raw_value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = pairs(pair).into_iter().next().unwrap_or_default();
            let parameter = endpoint.and_then(|endpoint| endpoint.operation.parameter(Location::Query, &name));
            let command = self.command.as_ref() == Some(&name);
            let named = command || parameter.is_some() || self.credentials.contains(&name);
            let harmless = !is_hidden(&name) && !self.credentials.contains(&name);
            let known = command && self.literals.contains(&value)
                || harmless && parameter.is_some_and(|parameter| store.knows(&value) || is_choice(parameter, &value));
            format!("{}={}", if named { raw_name } else { MASKED }, if known || value.is_empty() { raw_value } else { MASKED })
        };
        query.split('&').map(show).collect::<Vec<_>>().join("&")
    }
}

/// The inputs of an operation that hold what must not leak.
fn hidden(contract: &Contract, endpoint: &Endpoint) -> HashSet<String> {
    let Some(resource) = contract.resource_of(endpoint) else { return HashSet::default() };
    let secret = |binding: &Binding| match binding {
        Binding::Field(field) | Binding::Contains(field) | Binding::Item(field) => {
            resource.secret().iter().any(|path| path.field() == field)
        }
        _ => false,
    };
    endpoint.bound(move |binding| secret(binding).then_some(())).map(|(input, ())| Input::name(input).to_owned()).collect()
}

/// What stands between the slashes of a path.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let mut left = Some(path);
    std::iter::from_fn(move || {
        let path = left?;
        let end = path.bytes().position(|byte| byte == b'/');
        left = end.map(|end| &path[end + 1..]);
        Some(&path[..end.unwrap_or(path.len())])
    })
}

/// A segment as the text that it stands for.
fn decoded(segment: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy()
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

/// Whether a method is none of the client's own.
fn may_tell(contract: &Contract, method: &Method) -> bool {
    let claimed =
        |endpoint: &Endpoint| endpoint.promises.reached_by.iter().flat_map(|claim| &claim.value).any(|way| way.method == method.as_str());
    let documented = || contract.endpoints.iter().any(|endpoint| endpoint.operation.method == *method || claimed(endpoint));
    METHODS.contains(method) || documented()
}

fn media_type(endpoint: Option<&Endpoint>, stated: &str) -> Cow<'static, str> {
    let bare = specs::contract::bare(stated);
    if let Some(known) = MEDIA_TYPES.iter().find(|known| known.eq_ignore_ascii_case(bare)) {
        return Cow::Borrowed(known);
    }
    let essence = specs::contract::essence(stated);
    let body = endpoint.and_then(|endpoint| endpoint.operation.body.as_ref());
    let documented = || body.is_some_and(|body| body.content.iter().any(|media| specs::contract::essence(&media.name) == essence));
    if documented() { Cow::Owned(essence) } else { Cow::Borrowed(MASKED) }
}
