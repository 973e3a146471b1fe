//! JSON Patch (RFC 6902): what the client sees of a thing is changed step by step, and what comes out is stored, whole or not at all.

use json_patch::PatchOperation;
use serde_json::{Map, Value};
use specs::claims::{Binding, JsonPatch, Situation, Verb};
use specs::contract::{Endpoint, Resource};
use specs::document::Pointer;
use specs::wire::{Fields, Rejection};

use super::Context;
use super::present::Presenter;
use crate::store::{Scope, Thing};

/// The fields that a thing has once a patch is applied; none if the patch says nothing.
pub(super) fn patched(context: &Context<'_>, scope: &Scope, thing: &Thing, rule: &JsonPatch) -> Result<Option<Fields>, Rejection> {
    let Some(steps) = context.inputs.json().and_then(Value::as_array).filter(|steps| !steps.is_empty()) else { return Ok(None) };
    let resource = context.resource()?;
    let presenter = Presenter::new(context.contract, &context.state.store, resource, scope, None);
    let mut document = Value::Object(presenter.record(thing, true, None).whole());
    for step in steps {
        let step = translated(step, &document, rule);
        let step: PatchOperation = serde_json::from_value(step).map_err(|_| unfit())?;
        json_patch::patch(&mut document, &[step]).map_err(|_| unfit())?;
    }
    let Value::Object(shown) = document else { return Err(unfit()) };
    stored(context, resource, thing, shown).map(Some)
}

fn unfit() -> Rejection {
    Rejection::new(Situation::UnfitPatch).with("field", "path")
}

/// What is stored of a patched thing: what a client may state, if a write could have stated it so; the rest as it was.
fn stored(context: &Context<'_>, resource: &Resource, thing: &Thing, mut shown: Map<String, Value>) -> Result<Fields, Rejection> {
    let maker = makers(context, resource).next();
    let schema = maker.and_then(|maker| maker.operation.json_body()?.schema.as_ref());
    if schema.is_some_and(|schema| !schema.accepts(&Value::Object(shown.clone()))) {
        return Err(Rejection::new(Situation::Invalid).with("field", "value"));
    }
    let mut fields = Fields::clone(&thing.fields);
    let own = [Some(resource.identity().field.as_str()), resource.issued_id()];
    let field_of = |binding: &Binding| if let Binding::Field(field) = binding { Some(field.clone()) } else { None };
    let stated: Vec<String> = match maker {
        Some(maker) => maker.bound(field_of).map(|(_, field)| field).collect(),
        None => fields.names().chain(shown.keys().map(String::as_str)).map(str::to_owned).collect(),
    };
    for field in stated.iter().filter(|field| !own.contains(&Some(field.as_str()))) {
        match shown.shift_remove(field) {
            Some(value) => fields.insert(field, value),
            None => drop(fields.remove(field)),
        }
    }
    Ok(fields)
}

/// The operations that write a resource whole.
fn makers<'c>(context: &Context<'c>, resource: &Resource) -> impl Iterator<Item = &'c Endpoint> {
    let makes = |endpoint: &&Endpoint| matches!(endpoint.verb, Verb::Create | Verb::Put);
    context.contract.endpoints.iter().filter(makes).filter(|endpoint| endpoint.resource.as_ref() == Some(&resource.name))
}

/// A step in the RFC's own words: by the places of entries that it names otherwise.
fn translated(step: &Value, document: &Value, rule: &JsonPatch) -> Value {
    let mut step = step.clone();
    for name in ["path", "from"] {
        let Some(path) = step.get(name).and_then(Value::as_str).map(str::to_owned) else { continue };
        if path == "/" && rule.slash_is_whole {
            step[name] = "".into();
            continue;
        }
        for (list, member) in &rule.named {
            if let Some(placed) = placed(&path, list, member, &step, document) {
                complete(&mut step, &path, &placed, list, member, document);
                step[name] = placed.into();
                break;
            }
        }
    }
    step
}

/// The path of an entry by its place in the list, or behind the last one, where an entry is added to the list itself.
fn placed(path: &str, list: &Pointer, member: &str, step: &Value, document: &Value) -> Option<String> {
    let rest = path.strip_prefix(list.as_str())?;
    if rest.is_empty() {
        let adds = step["op"] == "add" && !step["value"].is_array();
        return adds.then(|| format!("{list}/-"));
    }
    let rest = rest.strip_prefix('/')?;
    let (name, below) = rest.split_once('/').map_or((rest, None), |(name, below)| (name, Some(below)));
    let entries = list.of(document)?.as_array()?;
    let place = entries.iter().position(|entry| entry.get(member).and_then(Value::as_str) == Some(name))?;
    Some(below.map_or_else(|| format!("{list}/{place}"), |below| format!("{list}/{place}/{below}")))
}

/// An entry that is replaced keeps what it is named by.
fn complete(step: &mut Value, path: &str, placed: &str, list: &Pointer, member: &str, document: &Value) {
    let entry = Pointer::parse(placed).filter(|_| path.strip_prefix(list.as_str()).is_some_and(|rest| rest.matches('/').count() == 1));
    let name = entry.and_then(|entry| entry.of(document)?.get(member).cloned());
    if let (Some(name), Some(Value::Object(value))) = (name, step.get_mut("value")) {
        value.entry(member).or_insert(name);
    }
}
