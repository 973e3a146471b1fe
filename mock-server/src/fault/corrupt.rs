//! Faults that spoil an answer after it is made.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use specs::claims::{Situation, Verb};
use specs::contract::{Contract, Endpoint, Resource};
use specs::wire::{Inputs, Intent, Outcome, Records, Response, secrets_in};

use super::Fault;

/// Spoils an answer as a fault says; faults that work elsewhere leave it alone.
pub(crate) fn corrupt(fault: Fault, contract: &Contract, endpoint: &Endpoint, inputs: &Inputs, outcome: &Outcome, response: &mut Response) {
    let resource = contract.resource_of(endpoint);
    let accepted = matches!(outcome, Outcome::Answered(_));
    match fault {
        Fault::LeakInList if endpoint.verb == Verb::List => show_secrets(endpoint, resource, outcome, response),
        Fault::LeakInAnswer if !matches!(endpoint.verb, Verb::List | Verb::Reveal) => show_secrets(endpoint, resource, outcome, response),
        Fault::MaskTellsLength => stretch_masks(endpoint, resource, outcome, response),
        Fault::LeakInError if !accepted => leak_in_error(endpoint, resource, inputs, response),
        Fault::LeakInHeader if accepted => leak_in_header(endpoint, resource, inputs, response),
        Fault::OddStatus if accepted && endpoint.resource.is_some() => response.status = StatusCode::MULTI_STATUS,
        Fault::WrongType if accepted => edit(response, |body| retype(endpoint, body)),
        Fault::WrongMediaType if accepted && !response.body.is_empty() => {
            response.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        }
        Fault::FailOnInvalid if is_internal(outcome) => response.status = StatusCode::INTERNAL_SERVER_ERROR,
        Fault::OddError if !accepted => set(response, &odd_error(contract)),
        _ => {}
    }
}

fn is_internal(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Rejected(rejection) if rejection.situation == Situation::Internal)
}

fn edit(response: &mut Response, change: impl FnOnce(&mut Value)) {
    if let Some(mut body) = response.json() {
        change(&mut body);
        set(response, &body);
    }
}

fn set(response: &mut Response, body: &Value) {
    response.body = Bytes::from(body.to_string());
}

/// The things in an answer's body, each beside the record that it shows.
fn each_shown(endpoint: &Endpoint, outcome: &Outcome, body: &mut Value, visit: impl Fn(&mut Map<String, Value>, &Map<String, Value>)) {
    let (Some(place), Outcome::Answered(answered)) = (&endpoint.answer.place, outcome) else { return };
    let Some(shown) = body.pointer_mut(place.pointer.as_str()) else { return };
    let records = match &answered.records {
        Records::None => return,
        Records::One(record) => std::slice::from_ref(record),
        Records::Many(records) => records,
    };
    match shown {
        Value::Object(one) => records.iter().for_each(|record| visit(one, record)),
        Value::Array(items) => items.iter_mut().zip(records).for_each(|(item, record)| {
            if let Value::Object(item) = item {
                visit(item, record);
            }
        }),
        _ => {}
    }
}

fn show_secrets(endpoint: &Endpoint, resource: Option<&Resource>, outcome: &Outcome, response: &mut Response) {
    let Some(resource) = resource else { return };
    edit(response, |body| {
        each_shown(endpoint, outcome, body, |shown, record| {
            for path in resource.secret() {
                if let Some(value) = record.get(path.field()) {
                    shown.insert(path.field().to_owned(), value.clone());
                }
            }
        });
    });
}

fn stretch_masks(endpoint: &Endpoint, resource: Option<&Resource>, outcome: &Outcome, response: &mut Response) {
    let Some(resource) = resource else { return };
    edit(response, |body| {
        each_shown(endpoint, outcome, body, |shown, record| {
            for path in resource.secret() {
                let masked = shown.get(path.field()).and_then(Value::as_str) == Some(resource.mask());
                if let Some(secret) = secrets_in(record, resource).first().filter(|_| masked) {
                    shown.insert(path.field().to_owned(), "*".repeat(secret.chars().count()).into());
                }
            }
        });
    });
}

/// The secret that a request carries.
fn sent(endpoint: &Endpoint, resource: Option<&Resource>, inputs: &Inputs) -> Option<String> {
    let intent = Intent::read(endpoint, inputs);
    secrets_in(&intent.fields, resource?).first().map(|secret| (*secret).to_owned())
}

fn leak_in_error(endpoint: &Endpoint, resource: Option<&Resource>, inputs: &Inputs, response: &mut Response) {
    let Some(secret) = sent(endpoint, resource, inputs) else { return };
    edit(response, |body| append(body, &format!(" (got {secret})")));
}

/// Appends to the longest text in a body, wherever it is: that is the message.
fn append(body: &mut Value, addition: &str) {
    match body {
        Value::String(text) => text.push_str(addition),
        Value::Object(members) => {
            let longest = members.iter().max_by_key(|(_, value)| longest_text(value)).map(|(name, _)| name.clone());
            if let Some(member) = longest.and_then(|name| members.get_mut(&name)) {
                append(member, addition);
            }
        }
        _ => {}
    }
}

fn longest_text(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Object(members) => members.values().map(longest_text).max().unwrap_or(0),
        _ => 0,
    }
}

fn leak_in_header(endpoint: &Endpoint, resource: Option<&Resource>, inputs: &Inputs, response: &mut Response) {
    let encoded = sent(endpoint, resource, inputs).map(|secret| BASE64_STANDARD.encode(secret));
    if let Some(value) = encoded.and_then(|text| HeaderValue::from_str(&text).ok()) {
        response.headers.insert("x-debug", value);
    }
}

/// Every text becomes a list: of the thing's own members where there is one, else of the whole body.
fn retype(endpoint: &Endpoint, body: &mut Value) {
    let place = endpoint.answer.place.as_ref().map(|place| place.pointer.as_str().to_owned());
    let target = match place {
        Some(pointer) => body.pointer_mut(&pointer),
        None => Some(body),
    };
    match target {
        Some(Value::Array(items)) => items.iter_mut().for_each(retype_members),
        Some(target) => retype_members(target),
        None => {}
    }
}

fn retype_members(value: &mut Value) {
    match value {
        Value::Object(members) if members.is_empty() => *value = json!([1]),
        Value::Object(members) => members.values_mut().for_each(|member| *member = json!([1])),
        other => *other = json!({"odd": [1]}),
    }
}

/// A refusal that keeps to its place, if the API has one, and to nothing else.
fn odd_error(contract: &Contract) -> Value {
    match contract.wire().rejection.as_ref().map(|claim| claim.value.last().into_owned()) {
        Some(member) => json!({member: [1]}),
        None => json!([{"odd": true}]),
    }
}
