//! Telling the caller about itself.

use serde_json::Value;
use specs::wire::{Answered, Records};

use super::Context;
use crate::store::Scope;

/// What the world says of the caller, and the identities of what it may see.
pub(super) fn who_am_i(context: &Context<'_>) -> Answered {
    let caller = &context.principal.caller;
    let mut record = caller.attributes.clone();
    record.entry("name").or_insert_with(|| caller.name.clone().into());
    record.entry("role").or_insert_with(|| caller.role.clone().into());
    for (member, resource) in context.endpoint.promises.tells_seen.iter().flat_map(|claim| &claim.value) {
        record.insert(member.clone(), seen(context, resource));
    }
    Answered { records: Records::One(record.into()), ..Answered::default() }
}

/// The identities of the things of a resource that the caller may see, outside of any scope.
fn seen(context: &Context<'_>, resource: &str) -> Value {
    let table = context.state.store.table(resource, &Scope::root());
    let identities = table.into_iter().flat_map(crate::store::Table::things).map(|thing| &*thing.identity);
    identities.filter(|identity| context.principal.caller.sees(resource, identity)).collect()
}
