//! Opening what travels sealed, before anything is made of it.

use serde_json::Value;
use specs::claims::Situation;
use specs::wire::Rejection;

use super::Context;
use super::sealing_key::{key_of, sealed_fields};
use crate::fault::Fault;

/// Puts what was in the box in the place of each sealed field that a write states. The id of the key is no field of the thing.
pub(super) fn unseal(context: &mut Context<'_>) -> Result<(), Rejection> {
    let Some(resource) = context.resource else { return Ok(()) };
    for (name, sealed) in sealed_fields(resource) {
        let stated = context.intent.fields.remove(&sealed.stated);
        let Some(Value::String(closed)) = context.intent.fields.get(name) else { continue };
        let pair = key_of(context, &context.own_scope()?)?;
        let known = stated.as_ref().and_then(Value::as_str).is_none_or(|id| id == pair.id());
        let lax = context.faults.has(Fault::TakeUnsealed);
        if !known && !lax {
            return Err(Rejection::new(Situation::UnknownSealingKey).with("field", context.input_of(&sealed.stated)));
        }
        let taken = || lax.then(|| closed.clone());
        let refusal = || Rejection::new(Situation::BrokenSeal).with("field", context.input_of(name));
        let opened = pair.open(closed).or_else(taken).ok_or_else(refusal)?;
        context.intent.fields.insert(name, opened.into());
    }
    Ok(())
}
