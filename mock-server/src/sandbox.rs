//! Sandboxes: each has a state of its own, made on first use.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};
use std::time::Duration;

use ahash::HashMap;
use specs::contract::Contract;

use crate::access::Issued;
use crate::clock::{Chance, Clock};
use crate::fault::Memory;
use crate::idempotency::Replays;
use crate::journal::Journal;
use crate::lasting::Kept;
use crate::limiter::Limiter;
use crate::store::{By, Scope, Store, Thing};
use crate::world::{World, text};

/// More sandboxes than this are refused.
pub(crate) const MOST_SANDBOXES: usize = 10_000;

/// Everything that requests change.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) chance: Chance,
    /// Tokens that were issued.
    pub(crate) issued: HashMap<String, Issued>,
    pub(crate) replays: Replays,
    /// What only a wrong server remembers.
    pub(crate) memory: Memory,
    /// How often each caller has asked.
    pub(crate) limiter: Limiter,
    /// How many requests came so far.
    pub(crate) requests: u64,
    /// What was asked.
    pub(crate) journal: Journal,
    /// What there was before the latest change, where somebody is to see it.
    pub(crate) past: Option<Past>,
    /// Whether the sandbox has begun anew: whoever still holds this one must look again.
    pub(crate) gone: bool,
    /// Where it stands in the state file.
    pub(crate) kept: Kept,
}

/// The things as they were.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) store: Store,
    /// The moment of the change, in milliseconds since 1970.
    pub(crate) until: i64,
}

impl State {
    /// The state at the start: what the world says and nothing else.
    pub(crate) fn new(contract: &Contract, world: &World, seed: u64) -> Self {
        let mut state = Self::empty(seed);
        for seed in &world.things {
            let scope = seed.scope.iter().fold(Scope::root(), |scope, (resource, identity)| scope.inside(resource, &text(identity)));
            let resource = contract.resources.get(&seed.resource);
            let field = resource.map_or("id", |resource| resource.identity().field.as_str());
            let identity = seed.fields.get(field).map(text).unwrap_or_default();
            let by = resource.map_or(By { identity: field, key: None, order: None }, By::from);
            let mut thing = Thing::new(&identity, seed.fields.clone(), state.clock.now());
            if let Some(rule) = resource.and_then(specs::contract::Resource::versions) {
                thing.add_version(rule, state.clock.now());
            }
            state.store.insert(&seed.resource, &scope, by, thing);
        }
        state.kept = Kept::beginning(&mut state);
        state
    }

    /// The things as they were before the latest change, if that was not longer ago than this; `now` is in milliseconds since 1970.
    pub(crate) fn as_it_was(&self, within: Duration, now: i64) -> Option<&Store> {
        let within = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
        self.past.as_ref().filter(|past| now.saturating_sub(past.until) < within).map(|past| &past.store)
    }

    /// A state with nothing in it, of which the state file knows nothing.
    pub(crate) fn empty(seed: u64) -> Self {
        Self {
            store: Store::default(),
            clock: Clock::new(),
            chance: Chance::new(seed),
            issued: HashMap::default(),
            replays: Replays::default(),
            memory: Memory::default(),
            limiter: Limiter::default(),
            requests: 0,
            journal: Journal::default(),
            past: None,
            gone: false,
            kept: Kept::default(),
        }
    }
}

/// How often a state that is taken is looked at again before its turn is waited for.
const LOOKS: usize = 2_000;

/// Takes hold of a state. Others hold it for microseconds, so that looking again costs less than being put to sleep and woken.
pub(crate) fn hold(state: &Mutex<State>) -> MutexGuard<'_, State> {
    for _ in 0..LOOKS {
        match state.try_lock() {
            Ok(held) => return held,
            // What a panic has left is taken over as it is.
            Err(TryLockError::Poisoned(left)) => return left.into_inner(),
            Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
        }
    }
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sandboxes of one API.
#[derive(Debug)]
pub(crate) struct Sandboxes {
    states: RwLock<HashMap<String, Arc<Mutex<State>>>>,
}

impl Sandboxes {
    pub(crate) fn new() -> Self {
        Self { states: RwLock::default() }
    }

    /// The state of a sandbox, made by `make` on first use; none when there are too many.
    pub(crate) fn get(&self, name: &str, make: impl FnOnce() -> State) -> Option<Arc<Mutex<State>>> {
        if let Some(state) = self.known(name) {
            return Some(state);
        }
        let mut states = self.write();
        if !states.contains_key(name) && states.len() >= MOST_SANDBOXES {
            return None;
        }
        Some(Arc::clone(states.entry(name.to_owned()).or_insert_with(|| Arc::new(Mutex::new(make())))))
    }

    /// The names of the sandboxes in use, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.read().keys().cloned().collect();
        names.sort();
        names
    }

    /// The state of a sandbox that is in use.
    pub(crate) fn known(&self, name: &str) -> Option<Arc<Mutex<State>>> {
        self.read().get(name).cloned()
    }

    /// Puts a state in the place of a sandbox.
    pub(crate) fn put(&self, name: &str, state: State) {
        self.write().insert(name.to_owned(), Arc::new(Mutex::new(state)));
    }

    /// Forgets a sandbox, so that its next use starts from the world.
    pub(crate) fn forget(&self, name: &str) {
        self.write().remove(name);
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Arc<Mutex<State>>>> {
        self.states.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Arc<Mutex<State>>>> {
        self.states.write().unwrap_or_else(PoisonError::into_inner)
    }
}
