//! What the owner of a world sends: its credentials, and the names of the scopes that exist.

use std::collections::BTreeMap;

use specs::claims::{Binding, Holds};
use specs::contract::{Contract, SecurityScheme};

use crate::world::{Caller, World, text};

/// A header for every scheme that travels in one: its name and its value.
pub(crate) fn credentials(contract: &Contract, world: &World) -> Vec<(String, String)> {
    let Some(owner) = world.callers.first() else { return Vec::new() };
    let header = |scheme: &SecurityScheme| Some((scheme.kind.header()?.to_owned(), credential(contract, scheme, owner)));
    contract.schemes.iter().filter_map(header).collect()
}

fn credential(contract: &Contract, scheme: &SecurityScheme, owner: &Caller) -> String {
    match contract.access().holds.as_ref().and_then(|claim| claim.value.get(&scheme.name)) {
        Some(Holds::Tenant) => owner.tenants.first().cloned().unwrap_or_default(),
        Some(Holds::Token) => owner.token.clone(),
        Some(Holds::Bearer) | None => format!("Bearer {}", owner.token),
    }
}

/// Values for the parameters that nothing in the document can create. Where the world names none any parent will do, since it is made
/// on demand.
pub(crate) fn parameters(contract: &Contract, world: &World) -> BTreeMap<String, Vec<String>> {
    if !world.parameters.is_empty() {
        return world.parameters.iter().map(|(name, values)| (name.clone(), values.iter().map(text).collect())).collect();
    }
    let bound = contract.endpoints.iter().flat_map(|endpoint| &endpoint.bindings);
    let scopes = bound.filter(|bound| matches!(bound.binding.value, Binding::Scope(_)));
    scopes.map(|bound| (bound.input.name().to_owned(), vec!["1".to_owned(), "2".to_owned()])).collect()
}
