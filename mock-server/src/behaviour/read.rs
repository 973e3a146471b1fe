//! Reading and revealing.

use std::sync::Arc;

use serde_json::{Map, Value};
use specs::claims::{Guard, Situation};
use specs::wire::{Answered, Items, Records, Rejection};

use super::Context;
use super::present::find_outwards;
use super::versions;
use crate::fault::Fault;
use crate::store::{Scope, Thing};

/// Tells about one thing. A relation can be read before it is stored.
pub(super) fn read(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    match context.one() {
        Ok((scope, thing)) => {
            let thing = stale(context, &scope, thing)?;
            let (thing, version) = versions::told(context, context.resource()?, &scope, thing)?;
            let record = context.record(&scope, &thing, version)?;
            Ok(Answered { records: Records::One(record), ..Answered::default() })
        }
        Err(missing) if missing.situation == Situation::NotFound => match relation(context)? {
            Some((scope, thing)) => context.tell(&scope, &thing, false),
            None => invented(context, missing),
        },
        Err(refusal) => Err(refusal),
    }
}

/// The thing as it was before its last change, where that was remembered.
fn stale(context: &mut Context<'_>, scope: &Scope, thing: Arc<Thing>) -> Result<Arc<Thing>, Rejection> {
    let resource = context.resource()?;
    Ok(context.state.memory.take_changed(&resource.name, scope, &thing.identity).map_or(thing, Arc::new))
}

/// A relation that is not stored, if what it would lead to exists.
fn relation(context: &Context<'_>) -> Result<Option<(Scope, Thing)>, Rejection> {
    let resource = context.resource()?;
    let (Some(target), Items::Named(field, values)) = (&resource.promises.relates_to, &context.intent.items) else { return Ok(None) };
    let (Some(scope), Some(value)) = (context.scope()?, values.first()) else { return Ok(None) };
    if find_outwards(&context.state.store, &scope, &target.value, value).is_none() {
        return Ok(None);
    }
    let fields = Map::from_iter([(field.clone(), value.clone())]);
    Ok(Some((scope, Thing::new(&crate::world::text(value), fields, context.state.clock.now()))))
}

fn invented(context: &Context<'_>, missing: Rejection) -> Result<Answered, Rejection> {
    if context.faults.has(Fault::InventMissing) { Ok(Answered::default()) } else { Err(missing) }
}

/// Tells the secret value of one thing, unless something forbids it.
pub(super) fn reveal(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    let resource = context.resource()?;
    let (scope, thing) = match context.one() {
        Ok(found) => found,
        Err(missing) if missing.situation == Situation::NotFound => return invented(context, missing),
        Err(refusal) => return Err(refusal),
    };
    for guard in resource.guards() {
        if forbids(context, guard, &scope, &thing) && !context.faults.has(Fault::IgnoreGuards) {
            return Err(Rejection::new(guard.refuse));
        }
    }
    let thing = stale(context, &scope, thing)?;
    let (thing, version) = versions::told(context, resource, &scope, thing)?;
    let record = context.record(&scope, &thing, version)?;
    Ok(Answered { records: Records::One(record), ..Answered::default() })
}

fn forbids(context: &Context<'_>, guard: &Guard, scope: &Scope, thing: &Thing) -> bool {
    let value = match &guard.of {
        None => thing.fields.get(&guard.field).cloned(),
        Some(resource) => scope.outwards().find_map(|inside| {
            let (own, identity) = inside.chain().next_back()?;
            (own == resource).then(|| field_of(context, &inside, own, identity, &guard.field))?
        }),
    };
    value == Some(guard.equals.clone())
}

/// A field of the thing that makes a scope, at its default if it was never set.
fn field_of(context: &Context<'_>, inside: &Scope, resource: &str, identity: &str, field: &str) -> Option<Value> {
    let around = inside.outwards().nth(1)?;
    let thing = context.state.store.table(resource, &around)?.get(identity)?;
    let default = || context.contract.resources.get(resource)?.fields.get(field)?.default.as_ref().map(|claim| claim.value.clone());
    thing.fields.get(field).cloned().or_else(default)
}
