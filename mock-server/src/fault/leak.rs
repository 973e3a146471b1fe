//! Faults that tell a secret, or something of it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Map, Value};
use specs::claims::{FieldPromises, Source, Verb};
use specs::contract::{Contract, Endpoint, Resource};
use specs::wire::{Inputs, Intent, Outcome, Records, Response, secrets_in};

use super::{Fault, Faults};
use crate::sandbox::State;
use crate::store::{Scope, Thing};

/// Tells a secret as a fault says; faults of another kind leave the answer alone.
pub(super) fn leak(fault: Fault, contract: &Contract, endpoint: &Endpoint, inputs: &Inputs, outcome: &Outcome, response: &mut Response) {
    let resource = contract.resource_of(endpoint);
    let accepted = matches!(outcome, Outcome::Answered(_));
    let single = !matches!(endpoint.verb, Verb::List | Verb::Reveal);
    match fault {
        Fault::LeakInList if endpoint.verb == Verb::List => show_secrets(endpoint, resource, outcome, response),
        Fault::LeakInAnswer if single => show_secrets(endpoint, resource, outcome, response),
        Fault::LeakInHex if single => add_told(endpoint, resource, outcome, response, hex),
        Fault::LeakTail if single => add_told(endpoint, resource, outcome, response, tail),
        Fault::MaskTellsLength => remask(endpoint, resource, outcome, response, |secret| "*".repeat(secret.chars().count())),
        Fault::MaskShowsEnds => remask(endpoint, resource, outcome, response, ends),
        Fault::WrongLength => lengthen(endpoint, resource, outcome, response),
        Fault::LeakInError if !accepted => leak_in_error(endpoint, resource, inputs, response),
        Fault::LeakSoftDeleted => leak_in_tombstone(resource, outcome, response),
        Fault::LeakInHeader if accepted => leak_in_header(endpoint, resource, inputs, response),
        _ => {}
    }
}

pub(super) fn edit(response: &mut Response, change: impl FnOnce(&mut Value)) {
    if let Some(mut body) = response.json() {
        change(&mut body);
        set(response, &body);
    }
}

pub(super) fn set(response: &mut Response, body: &Value) {
    response.body = Bytes::from(body.to_string());
}

/// The things in an answer's body, each beside the record that it shows.
pub(super) fn each_shown(
    endpoint: &Endpoint,
    outcome: &Outcome,
    body: &mut Value,
    visit: impl Fn(&mut Map<String, Value>, &Map<String, Value>),
) {
    let (Some(place), Outcome::Answered(answered)) = (&endpoint.answer.place, outcome) else { return };
    let Some(shown) = body.pointer_mut(place.pointer.as_str()) else { return };
    let records = match &answered.records {
        Records::None => return,
        Records::One(record) => std::slice::from_ref(record),
        Records::Many(records) => records,
    };
    match shown {
        Value::Object(one) => records.iter().for_each(|record| visit(one, &record.whole())),
        Value::Array(items) => items.iter_mut().zip(records).for_each(|(item, record)| {
            if let Value::Object(item) = item {
                visit(item, &record.whole());
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

/// Another mask for every secret that is masked.
fn remask(endpoint: &Endpoint, resource: Option<&Resource>, outcome: &Outcome, response: &mut Response, mask: impl Fn(&str) -> String) {
    let Some(resource) = resource else { return };
    edit(response, |body| {
        each_shown(endpoint, outcome, body, |shown, record| {
            for path in resource.secret() {
                let masked = shown.get(path.field()).and_then(Value::as_str) == Some(resource.mask());
                if let Some(secret) = secrets_in(record, resource).first().filter(|_| masked) {
                    shown.insert(path.field().to_owned(), mask(secret).into());
                }
            }
        });
    });
}

/// The first and the last two characters of a secret, with stars between them.
fn ends(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().collect();
    let first: String = characters.iter().take(2).collect();
    let last: String = characters.iter().skip(characters.len().saturating_sub(2)).collect();
    format!("{first}****{last}")
}

/// Something of each secret that an answer is about, in a member that nobody documents.
fn add_told(endpoint: &Endpoint, resource: Option<&Resource>, outcome: &Outcome, response: &mut Response, told: impl Fn(&str) -> String) {
    let Some(resource) = resource else { return };
    edit(response, |body| {
        each_shown(endpoint, outcome, body, |shown, record| {
            if let Some(secret) = secrets_in(record, resource).first() {
                shown.insert("debug".to_owned(), told(secret).into());
            }
        });
    });
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |told, byte| told + &format!("{byte:02x}"))
}

/// The last eight characters.
fn tail(text: &str) -> String {
    text.chars().skip(text.chars().count().saturating_sub(8)).collect()
}

fn lengthen(endpoint: &Endpoint, resource: Option<&Resource>, outcome: &Outcome, response: &mut Response) {
    let Some(resource) = resource else { return };
    let measures = |field: &FieldPromises| field.source.as_ref().is_some_and(|claim| claim.value == Source::Length);
    let names: Vec<&String> = resource.fields.iter().filter(|(_, field)| measures(field)).map(|(name, _)| name).collect();
    edit(response, |body| {
        each_shown(endpoint, outcome, body, |shown, _| {
            for name in &names {
                if let Some(length) = shown.get(*name).and_then(Value::as_u64) {
                    shown.insert((*name).clone(), (length + 1).into());
                }
            }
        });
    });
}

/// A member that nobody documents, in the first object of a body.
fn add_to_first(body: &mut Value, told: &str) {
    match body {
        Value::Object(members) => drop(members.insert("debug".to_owned(), told.into())),
        Value::Array(items) => items.iter_mut().take(1).for_each(|item| add_to_first(item, told)),
        _ => {}
    }
}

impl Faults {
    /// Whether an answer may tell what is stored elsewhere.
    pub(crate) fn tell_stored(&self) -> bool {
        self.has(Fault::LeakDeleted) || self.has(Fault::LeakElsewhere)
    }
}

/// A create tells what was deleted last, a list what is kept in another scope.
pub(crate) fn leak_stored(
    faults: &Faults,
    contract: &Contract,
    endpoint: &Endpoint,
    scope: Option<&Scope>,
    state: &State,
    response: &mut Response,
) {
    let (Some(resource), Some(scope)) = (contract.resource_of(endpoint), scope) else { return };
    let value = |thing: &Thing| secrets_in(&thing.fields.to_map(), resource).first().map(|secret| (*secret).to_owned());
    let told = match endpoint.verb {
        Verb::Create if faults.has(Fault::LeakDeleted) => state.memory.deleted(&resource.name, scope, |_| true).and_then(value),
        Verb::List if faults.has(Fault::LeakElsewhere) => {
            let elsewhere = state.store.everywhere(&resource.name).filter(|(own, _)| *own != scope);
            elsewhere.filter_map(|(_, thing)| value(thing)).last()
        }
        _ => None,
    };
    if let Some(told) = told {
        edit(response, |body| add_to_first(body, &told));
    }
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

/// A refusal to tell a version that is hidden holds what it kept.
fn leak_in_tombstone(resource: Option<&Resource>, outcome: &Outcome, response: &mut Response) {
    let (Some(resource), Outcome::Rejected(rejection)) = (resource, outcome) else { return };
    if let Some(secret) = secrets_in(&rejection.values, resource).first() {
        edit(response, |body| add_to_first(body, secret));
    }
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
