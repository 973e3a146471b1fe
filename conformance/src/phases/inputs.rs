//! Variants of a request: each input at its bounds, just past them, of a wrong type, missing.

use bytes::Bytes;
use serde_json::Value;
use specs::claims::{Binding, Situation};
use specs::contract::{Endpoint, Input, Location, Parameter, is_json};
use specs::wire::{Inputs, Intent, Payload, validate};

use crate::case::{Broken, Case, Validity};
use crate::generate::{Generator, Variant, variants};

/// Every variant of a valid case, in a fixed order. None of the valid ones touches what names things: those would be other things.
pub(super) fn all(endpoint: &Endpoint, base: &Case, generator: &mut Generator) -> Vec<Case> {
    let mut cases = Vec::new();
    for parameter in &endpoint.operation.parameters {
        parameter_variants(endpoint, base, parameter, generator, &mut cases);
    }
    body_variants(endpoint, base, generator, &mut cases);
    alternatives(endpoint, base, &mut cases);
    raw_bodies(endpoint, base, &mut cases);
    cases
}

fn parameter_variants(endpoint: &Endpoint, base: &Case, parameter: &Parameter, generator: &mut Generator, cases: &mut Vec<Case>) {
    let place = format!("{} parameter {}", parameter.location.name(), parameter.name);
    let governed = parameter.location == Location::Header && parameter.name.eq_ignore_ascii_case("authorization");
    let Some(schema) = parameter.schema.as_ref().filter(|_| !governed) else { return };
    let key = (parameter.location, parameter.name.clone());
    let given = base.inputs.parameters.get(&key).cloned();
    if parameter.required && parameter.location != Location::Path {
        let mut inputs = base.inputs.clone();
        inputs.parameters.remove(&key);
        cases.push(broken(endpoint, base, inputs, &place, "required", "missing"));
    }
    let Some(value) = given.clone().or_else(|| generator.full(schema)) else { return };
    let naming = names_things(endpoint, &Input::Parameter(parameter.location, parameter.name.clone()));
    let grouped = endpoint.alternatives().iter().any(|group| group.contains(&parameter.name));
    if given.is_none() && grouped {
        return;
    }
    if given.is_none() && !naming && !turns_pages(endpoint, &parameter.name) {
        let inputs = with(&base.inputs, &key, value.clone());
        cases.extend(valid(endpoint, base, inputs, &format!("{place}: given")));
    }
    for variant in variants(schema, &value, generator).into_iter().filter(|variant| survives_text(parameter, variant)) {
        let inputs = with(&base.inputs, &key, variant.value.clone());
        if !variant.valid {
            cases.push(broken(endpoint, base, inputs, &format!("{place}{}", variant.at), variant.keyword, &variant.how));
        } else if !naming {
            cases.extend(valid(endpoint, base, inputs, &format!("{place}{}: {}", variant.at, variant.how)));
        }
    }
}

fn with(inputs: &Inputs, key: &(Location, String), value: Value) -> Inputs {
    let mut inputs = inputs.clone();
    inputs.parameters.insert(key.clone(), value);
    inputs
}

/// A cursor that no answer gave is not one that the server has to take.
fn turns_pages(endpoint: &Endpoint, name: &str) -> bool {
    let cursor = |binding: &Binding| (*binding == Binding::Cursor).then_some(());
    endpoint.bound(cursor).any(|(input, ())| input.name() == name)
}

/// Whether an input names a thing: a valid variant of it would name another one.
fn names_things(endpoint: &Endpoint, input: &Input) -> bool {
    let names = |binding: &Binding| matches!(binding, Binding::Scope(_) | Binding::Item(_) | Binding::Items(_)).then_some(());
    endpoint.bound(names).any(|(own, ())| own == input)
}

/// In a URL or a header everything is text: a value is only wrong if its text is. An empty path segment is another path.
fn survives_text(parameter: &Parameter, variant: &Variant) -> bool {
    let Some(schema) = parameter.schema.as_ref() else { return false };
    let text = match &variant.value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => variant.value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return false,
    };
    let plain = parameter.location != Location::Header || text.chars().all(|c| c.is_ascii_graphic() || c == ' ') && text.trim() == text;
    let path = parameter.location != Location::Path || !text.is_empty() && !matches!(text.as_str(), "." | "..") && !text.contains('/');
    // Many a server cuts a URL or a header at 8 KiB: a longer one says nothing about the parameter.
    let short = text.len() <= if parameter.location == Location::Query { 16_384 } else { 4_096 };
    let told = specs::wire::decode(parameter, &text);
    plain && path && short && schema.accepts(&told) == variant.valid
}

fn body_variants(endpoint: &Endpoint, base: &Case, generator: &mut Generator, cases: &mut Vec<Case>) {
    let schema = endpoint.operation.body.as_ref().and_then(|body| body.content.iter().find_map(|media| media.schema.as_ref()));
    let (Some(schema), Some(body)) = (schema, base.inputs.json()) else { return };
    for variant in variants(schema, body, generator) {
        let inputs = Inputs { body: Some(Payload::Json(variant.value.clone())), ..base.inputs.clone() };
        let place = format!("body {}", variant.at);
        if variant.valid {
            cases.extend(valid(endpoint, base, inputs, &format!("{}: {}", place.trim(), variant.how)));
        } else {
            cases.push(broken(endpoint, base, inputs, place.trim(), variant.keyword, &variant.how));
        }
    }
}

/// None of several alternatives, and two of them together.
fn alternatives(endpoint: &Endpoint, base: &Case, cases: &mut Vec<Case>) {
    for group in endpoint.alternatives() {
        let own = |name: &&String| base.inputs.parameters.keys().find(|(_, known)| known == *name).cloned();
        let mut inputs = base.inputs.clone();
        let given: Vec<_> = group.iter().filter_map(|name| own(&name)).collect();
        given.iter().for_each(|key| drop(inputs.parameters.remove(key)));
        if !given.is_empty() {
            let mut case = broken(endpoint, base, inputs, &group.join(" or "), "oneOf", "missing");
            case.provokes = Some(Situation::MissingAlternative);
            cases.push(case);
        }
    }
}

/// Bodies that cannot be read: malformed, of a media type that is not declared, missing.
fn raw_bodies(endpoint: &Endpoint, base: &Case, cases: &mut Vec<Case>) {
    let Some(body) = endpoint.operation.body.as_ref().filter(|body| body.required) else { return };
    let json = body.content.iter().find(|media| is_json(&media.name)).map(|media| media.name.clone());
    let mut raw = |media_type: &str, bytes: &'static [u8], how: &str, situation| {
        let payload = Payload::Raw(media_type.to_owned(), Bytes::from_static(bytes));
        let inputs = Inputs { body: Some(payload), ..base.inputs.clone() };
        let mut case = broken(endpoint, base, inputs, "body", "content", how);
        case.provokes = Some(situation);
        cases.push(case);
    };
    if let Some(json) = json {
        raw(&json, b"{\"lockstep\":", "malformed JSON", Situation::MalformedBody);
    }
    if !body.content.iter().any(|media| specs::contract::covers(&media.name, "text/plain")) {
        raw("text/plain", b"lockstep", "of media type text/plain", Situation::UnsupportedMediaType);
    }
    let inputs = Inputs { body: None, ..base.inputs.clone() };
    cases.push(broken(endpoint, base, inputs, "body", "required", "missing"));
}

fn valid(endpoint: &Endpoint, base: &Case, inputs: Inputs, scenario: &str) -> Option<Case> {
    let intent = Intent::read(endpoint, &inputs);
    validate(endpoint, &inputs).is_empty().then(|| Case { inputs, intent, ..base.clone() }.named(scenario))
}

fn broken(endpoint: &Endpoint, base: &Case, inputs: Inputs, place: &str, keyword: &str, how: &str) -> Case {
    let intent = Intent::read(endpoint, &inputs);
    let broken = Broken { place: place.to_owned(), keyword: keyword.to_owned(), how: how.to_owned() };
    let scenario = format!("{place}: {how} ({keyword})");
    Case { inputs, intent, validity: Validity::Broken(broken), ..base.clone() }.named(scenario)
}
