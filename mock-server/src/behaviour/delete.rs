//! Deleting one thing, several or all.

use std::sync::Arc;

use specs::claims::{Missing, Situation};
use specs::wire::{Answered, Items, Rejection};

use super::Context;
use crate::fault::Fault;
use crate::store::{Scope, Thing};

/// Removes what the intent names; all of it or nothing.
pub(super) fn delete(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    let resource = context.resource()?;
    let (scope, things) = match targets(context) {
        Ok(found) => found,
        Err(missing) if missing.situation == Situation::NotFound => {
            let accepted = resource.delete_missing().value == Missing::Accept || context.faults.has(Fault::InventMissing);
            return if accepted { Ok(Answered::default()) } else { Err(missing) };
        }
        Err(refusal) => return Err(refusal),
    };
    if context.faults.has(Fault::KeepDeleted) {
        return Ok(Answered::default());
    }
    context.state.clock.tick();
    for thing in things {
        let thing = newest(context, &resource.name, &scope, thing);
        if context.faults.remember_deleted() {
            context.state.memory.note_deleted(&resource.name, &scope, &thing);
        }
        context.state.store.remove(&resource.name, &scope, &thing.identity);
    }
    Ok(Answered::default())
}

fn targets(context: &Context<'_>) -> Result<(Scope, Vec<Arc<Thing>>), Rejection> {
    if context.intent.items != Items::All {
        return context.named();
    }
    let scope = context.own_scope()?;
    let table = context.state.store.table(&context.resource()?.name, &scope);
    let things = table.map(|table| table.things().cloned().collect()).unwrap_or_default();
    Ok((scope, things))
}

/// The thing that a wrong server removes instead of the one that is meant.
fn newest(context: &Context<'_>, resource: &str, scope: &Scope, thing: Arc<Thing>) -> Arc<Thing> {
    let table = context.state.store.table(resource, scope).filter(|_| context.faults.has(Fault::DeleteNewest));
    table.and_then(|table| table.things().last().cloned()).unwrap_or(thing)
}
