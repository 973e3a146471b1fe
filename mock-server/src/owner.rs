//! What the callers of a world send: their credentials, and the names of the scopes that exist.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use specs::claims::{Binding, Holds, Verb};
use specs::contract::{Contract, Endpoint, Location, SchemeKind, SecurityScheme};

use crate::world::{Caller, World, text};

/// A header for every scheme that travels in one of its own: its name and its value. Of several ways to fill one header the first is taken.
pub(crate) fn credentials(contract: &Contract, caller: &Caller) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in contract.schemes.iter().filter_map(|scheme| header(contract, scheme, caller)) {
        if name == "Cookie" || !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            headers.push((name, value));
        }
    }
    headers
}

fn header(contract: &Contract, scheme: &SecurityScheme, caller: &Caller) -> Option<(String, String)> {
    let token = &caller.token;
    let holds = contract.access().holds.as_ref().and_then(|claim| claim.value.get(&scheme.name));
    let value = match (holds, &scheme.kind) {
        (_, SchemeKind::ApiKey(Location::Cookie, name)) => return Some(("Cookie".to_owned(), format!("{name}={token}"))),
        (Some(Holds::Tenant), _) => caller.tenants.first().cloned().unwrap_or_default(),
        (_, SchemeKind::Basic) => format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{token}", caller.name))),
        (_, SchemeKind::Http(word)) => format!("{word} {token}"),
        (Some(Holds::Bearer), _) | (_, SchemeKind::Bearer) => format!("Bearer {token}"),
        (Some(Holds::Token) | None, SchemeKind::ApiKey(..)) => token.clone(),
    };
    Some((scheme.kind.header()?.to_owned(), value))
}

/// The keys that travel in the query: names and values.
pub(crate) fn keys(contract: &Contract, world: &World) -> Vec<(String, String)> {
    let Some(owner) = world.callers.first() else { return Vec::new() };
    let key = |scheme: &SecurityScheme| match &scheme.kind {
        SchemeKind::ApiKey(Location::Query, name) => Some((name.clone(), owner.token.clone())),
        _ => None,
    };
    contract.schemes.iter().filter_map(key).collect()
}

/// Values for the parameters that nothing in the document can create, keys in the query among them.
pub(crate) fn parameters(contract: &Contract, world: &World) -> BTreeMap<String, Vec<String>> {
    let keys = keys(contract, world).into_iter().map(|(name, value)| (name, vec![value]));
    scopes(contract, world).into_iter().chain(keys).collect()
}

/// The scopes that exist. Where the world names none any parent that the document cannot create will do, since it is made on demand.
fn scopes(contract: &Contract, world: &World) -> BTreeMap<String, Vec<String>> {
    if !world.parameters.is_empty() {
        return world.parameters.iter().map(|(name, values)| (name.clone(), values.iter().map(text).collect())).collect();
    }
    let bound = contract.endpoints.iter().flat_map(|endpoint| &endpoint.bindings);
    let scopes = bound.filter(|bound| matches!(&bound.binding.value, Binding::Scope(of) if !is_created(contract, &of.resource)));
    scopes.map(|bound| (bound.input.name().to_owned(), vec!["1".to_owned(), "2".to_owned()])).collect()
}

fn is_created(contract: &Contract, resource: &str) -> bool {
    let makes = |endpoint: &Endpoint| matches!(endpoint.verb, Verb::Create | Verb::Put);
    contract.endpoints.iter().any(|endpoint| makes(endpoint) && contract.resource_of(endpoint).is_some_and(|own| own.name == resource))
}
