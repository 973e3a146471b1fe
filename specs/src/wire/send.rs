//! Inputs into a request: the runner's half of writing the wire.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::exchange::Request;
use super::inputs::{Inputs, Payload};
use super::receive::is_governed;
use super::style::{encode, encode_query, scalar};
use crate::claims::Form;
use crate::contract::{Contract, Endpoint, Location, Parameter, essence, is_json};

/// Everything but the unreserved characters (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A query longer than this travels in a form body, where the API takes one: many servers cut URLs at 8 KiB.
const LONGEST_QUERY: usize = 4096;

/// Writes a request to an endpoint, without credentials.
#[must_use]
pub fn send(contract: &Contract, endpoint: &Endpoint, inputs: &Inputs) -> Request {
    let operation = &endpoint.operation;
    let parameter = |location, name: &str| {
        let parameter = operation.parameter(location, name)?;
        Some((parameter, inputs.parameters.of(location, name)?))
    };
    let path = operation.template.fill(|name| {
        let escape = if operation.template.spans(name) { escape_segments } else { escape };
        let text = parameter(Location::Path, name).map(|(parameter, value)| encode(parameter, value, escape));
        text.unwrap_or_default().into()
    });
    let mut request = Request::new(operation.method.clone(), &path);
    let pairs = query_pairs(endpoint, inputs);
    if !pairs.is_empty() {
        place_pairs(contract, &mut request, &pairs);
    }
    for ((location, name), value) in inputs.parameters.iter() {
        let Some(parameter) = operation.parameter(*location, name) else { continue };
        match location {
            Location::Header if !is_governed(name) => set(&mut request, name, &encode(parameter, value, str::to_owned)),
            Location::Cookie => set(&mut request, "cookie", &format!("{name}={}", encode(parameter, value, escape))),
            _ => {}
        }
    }
    place_body(endpoint, inputs, &mut request);
    request
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Slashes stay, since they separate segments; but at the end they would be the path's.
fn escape_segments(text: &str) -> String {
    let inner = text.trim_end_matches('/');
    inner.split('/').map(escape).collect::<Vec<_>>().join("/") + &escape(&text[inner.len()..])
}

fn query_pairs(endpoint: &Endpoint, inputs: &Inputs) -> Vec<(String, String)> {
    let own = |parameter: &&Parameter| parameter.location == Location::Query;
    let parameters = endpoint.operation.parameters.iter().filter(own);
    let value = |parameter: &Parameter| inputs.parameters.of(Location::Query, &parameter.name).cloned();
    parameters
        .filter_map(|parameter| Some((parameter, value(parameter)?)))
        .flat_map(|(parameter, value)| encode_query(parameter, &value))
        .collect()
}

/// Pairs of a query or of a form body.
pub(super) fn urlencoded(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

fn place_pairs(contract: &Contract, request: &mut Request, pairs: &[(String, String)]) {
    let text = urlencoded(pairs);
    let forms = contract.wire().forms.as_ref().map_or(&[][..], |claim| claim.value.as_slice());
    if text.len() > LONGEST_QUERY && forms.contains(&Form::Urlencoded) {
        set(request, "content-type", "application/x-www-form-urlencoded");
        request.body = Bytes::from(text);
    } else {
        request.query = Some(text);
    }
}

fn place_body(endpoint: &Endpoint, inputs: &Inputs, request: &mut Request) {
    let (Some(body), Some(payload)) = (&endpoint.operation.body, &inputs.body) else { return };
    match payload {
        Payload::Raw(media_type, bytes) => {
            set(request, "content-type", media_type);
            request.body = bytes.clone();
        }
        Payload::Json(value) => {
            let media = body.content.iter().find(|media| is_json(&media.name)).or_else(|| body.content.first());
            let form = media.is_some_and(|media| essence(&media.name) == "application/x-www-form-urlencoded");
            let media_type = media.filter(|media| !media.name.contains('*')).map_or("application/json", |media| media.name.as_str());
            set(request, "content-type", media_type);
            request.body = if form { Bytes::from(urlencoded(&form_pairs(value))) } else { Bytes::from(value.to_string()) };
        }
    }
}

fn form_pairs(value: &Value) -> Vec<(String, String)> {
    let members = value.as_object().into_iter().flatten();
    members
        .flat_map(|(name, value)| match value {
            Value::Array(items) => items.iter().map(|item| (name.clone(), scalar(item))).collect(),
            other => vec![(name.clone(), scalar(other))],
        })
        .collect()
}

/// Sets a header; a value that HTTP does not allow is sent percent-encoded, since it could not be sent at all otherwise.
fn set(request: &mut Request, name: &str, value: &str) {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return };
    let value = HeaderValue::from_str(value).or_else(|_| HeaderValue::from_str(&escape(value)));
    if let Ok(value) = value {
        request.headers.insert(name, value);
    }
}
