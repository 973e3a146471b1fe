//! A server's engines and its state file.

use std::path::Path;
use std::sync::Arc;

use super::engine::kept;
use super::{Folded, KeepError, Keeper, StateFileError, build};
use crate::engine::Engine;
use crate::sandbox::hold;

/// Puts what a state file held into the engines; what does not fit them is refused.
pub(crate) fn fill(path: &Path, folded: &Folded, engines: &[Engine]) -> Result<(), StateFileError> {
    for ((api, sandbox), saved) in &folded.0 {
        let engine = engines.iter().find(|engine| engine.contract.name == *api);
        let engine = engine.ok_or_else(|| StateFileError::Foreign { path: path.to_owned(), api: api.clone() })?;
        let unfit =
            |reason: super::BuildError| StateFileError::Unfit { path: path.to_owned(), api: api.clone(), reason: reason.to_string() };
        engine.sandboxes.put(sandbox, kept(build(&engine.contract, saved).map_err(unfit)?));
    }
    Ok(())
}

/// Lets the engines keep their changes from now on.
pub(crate) fn attach(keeper: Keeper, engines: &mut [Engine]) {
    let keeper = Arc::new(keeper);
    engines.iter_mut().for_each(|engine| engine.keeper = Some(Arc::clone(&keeper)));
}

/// Brings to the disk what needs no acknowledgement: how many requests came, and how often each caller asked.
pub(crate) fn settle_the_rest(engines: &[Arc<Engine>]) -> Result<(), KeepError> {
    for engine in engines {
        for sandbox in engine.sandboxes.names() {
            let Some(state) = engine.sandboxes.known(&sandbox) else { continue };
            let mut state = hold(&state);
            state.kept.is_behind();
            engine.settle(&sandbox, &mut state)?;
        }
    }
    Ok(())
}
