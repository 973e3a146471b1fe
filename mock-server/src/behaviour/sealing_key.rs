//! Telling the key with which clients seal what they write.

use serde_json::Map;
use specs::claims::{Sealed, Situation};
use specs::contract::{Chore, Resource};
use specs::wire::{Answered, Records, Rejection};

use super::Context;
use crate::sealed::KeyPair;
use crate::store::Scope;

/// Tells the public key of a scope, and its id.
pub(super) fn sealing_key(context: &Context<'_>) -> Result<Answered, Rejection> {
    let scope = context.own_scope()?;
    let sealed = sealed_fields(context.resource()?).next().map(|(_, sealed)| sealed);
    let sealed = sealed.ok_or_else(|| Rejection::new(Situation::Internal))?;
    let pair = key_of(context, &scope)?;
    let told = [(sealed.key.clone(), pair.public().into()), (sealed.id.clone(), pair.id().into())];
    Ok(Answered { records: Records::One(Map::from_iter(told).into()), ..Answered::default() })
}

/// The fields of a resource that travel sealed.
pub(super) fn sealed_fields(resource: &Resource) -> impl Iterator<Item = (&String, &Sealed)> {
    resource.concerned(Chore::Unseal).filter_map(|(name, field)| Some((name, &field.sealed.as_ref()?.value)))
}

/// The key pair of a scope.
pub(super) fn key_of(context: &Context<'_>, scope: &Scope) -> Result<KeyPair, Rejection> {
    Ok(KeyPair::of(context.state.chance.seed(), &context.resource()?.name, scope))
}
