//! An engine whose state lasts: what changes is on the disk before it is acknowledged, and what cannot be kept did not happen.

use std::sync::{Arc, Mutex, MutexGuard};

use super::mark::pending;
use super::{Change, KeepError, Keeper, Kept, Kind, build};
use crate::engine::Engine;
use crate::sandbox::{State, hold};

/// A sandbox's state in hand, with its engine.
pub(crate) type Grip<'g> = (&'g Engine, MutexGuard<'g, State>);

impl Engine {
    /// Brings what has changed of a state to the disk. If that fails, the state is what the disk has.
    pub(crate) fn settle(&self, sandbox: &str, state: &mut State) -> Result<(), KeepError> {
        let Some(keeper) = &self.keeper else {
            state.store.forget_touched();
            return Ok(());
        };
        let Some(change) = pending(&self.contract.name, sandbox, state) else { return Ok(()) };
        keeper.keep(&[change]).inspect_err(|_| self.recall(keeper, sandbox, state))
    }

    /// Lets a state be what the disk has, if it is not sure that it is.
    pub(crate) fn make_sure(&self, sandbox: &str, state: &mut State) -> bool {
        if let Some(keeper) = self.keeper.as_ref().filter(|_| state.kept.unsure) {
            self.recall(keeper, sandbox, state);
        }
        !state.kept.unsure
    }

    fn recall(&self, keeper: &Keeper, sandbox: &str, state: &mut State) {
        let found = keeper.recall(&self.contract.name, sandbox);
        let fresh = found.ok().and_then(|saved| match saved {
            Some(saved) => build(&self.contract, &saved).ok().map(kept),
            None => Some(self.beginning()),
        });
        match fresh {
            Some(fresh) => replace(state, fresh),
            None => state.kept.unsure = true,
        }
    }

    /// Lets a sandbox begin anew; if that cannot be kept, nothing changes.
    pub(crate) fn reset(&self, sandbox: &str) -> Result<(), KeepError> {
        let Some(state) = self.sandboxes.known(sandbox) else {
            self.switchboard().reset(sandbox);
            return Ok(());
        };
        let mut state = hold(&state);
        if state.gone {
            return Ok(());
        }
        if let Some(keeper) = &self.keeper {
            keeper.keep(&[Change { api: self.contract.name.clone(), sandbox: sandbox.to_owned(), kind: Kind::Reset }])?;
        }
        state.gone = true;
        self.sandboxes.forget(sandbox);
        self.switchboard().reset(sandbox);
        Ok(())
    }
}

/// A state that the file has just as it is.
pub(crate) fn kept(mut state: State) -> State {
    state.kept = Kept::on_file(&mut state);
    state
}

/// Puts a state in another's place; what was asked is still known.
pub(crate) fn replace(state: &mut State, fresh: State) {
    let journal = std::mem::take(&mut state.journal);
    *state = State { journal, ..fresh };
}

/// Brings what has changed of several states to the disk, all of it or nothing.
pub(crate) fn settle_all(sandbox: &str, grips: &mut [Grip<'_>]) -> Result<(), KeepError> {
    let Some(keeper) = grips.first().and_then(|(engine, _)| engine.keeper.clone()) else { return Ok(()) };
    let changes: Vec<Change> = grips.iter_mut().filter_map(|(engine, state)| pending(&engine.contract.name, sandbox, state)).collect();
    keeper.keep(&changes).inspect_err(|_| grips.iter_mut().for_each(|(engine, state)| engine.recall(&keeper, sandbox, state)))
}

/// Acts on the states of a sandbox in several APIs at once. They are taken in one order always, so that nobody waits in a circle.
pub(crate) fn at_once<T>(engines: &[&Arc<Engine>], sandbox: &str, act: impl FnOnce(&mut [Grip<'_>]) -> T) -> Option<T> {
    loop {
        let states: Vec<Arc<Mutex<State>>> = engines.iter().map(|engine| engine.state(sandbox)).collect::<Option<_>>()?;
        let held = states.iter().map(|state| hold(state));
        let mut grips: Vec<Grip<'_>> = engines.iter().map(|engine| &***engine).zip(held).collect();
        if grips.iter().all(|(_, state)| !state.gone) {
            return Some(act(&mut grips));
        }
    }
}
