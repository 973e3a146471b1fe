//! From JSON back to a state; what could not have been saved is refused.

use std::collections::HashSet;

use specs::contract::{Contract, Resource};

use super::saved::{Saved, SavedThing};
use crate::access::Issued;
use crate::clock::{Chance, Clock};
use crate::idempotency::Replays;
use crate::limiter::Limiter;
use crate::sandbox::State;
use crate::store::{By, Scope, Store, Thing};

/// Why a saved state is none of this API's. Places are relative to the API's own state.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// Things of that kind are not known here.
    #[error("things[{0}].resource: this API has no such resource")]
    Resource(usize),
    /// Two things cannot have one number.
    #[error("things[{0}].sequence: it must be larger than the one before it and at most `created`")]
    Sequence(usize),
    /// A moment is none.
    #[error("{0}: it is no moment that the clock can show")]
    Moment(String),
    /// There are more things than a sandbox holds.
    #[error("things: there are too many")]
    Full,
    /// An answer cannot be sent.
    #[error("replays[{0}]: it is no answer")]
    Replay(usize),
    /// Two tokens are the same.
    #[error("issued[{0}].token: it is there already")]
    Token(usize),
}

/// The state that was saved.
pub(crate) fn build(contract: &Contract, saved: &Saved) -> Result<State, BuildError> {
    let clock = Clock::from_saved(saved.clock).ok_or_else(|| BuildError::Moment("clock".to_owned()))?;
    let mut tokens = HashSet::new();
    if let Some(twice) = saved.issued.iter().position(|token| !tokens.insert(&token.token)) {
        return Err(BuildError::Token(twice));
    }
    let issued = saved.issued.iter().map(|token| {
        let issued = Issued { stands_for: token.stands_for.clone(), expires: token.expires };
        (token.token.clone(), issued)
    });
    let replays = Replays::from_saved(&saved.replays).map_err(BuildError::Replay)?;
    Ok(State {
        store: store(contract, saved)?,
        clock,
        chance: Chance::from_saved(saved.chance),
        issued: issued.collect(),
        replays,
        limiter: Limiter::from_saved(&saved.limits),
        requests: saved.requests,
        ..State::empty(saved.chance.seed)
    })
}

fn store(contract: &Contract, saved: &Saved) -> Result<Store, BuildError> {
    let mut store = Store::default();
    let mut last = 0;
    for (index, thing) in saved.things.iter().enumerate() {
        if !store.has_room() {
            return Err(BuildError::Full);
        }
        if thing.sequence <= last || thing.sequence > saved.created {
            return Err(BuildError::Sequence(index));
        }
        let moments = [thing.created, thing.updated];
        if !moments.iter().all(|millis| Clock::can_show(*millis)) {
            return Err(BuildError::Moment(format!("things[{index}]")));
        }
        last = thing.sequence;
        let resource = contract.resources.get(&thing.resource).ok_or(BuildError::Resource(index))?;
        restore(&mut store, resource, thing);
    }
    store.set_created(saved.created);
    Ok(store)
}

fn restore(store: &mut Store, resource: &Resource, saved: &SavedThing) {
    let scope = saved.scope.iter().fold(Scope::root(), |scope, (resource, identity)| scope.inside(resource, identity));
    let mut thing = Thing::new(&saved.identity, saved.fields.clone(), saved.created);
    (thing.sequence, thing.updated) = (saved.sequence, saved.updated);
    thing.versions.clone_from(&saved.versions);
    store.restore(&resource.name, &scope, By::from(resource), thing);
}
