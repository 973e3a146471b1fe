//! A request into inputs: the mock's half of reading the wire.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::exchange::Request;
use super::form::{body_pairs, pairs};
use super::inputs::{Inputs, Payload};
use super::json;
use super::style::{coerce, decode, decode_query};
use crate::claims::Form;
use crate::contract::{Contract, Endpoint, Location, Media, Parameter, bare, covers, essence, is_json};

/// Why a body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Its media type is not declared.
    #[error("the media type is not supported")]
    UnsupportedMediaType,
    /// It is not of its media type's syntax.
    #[error("the body cannot be read")]
    Malformed,
}

/// Reads a request to an endpoint; `path` are the raw values of the path's parameters, and those that the way gives to others.
pub fn receive(
    contract: &Contract,
    endpoint: &Endpoint,
    request: &Request,
    path: &[(impl AsRef<str>, impl AsRef<str>)],
) -> Result<Inputs, Unreadable> {
    let mut inputs = Inputs::default();
    let mut query = request.query.as_deref().map(pairs).unwrap_or_default();
    let forms = contract.wire().forms.as_ref().map_or(&[][..], |claim| claim.value.as_slice());
    let takes_form = forms.contains(&Form::Urlencoded) || forms.contains(&Form::Multipart);
    if let Some(body) = &endpoint.operation.body {
        inputs.body = read_body(contract, request, &body.content)?;
    } else if takes_form && let Some(form) = body_pairs(request.header("content-type").unwrap_or_default(), &request.body) {
        query.extend(form.map_err(|_| Unreadable::Malformed)?);
    }
    for parameter in &endpoint.operation.parameters {
        if let Some(value) = read_parameter(parameter, request, path, &query) {
            inputs.parameters.insert((parameter.location, parameter.name.clone()), value);
        }
    }
    Ok(inputs)
}

fn read_parameter(
    parameter: &Parameter,
    request: &Request,
    path: &[(impl AsRef<str>, impl AsRef<str>)],
    query: &[(String, String)],
) -> Option<Value> {
    let raw = || path.iter().find(|(name, _)| name.as_ref() == parameter.name).map(|(_, raw)| raw.as_ref());
    match parameter.location {
        Location::Path => Some(decode(parameter, &percent_decode_str(raw()?).decode_utf8_lossy())),
        Location::Query => decode_query(parameter, query).or_else(|| Some(decode(parameter, raw()?))),
        Location::Header if is_governed(&parameter.name) => None,
        Location::Header => Some(decode(parameter, request.header(&parameter.name)?)),
        Location::Cookie => {
            let cookies = request.header("cookie")?.split(';').filter_map(|pair| pair.trim().split_once('='));
            let (_, text) = cookies.into_iter().find(|(name, _)| *name == parameter.name)?;
            Some(decode(parameter, &percent_decode_str(text).decode_utf8_lossy()))
        }
    }
}

/// Header parameters of these names are ignored (OpenAPI 3.1, section 4.8.12.2).
pub(super) fn is_governed(name: &str) -> bool {
    ["accept", "content-type", "authorization"].iter().any(|governed| name.eq_ignore_ascii_case(governed))
}

fn read_body(contract: &Contract, request: &Request, content: &[Media]) -> Result<Option<Payload>, Unreadable> {
    let Some(stated) = request.content_type() else {
        if request.body.is_empty() {
            return Ok(None);
        }
        // Without a media type the recipient may assume one (RFC 9110, section 8.3): the declared one.
        return content.first().map_or(Ok(None), |media| parse(contract, &media.name, media, request).map(Some));
    };
    let bare = bare(stated);
    match content.iter().find(|media| media.name == stated || covers(&media.name, bare)) {
        Some(_) if request.body.is_empty() && is_json(bare) => {
            Ok(contract.wire().empty_body.as_ref().map(|claim| Payload::Json(claim.value.clone())))
        }
        Some(media) => parse(contract, stated, media, request).map(Some),
        None if request.body.is_empty() => Ok(None),
        None if is_text(contract, &essence(stated)) => {
            String::from_utf8(request.body.to_vec()).map(|text| Some(Payload::Json(text.into()))).map_err(|_| Unreadable::Malformed)
        }
        None => Err(Unreadable::UnsupportedMediaType),
    }
}

/// Whether bodies of a media type are read as one text (`text-bodies`).
fn is_text(contract: &Contract, essence: &str) -> bool {
    contract.wire().text_bodies.as_ref().is_some_and(|claim| claim.value.iter().any(|media| media == essence))
}

fn parse(contract: &Contract, stated: &str, media: &Media, request: &Request) -> Result<Payload, Unreadable> {
    if is_json(stated) {
        let reading = contract.wire().json_reading.as_ref().map(|claim| claim.value).unwrap_or_default();
        return json::read(&request.body, reading, media).map(Payload::Json);
    }
    match body_pairs(stated, &request.body) {
        Some(Ok(pairs)) => Ok(Payload::Json(Value::Object(members(pairs, media)))),
        Some(Err(_)) => Err(Unreadable::Malformed),
        None => Ok(Payload::Raw(stated.to_owned(), request.body.clone())),
    }
}

/// The members of a form body, typed by the schema (OpenAPI 3.1, section 4.8.14.4).
fn members(pairs: Vec<(String, String)>, media: &Media) -> Map<String, Value> {
    let node = media.schema.as_ref().map(crate::contract::Schema::node);
    let mut members: Map<String, Value> = Map::new();
    for (name, text) in pairs {
        let member = node.and_then(|node| node.property(&name));
        let items = member.filter(|member| member.types().first() == Some(&"array"));
        if let Some(array) = items {
            let item = coerce(&text, array.items());
            match members.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(items) => items.push(item),
                other => *other = item,
            }
        } else {
            members.insert(name, coerce(&text, member));
        }
    }
    members
}
