//! Changing what is named and keeping the rest.

use std::sync::Arc;

use serde_json::{Map, Value};
use specs::claims::{Conflict, Issuer, Situation};
use specs::contract::Resource;
use specs::wire::{Answered, Fields, Items, Rejection};

use super::Context;
use super::create::{merges, overwrite, set_caller_fields, set_issued_fields};
use super::patch::patched;
use super::versions::{self, check_expected};
use crate::fault::Fault;
use crate::store::{By, Scope, Thing};
use crate::world::text;

/// Changes the fields that the intent states.
pub(super) fn update(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    let resource = context.resource()?;
    let (scope, thing) = match context.one() {
        Ok(found) => found,
        Err(missing) if missing.situation == Situation::NotFound && context.endpoint.makes_missing() => return make(context, resource),
        Err(refusal) => return Err(refusal),
    };
    check_expected(context, resource, Some(&thing))?;
    let (thing, _) = versions::told(context, resource, &scope, thing)?;
    let thing = glimpsed(context, resource, &scope, thing);
    let patch = context.endpoint.promises.json_patch.as_ref().map(|claim| &claim.value);
    let patched = patch.map(|rule| patched(context, &scope, &thing, rule)).transpose()?;
    let stated = match &patched {
        Some(patched) => patched.clone().unwrap_or_default(),
        None => context.intent.fields.clone(),
    };
    check_latches(context, resource, &thing, &stated)?;
    check_rename(context, resource, &scope, &thing, &stated)?;
    // An update that states nothing changes nothing, not even the time.
    if stated.is_empty() || context.faults.has(Fault::IgnoreUpdate) {
        return context.tell(&scope, &thing, true);
    }
    let now = context.state.clock.tick();
    let mut changed = laid(context, resource, &thing, stated, patched.is_some());
    let fields = Arc::make_mut(&mut changed.fields);
    set_caller_fields(context, resource, fields);
    set_issued_fields(context, resource, fields, Some(&thing));
    // Where writes make versions, what is not theirs changes without one, and the time is that of the latest.
    if resource.versions().is_none() || states_version(context, resource) {
        changed.updated = now;
        versions::add(context, resource, &mut changed, now);
    }
    let changed = overwrite(context, resource, &scope, thing, changed);
    context.tell(&scope, &changed, true)
}

/// The thing with what is stated laid over it: all of it, where that is a whole thing.
fn laid(context: &Context<'_>, resource: &Resource, thing: &Thing, stated: Fields, whole: bool) -> Thing {
    if whole {
        return thing.with(stated);
    }
    let mut fields = Fields::clone(&thing.fields);
    if context.faults.has(Fault::ClearOthers) {
        let kept = [resource.issued_id(), Some(resource.identity().field.as_str()), resource.key()];
        fields.retain(|name| kept.contains(&Some(name)) || resource.secret().iter().any(|path| path.field() == name));
    }
    if context.endpoint.merges() {
        stated.into_iter().for_each(|(name, value)| merge_field(&mut fields, &name, value));
    } else {
        stated.into_iter().for_each(|(name, value)| set(resource, &mut fields, &name, value));
    }
    thing.with(fields)
}

/// Whether the request states a field that each version has of its own.
fn states_version(context: &Context<'_>, resource: &Resource) -> bool {
    resource.versions().is_some_and(|rule| rule.of.iter().any(|field| context.intent.fields.has(field)))
}

/// Makes a thing that has no version yet, of what an update states.
fn make(context: &mut Context<'_>, resource: &Resource) -> Result<Answered, Rejection> {
    let scope = context.own_scope()?;
    let mut fields = context.intent.fields.clone();
    if fields.is_empty() {
        return Ok(Answered::default());
    }
    if !context.state.store.has_room() {
        return Err(Rejection::new(Situation::Full));
    }
    let Items::Named(field, values) = &context.intent.items else { return Err(Rejection::new(Situation::NotFound)) };
    let Some(value) = values.first().cloned() else { return Err(Rejection::new(Situation::NotFound)) };
    let identity = text(&value);
    fields.insert(field, value);
    let thing = Thing::new(&identity, fields, context.state.clock.tick());
    context.state.store.insert(&resource.name, &scope, By::from(resource), thing.clone());
    context.tell(&scope, &thing, true)
}

/// Lays a JSON merge patch over a field (RFC 7396, section 2).
fn merge_field(fields: &mut Fields, name: &str, patch: Value) {
    match patch {
        Value::Null => drop(fields.remove(name)),
        Value::Object(patch) => merge_members(fields.place(name), patch),
        other => fields.insert(name, other),
    }
}

/// The same over a member of an object.
fn merge(fields: &mut Map<String, Value>, name: String, patch: Value) {
    match patch {
        Value::Null => drop(fields.shift_remove(&name)),
        Value::Object(patch) => merge_members(fields.entry(name).or_insert(Value::Null), patch),
        other => drop(fields.insert(name, other)),
    }
}

fn merge_members(place: &mut Value, patch: Map<String, Value>) {
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    if let Value::Object(members) = place {
        patch.into_iter().for_each(|(name, value)| merge(members, name, value));
    }
}

/// The thing as a racing server saw it before others changed it.
fn glimpsed(context: &Context<'_>, resource: &Resource, scope: &Scope, thing: Arc<Thing>) -> Arc<Thing> {
    let glimpse = context.glimpse.filter(|_| context.faults.has(Fault::RacingWrites));
    let seen = glimpse.and_then(|store| store.table(&resource.name, scope)?.get(&thing.identity));
    seen.cloned().unwrap_or(thing)
}

fn set(resource: &Resource, fields: &mut Fields, name: &str, value: Value) {
    let longest = resource.fields.get(name).and_then(|promises| promises.truncate.as_ref());
    let value = match (longest, value) {
        (Some(longest), Value::String(text)) => Value::from(text.chars().take(longest.value).collect::<String>()),
        (_, value) => value,
    };
    match (fields.get_mut(name), value) {
        (Some(Value::Object(own)), Value::Object(members)) if merges(resource, name) => own.extend(members),
        (_, value) => fields.insert(name, value),
    }
}

/// A field that has reached its last value keeps it.
fn check_latches(context: &Context<'_>, resource: &Resource, thing: &Thing, stated: &Fields) -> Result<(), Rejection> {
    for (name, promises) in &resource.fields {
        let Some(latch) = promises.latch.as_ref() else { continue };
        let leaves = stated.get(name).is_some_and(|value| *value != latch.value);
        if leaves && thing.fields.get(name) == Some(&latch.value) {
            return Err(Rejection::new(Situation::LatchedField).with("field", context.input_of(name)));
        }
    }
    Ok(())
}

/// A new name must be free.
fn check_rename(context: &Context<'_>, resource: &Resource, scope: &Scope, thing: &Thing, stated: &Fields) -> Result<(), Rejection> {
    let Some(key) = resource.key() else { return Ok(()) };
    let Some(name) = stated.get(key).filter(|name| thing.fields.get(key) != Some(name)) else { return Ok(()) };
    let taken = context.state.store.find(&resource.name, scope, key, name).is_some();
    if taken && resource.identity().issued == Issuer::Server && resource.conflict().value != Conflict::Allow {
        return Err(Rejection::new(Situation::Duplicate).with("field", context.input_of(key)));
    }
    Ok(())
}
