//! Creating and putting.

use std::sync::Arc;

use serde_json::{Map, Value};
use specs::claims::{Conflict, FieldPath, Issuer, Situation, Source};
use specs::contract::{Chore, Resource};
use specs::wire::{Answered, Fields, Items, Rejection};

use super::Context;
use super::present::{each_below, find_outwards};
use super::versions::{self, check_expected};
use crate::clock::Chance;
use crate::fault::{Fault, alter_names, created, taken};
use crate::store::{By, Scope, Thing};
use crate::world::text;

/// Makes a thing; the conflict policy says what happens when it is there already.
pub(super) fn create(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    let policy = if context.faults.has(Fault::IgnoreConflict) { Conflict::Allow } else { context.resource()?.conflict().value };
    write(context, policy)
}

/// Makes a thing or replaces the one that is there.
pub(super) fn put(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    if context.resource()?.identity().issued == Issuer::Server && context.intent.items != Items::None {
        return replace_named(context);
    }
    let policy = if context.faults.has(Fault::IgnoreConflict) { Conflict::Allow } else { Conflict::Replace };
    write(context, policy)
}

/// Replaces what the path names; a client cannot make what the server numbers.
fn replace_named(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    let resource = context.resource()?;
    let (scope, thing) = context.one()?;
    let mut fields = stated(context, resource);
    alter_names(context.faults, resource, &mut fields);
    replace(context, resource, &scope, thing, fields)
}

fn write(context: &mut Context<'_>, policy: Conflict) -> Result<Answered, Rejection> {
    let resource = context.resource()?;
    let scope = context.own_scope()?;
    check_references(context, resource, &scope)?;
    let mut fields = stated(context, resource);
    alter_names(context.faults, resource, &mut fields);
    if taken(context.faults, context.state, resource, &scope, &fields) {
        return Err(Rejection::new(Situation::Duplicate).with("field", resource.key().unwrap_or(&resource.identity().field)));
    }
    let existing = existing(context, resource, &scope, &fields);
    check_expected(context, resource, existing.as_deref())?;
    match (existing, policy) {
        (None, _) | (_, Conflict::Allow) => insert(context, resource, &scope, fields),
        (Some(existing), Conflict::Reject) => {
            if context.faults.has(Fault::RefuseButReplace) {
                replace(context, resource, &scope, existing, fields)?;
            }
            let field = resource.key().unwrap_or(&resource.identity().field);
            Err(Rejection::new(Situation::Duplicate).with("field", context.input_of(field)))
        }
        (Some(_), Conflict::Replace) if context.faults.has(Fault::RefuseReplace) => {
            let field = resource.key().unwrap_or(&resource.identity().field);
            Err(Rejection::new(Situation::Duplicate).with("field", field))
        }
        (Some(existing), Conflict::Replace) => replace(context, resource, &scope, existing, fields),
        (Some(existing), Conflict::ReplaceUnseen) => {
            replace(context, resource, &scope, existing, fields.clone())?;
            let unseen = new_thing(context, resource, fields);
            context.tell(&scope, &unseen, true)
        }
    }
}

/// What a field refers to must exist.
fn check_references(context: &Context<'_>, resource: &Resource, scope: &Scope) -> Result<(), Rejection> {
    for (field, promises) in resource.concerned(Chore::Refer) {
        let identity = resource.identity().field == *field;
        let item = if let Items::Named(_, values) = &context.intent.items { values.first() } else { None };
        let value = context.intent.fields.get(field).or_else(|| item.filter(|_| identity));
        if let (Some(other), Some(value)) = (&promises.refers_to, value)
            && find_outwards(&context.state.store, scope, &other.value, value).is_none()
        {
            return Err(super::context::not_found(field, value));
        }
    }
    Ok(())
}

/// Takes out the fields that the client states, and the identity where the path names it.
fn stated(context: &mut Context<'_>, resource: &Resource) -> Fields {
    let mut fields = std::mem::take(&mut context.intent.fields);
    if let Items::Named(field, values) = &context.intent.items
        && let Some(value) = values.first().filter(|_| !fields.has(field))
    {
        fields.insert(field, value.clone());
    }
    for (name, promises) in resource.concerned(Chore::Truncate) {
        if let (Some(longest), Some(Value::String(text))) = (&promises.truncate, fields.get_mut(name)) {
            *text = text.chars().take(longest.value).collect();
        }
    }
    fields
}

/// The thing that this one would meet: by the identity that follows from the request, else by the key.
fn existing(context: &Context<'_>, resource: &Resource, scope: &Scope, fields: &Fields) -> Option<Arc<Thing>> {
    let identity = resource.identity();
    let store = context.glimpse.filter(|_| context.faults.has(Fault::RacingCreates)).unwrap_or(&context.state.store);
    let found = match &identity.issued {
        Issuer::Client => store.find(&resource.name, scope, &identity.field, fields.get(&identity.field)?),
        Issuer::Slug(of) => store.find(&resource.name, scope, &identity.field, &slug(fields.get(of)?, context).into()),
        Issuer::Server => {
            let key = resource.key()?;
            store.find(&resource.name, scope, key, fields.get(key)?)
        }
    };
    found.cloned()
}

fn insert(context: &mut Context<'_>, resource: &Resource, scope: &Scope, fields: Fields) -> Result<Answered, Rejection> {
    if !context.state.store.has_room() {
        return Err(Rejection::new(Situation::Full));
    }
    let mut thing = new_thing(context, resource, fields);
    created(context.faults, context.state, resource, scope, &mut thing);
    if !context.faults.has(Fault::ForgetCreate) {
        context.state.store.insert(&resource.name, scope, By::from(resource), thing.clone());
    }
    context.tell(scope, &thing, true)
}

fn new_thing(context: &mut Context<'_>, resource: &Resource, mut fields: Fields) -> Thing {
    let now = context.state.clock.tick();
    let identity = resource.identity();
    if let Some(field) = resource.issued_id() {
        let id = if context.faults.has(Fault::RepeatIds) {
            Chance::new(0).id(&resource.id_format())
        } else {
            context.state.chance.id(&resource.id_format())
        };
        fields.insert(field, id);
    }
    if let Issuer::Slug(of) = &identity.issued {
        let slug = fields.get(of).map(|name| slug(name, context)).unwrap_or_default();
        fields.insert(&identity.field, slug.into());
    }
    set_caller_fields(context, resource, &mut fields);
    set_issued_fields(context, resource, &mut fields, None);
    let name = fields.get(&identity.field).map(text).unwrap_or_default();
    let mut thing = Thing::new(&name, fields, now);
    versions::add(context, resource, &mut thing, now);
    thing
}

/// Fields that say who wrote.
pub(super) fn set_caller_fields(context: &Context<'_>, resource: &Resource, fields: &mut Fields) {
    for (name, promises) in resource.concerned(Chore::Sign) {
        if let Some(Source::Caller(attribute)) = promises.source.as_ref().map(|claim| &claim.value) {
            let tenant = context.principal.tenant.clone().filter(|_| attribute == "org" || attribute == "tenant").map(Value::from);
            let value = tenant.or_else(|| context.principal.caller.attributes.get(attribute).cloned());
            match value {
                Some(value) => fields.insert(name, value),
                None => drop(fields.remove(name)),
            }
        }
    }
}

/// Fields that the server fills: what parts of a thing lack, and how often it was written.
pub(super) fn set_issued_fields(context: &mut Context<'_>, resource: &Resource, fields: &mut Fields, before: Option<&Thing>) {
    for (name, promises) in resource.concerned(Chore::Fill) {
        let path = FieldPath::from(name.as_str());
        let Some((last, way)) = path.names().split_last() else { continue };
        let usual = promises.default.as_ref().filter(|_| !way.is_empty()).map(|claim| &claim.value);
        match (promises.source.as_ref().map(|claim| &claim.value), usual) {
            (Some(Source::Issued(format)), _) => {
                let chance = &mut context.state.chance;
                complete_each(fields, way, last, &mut || chance.id(format));
            }
            (Some(Source::Writes), _) => {
                let written = before.and_then(|before| before.fields.get(name)?.as_u64()).unwrap_or(0);
                fields.insert(name, (written + 1).into());
            }
            (_, Some(usual)) => complete_each(fields, way, last, &mut || usual.clone()),
            _ => {}
        }
    }
}

/// Gives the thing itself, or each part of it that a way leads to, what it lacks.
fn complete_each(fields: &mut Fields, way: &[String], name: &str, value: &mut dyn FnMut() -> Value) {
    match way.split_first() {
        None if fields.get(name).is_none_or(Value::is_null) => fields.insert(name, value()),
        None => {}
        Some((first, rest)) => {
            let place = fields.get_mut(first);
            place.into_iter().for_each(|place| each_below(place, rest, &mut |part| complete(part, name, &mut *value)));
        }
    }
}

/// Gives a part what it lacks.
fn complete(part: &mut Map<String, Value>, name: &str, value: impl FnOnce() -> Value) {
    if part.get(name).is_none_or(Value::is_null) {
        part.insert(name.to_owned(), value());
    }
}

/// Replaces what the client states and keeps what the server issued: the id and the time of creation.
fn replace(
    context: &mut Context<'_>,
    resource: &Resource,
    scope: &Scope,
    existing: Arc<Thing>,
    mut fields: Fields,
) -> Result<Answered, Rejection> {
    let now = context.state.clock.tick();
    let kept = [resource.issued_id().filter(|_| !context.faults.has(Fault::RenewId)), Some(resource.identity().field.as_str())];
    if let Some(id) = resource.issued_id().filter(|_| kept[0].is_none()) {
        fields.insert(id, context.state.chance.id(&resource.id_format()));
    }
    for field in kept.into_iter().flatten() {
        if let Some(value) = existing.fields.get(field) {
            fields.insert(field, value.clone());
        }
    }
    set_caller_fields(context, resource, &mut fields);
    set_issued_fields(context, resource, &mut fields, Some(&existing));
    if context.faults.has(Fault::IgnoreUpdate) {
        return Ok(Answered { replaced: !context.faults.has(Fault::TellAsNew), ..context.tell(scope, &existing, true)? });
    }
    if let Some(rule) = resource.versions() {
        // A new version leaves what is the thing's own as it is.
        let own = existing.fields.iter().filter(|(name, _)| !rule.of.iter().any(|own| own == name));
        for (name, value) in own {
            if !fields.has(name) {
                fields.insert(name, value.clone());
            }
        }
    }
    let mut changed = existing.with(fields);
    changed.updated = now;
    versions::add(context, resource, &mut changed, now);
    let changed = overwrite(context, resource, scope, existing, changed);
    Ok(Answered { replaced: !context.faults.has(Fault::TellAsNew), ..context.tell(scope, &changed, true)? })
}

/// Puts a changed thing in the place of the one that was there.
pub(super) fn overwrite(context: &mut Context<'_>, resource: &Resource, scope: &Scope, before: Arc<Thing>, mut changed: Thing) -> Thing {
    let faults = context.faults;
    if faults.has(Fault::RenewCreated) {
        changed.created = changed.updated;
    }
    if faults.has(Fault::KeepUpdated) {
        changed.updated = before.updated;
    }
    if faults.has(Fault::LagBehind) {
        context.state.memory.note_changed(&resource.name, scope, &before);
    }
    // Nobody else looks at it any more, so that it is changed where it is.
    drop(before);
    let store = &mut context.state.store;
    let overwritten = store.change(&resource.name, scope, &changed, |stored| {
        stored.fields.clone_from(&changed.fields);
        stored.versions.clone_from(&changed.versions);
        stored.created = changed.created;
        stored.updated = changed.updated;
    });
    if overwritten.is_none() {
        // Only a racing server writes to what another request has deleted.
        store.insert(&resource.name, scope, By::from(resource), changed.clone());
    }
    changed
}

/// The slug of a name.
fn slug(name: &Value, context: &Context<'_>) -> String {
    let number = if context.faults.has(Fault::NumberSlugs) { "-1" } else { "" };
    words(name) + number
}

/// Lower case, every run of characters other than letters and digits as one hyphen, none at the ends.
fn words(value: &Value) -> String {
    let text = text(value).to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// Fields whose members an update merges one by one.
pub(super) fn merges(resource: &Resource, field: &str) -> bool {
    resource.merged().iter().any(|path| FieldPath::from(path.as_str()).field() == field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_lower_case_words_with_hyphens() {
        for (name, expected) in
            [("My App", "my-app"), ("Example secret group", "example-secret-group"), ("a--b\tc", "a-b-c"), ("foo-bar", "foo-bar")]
        {
            assert_eq!(words(&name.into()), expected);
        }
    }
}
