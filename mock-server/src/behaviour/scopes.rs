//! Scopes of a request: which enclosing things it names, whether they exist, and whether the caller may see them.

use std::sync::Arc;

use specs::claims::{Binding, Blind, ForeignLook, Missing, Situation, Verb};
use specs::contract::{Contract, Endpoint};
use specs::wire::{Fields, Intent, Items, Rejection, Selector};

use super::Context;
use crate::access::Principal;
use crate::store::{Scope, Store};
use crate::world::text;

impl Context<'_> {
    /// The scope that the path or the parameters name; none where the operation names things without their scope.
    pub(crate) fn scope(&self) -> Result<Option<Scope>, Rejection> {
        if self.endpoint.bound(scope_binding).next().is_none() {
            let has_parent = self.resource()?.promises.parent.is_some();
            return Ok((!has_parent).then(Scope::root));
        }
        let mut scope = Scope::root();
        for selector in &self.intent.scope {
            scope = self.enter(&scope, selector)?;
        }
        Ok(Some(scope))
    }

    fn enter(&self, scope: &Scope, selector: &Selector) -> Result<Scope, Rejection> {
        let Selector { resource, field, value } = selector;
        let missing = || {
            let refusal = Rejection::new(Situation::ScopeNotFound).with("scope", value.clone()).with("field", field.as_str());
            refusal.with("resource", resource.as_str())
        };
        let also = self.endpoint.promises.scope_known_by.iter().flat_map(|claim| &claim.value);
        let mut fields = std::iter::once(field).chain(also);
        let identity = match fields.find_map(|field| self.state.store.find(resource, scope, field, value)) {
            Some(thing) => Arc::clone(&thing.identity),
            None if self.is_on_demand(resource) => text(value).into(),
            None => return Err(missing()),
        };
        if self.principal.caller.sees(resource, &identity) || self.is_blind_to(Blind::Owner) {
            return Ok(scope.inside(resource, &identity));
        }
        match self.foreign() {
            ForeignLook::NotFound => Err(missing()),
            ForeignLook::Forbidden => Err(Rejection::new(Situation::Foreign).with("scope", value.clone())),
        }
    }

    /// A parent exists on demand when the world names none and no operation can create it.
    fn is_on_demand(&self, resource: &str) -> bool {
        let makes = |verb: Verb| matches!(verb, Verb::Create | Verb::Put);
        let creatable =
            self.contract.endpoints.iter().any(|endpoint| makes(endpoint.verb) && endpoint.resource.as_deref() == Some(resource));
        !self.world.names(resource) && !creatable
    }

    /// Refuses what belongs to somebody else, as the vendor does.
    pub(crate) fn check_sees(&self, scope: &Scope, own: (&str, &str), field: &str, value: &serde_json::Value) -> Result<(), Rejection> {
        let mut chain = scope.chain().chain([own]);
        if self.is_blind_to(Blind::Owner) || chain.all(|(resource, identity)| self.principal.caller.sees(resource, identity)) {
            return Ok(());
        }
        Err(match self.foreign() {
            ForeignLook::NotFound => super::context::not_found(field, value),
            ForeignLook::Forbidden => Rejection::new(Situation::Foreign),
        })
    }

    /// Whether the operation does not look at this.
    pub(crate) fn is_blind_to(&self, what: Blind) -> bool {
        self.endpoint.is_blind_to(what)
    }

    fn foreign(&self) -> ForeignLook {
        self.contract.access().foreign.as_ref().map_or(ForeignLook::NotFound, |claim| claim.value)
    }

    /// The scope for a create or a list, which cannot do without.
    pub(crate) fn own_scope(&self) -> Result<Scope, Rejection> {
        self.scope()?.ok_or_else(|| Rejection::new(Situation::ScopeNotFound))
    }

    /// Whether a missing scope is answered as if it were empty.
    pub(crate) fn tolerates_missing_scope(&self) -> bool {
        self.endpoint.promises.missing_scope.as_ref().is_some_and(|claim| claim.value == Missing::Accept)
    }
}

/// Refuses a caller that is limited to some scopes before anything else is looked at, where the vendor does so.
pub(crate) fn check_foreign(
    contract: &Contract,
    store: &Store,
    principal: &Principal<'_>,
    endpoint: &Endpoint,
    intent: &Intent<Fields>,
) -> Result<(), Rejection> {
    let caller = &principal.caller;
    let Some(resource) = contract.resource_of(endpoint).filter(|_| !endpoint.is_public()) else { return Ok(()) };
    let mut scope = Scope::root();
    for Selector { resource, field, value } in &intent.scope {
        let identity = store.find(resource, &scope, field, value).map_or_else(|| text(value), |thing| thing.identity.to_string());
        if !caller.sees(resource, &identity) {
            return Err(Rejection::new(Situation::Foreign).with("scope", value.clone()));
        }
        scope = scope.inside(resource, &identity);
    }
    let limited = |name: &String| caller.sees.contains_key(name);
    let global = intent.scope.is_empty() && resource.promises.parent.as_ref().is_some_and(|parent| limited(&parent.value));
    // Whoever is limited to some things of a kind makes no others.
    let makes = matches!(endpoint.verb, Verb::Create | Verb::Put) && intent.scope.is_empty() && limited(&resource.name);
    let hidden = match &intent.items {
        Items::Named(_, values) => values.iter().any(|value| !caller.sees(&resource.name, &text(value))),
        Items::None | Items::All => false,
    };
    if global || makes || hidden { Err(Rejection::new(Situation::Foreign)) } else { Ok(()) }
}

fn scope_binding(binding: &Binding) -> Option<()> {
    matches!(binding, Binding::Scope(_)).then_some(())
}
