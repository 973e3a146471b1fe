//! Faults that spoil an answer after it is made.

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use specs::claims::{Situation, Verb};
use specs::contract::{Contract, Endpoint, Resource, SchemaNode};
use specs::wire::{Inputs, Outcome, Response};

use super::Fault;
use super::leak::{each_shown, edit, leak, set};

/// Spoils an answer as a fault says; faults that work elsewhere leave it alone.
pub(crate) fn corrupt(fault: Fault, contract: &Contract, endpoint: &Endpoint, inputs: &Inputs, outcome: &Outcome, response: &mut Response) {
    leak(fault, contract, endpoint, inputs, outcome, response);
    match outcome {
        Outcome::Answered(_) => corrupt_success(fault, contract, endpoint, outcome, response),
        Outcome::Rejected(rejection) => corrupt_refusal(fault, contract, rejection.situation, response),
    }
}

fn corrupt_success(fault: Fault, contract: &Contract, endpoint: &Endpoint, outcome: &Outcome, response: &mut Response) {
    let resource = contract.resource_of(endpoint);
    match fault {
        Fault::OddStatus if resource.is_some() => response.status = StatusCode::MULTI_STATUS,
        Fault::WrongType => edit(response, |body| retype(endpoint, body)),
        Fault::OmitRequired => omit_required(endpoint, response),
        Fault::WrongFormat => reword_times(endpoint, resource, outcome, response),
        Fault::UnstableIds if endpoint.verb == Verb::List => renumber(endpoint, resource, outcome, response),
        Fault::WrongMediaType if !response.body.is_empty() => set_media_type(response, "text/plain"),
        _ => {}
    }
}

/// Spoils a refusal; it may come before anything is known of what it is about.
pub(crate) fn corrupt_refusal(fault: Fault, contract: &Contract, situation: Situation, response: &mut Response) {
    match fault {
        Fault::FailOnInvalid if situation == Situation::Internal => response.status = StatusCode::INTERNAL_SERVER_ERROR,
        Fault::OddError => set(response, &odd_error(contract)),
        Fault::OddRefusal => response.status = StatusCode::IM_A_TEAPOT,
        Fault::WrongRefusal if situation == Situation::NotFound => response.status = StatusCode::CONFLICT,
        Fault::NoAllow => drop(response.headers.remove("allow")),
        Fault::NoChallenge => drop(response.headers.remove("www-authenticate")),
        Fault::ErrorAsHtml => {
            set_media_type(response, "text/html");
            response.body = Bytes::from_static(b"<h1>No</h1>");
        }
        _ => {}
    }
}

fn set_media_type(response: &mut Response, name: &'static str) {
    response.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(name));
}

fn omit_required(endpoint: &Endpoint, response: &mut Response) {
    let stated = response.header("content-type").unwrap_or_default().to_owned();
    let media = endpoint.operation.response(response.status.as_u16()).and_then(|documented| documented.media(&stated));
    let Some(schema) = media.and_then(|media| media.schema.as_ref()) else { return };
    edit(response, |body| {
        let _ = drop_required(schema.node(), body);
    });
}

/// Drops the first required member of the innermost object that requires one.
fn drop_required(node: SchemaNode<'_>, body: &mut Value) -> bool {
    match body {
        Value::Array(items) => {
            node.items().is_some_and(|inner| items.iter_mut().filter_map(|item| drop_required(inner, item).then_some(())).count() > 0)
        }
        Value::Object(members) => {
            let deeper = members.iter_mut().any(|(name, value)| node.property(name).is_some_and(|inner| drop_required(inner, value)));
            deeper || node.required().first().is_some_and(|name| members.shift_remove(*name).is_some())
        }
        _ => false,
    }
}

fn reword_times(endpoint: &Endpoint, resource: Option<&Resource>, outcome: &Outcome, response: &mut Response) {
    let Some((Some(created), _)) = resource.map(Resource::time_fields) else { return };
    edit(response, |body| {
        each_shown(endpoint, outcome, body, |shown, _| {
            if let Some(time) = shown.get_mut(created) {
                *time = "some time ago".into();
            }
        });
    });
}

/// Another id for everything that is listed, of the same form.
fn renumber(endpoint: &Endpoint, resource: Option<&Resource>, outcome: &Outcome, response: &mut Response) {
    let Some(id) = resource.and_then(|resource| resource.issued_id()) else { return };
    edit(response, |body| {
        each_shown(endpoint, outcome, body, |shown, _| {
            if let Some(own) = shown.get_mut(id) {
                *own = match &*own {
                    Value::Number(number) => (number.as_u64().unwrap_or(0) + 1_000_000).into(),
                    Value::String(text) => text.chars().rev().collect::<String>().into(),
                    other => other.clone(),
                };
            }
        });
    });
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
