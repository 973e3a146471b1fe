//! Telling the caller about itself.

use specs::wire::{Answered, Records};

use super::Context;

/// What the world says of the caller.
pub(super) fn who_am_i(context: &Context<'_>) -> Answered {
    let caller = &context.principal.caller;
    let mut record = caller.attributes.clone();
    record.entry("name").or_insert_with(|| caller.name.clone().into());
    record.entry("role").or_insert_with(|| caller.role.clone().into());
    Answered { records: Records::One(record), page: None }
}
