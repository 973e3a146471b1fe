//! A sandbox's state out of a running server, and into one.

use std::sync::Arc;

use super::engine::{Grip, at_once, replace, settle_all};
use super::{Export, KeepError, build, save};
use crate::engine::Engine;
use crate::sandbox::State;

/// Why a state could not be taken in. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    /// It is no state of these APIs; the words say what is wrong and where, and repeat no value.
    #[error("{0}")]
    Wrong(String),
    /// There is no room for a sandbox of this name.
    #[error("there are too many sandboxes")]
    TooManySandboxes,
    /// It could not be kept.
    #[error(transparent)]
    NotKept(#[from] KeepError),
}

/// The state of a sandbox by API; none when there are too many sandboxes.
pub(crate) fn export_of(engines: &[&Arc<Engine>], sandbox: &str) -> Option<Export> {
    at_once(engines, sandbox, |grips| {
        Export::new(grips.iter().map(|(engine, state)| (engine.contract.name.clone(), save(state))).collect())
    })
}

/// Puts an exported state in the place of a sandbox's, for the APIs that it names: all of it or nothing.
pub(crate) fn import_into(engines: &[&Arc<Engine>], sandbox: &str, export: &Export) -> Result<(), ImportError> {
    let mut fresh = Vec::new();
    for (api, saved) in &export.apis {
        let engine = engines.iter().find(|engine| engine.contract.name == *api).ok_or_else(|| not_served(engines))?;
        let state = build(&engine.contract, saved).map_err(|reason| ImportError::Wrong(format!("apis.{api}.{reason}")))?;
        fresh.push((api.as_str(), state));
    }
    let taken = at_once(engines, sandbox, |grips| {
        fresh.into_iter().for_each(|(api, state)| take(grips, api, state));
        settle_all(sandbox, grips)
    });
    Ok(taken.ok_or(ImportError::TooManySandboxes)??)
}

fn take(grips: &mut [Grip<'_>], api: &str, state: State) {
    if let Some((_, own)) = grips.iter_mut().find(|(engine, _)| engine.contract.name == api) {
        replace(own, state);
        own.kept.begin_anew();
    }
}

fn not_served(engines: &[&Arc<Engine>]) -> ImportError {
    let names: Vec<&str> = engines.iter().map(|engine| engine.contract.name.as_str()).collect();
    ImportError::Wrong(format!("apis: it names an API that is not served here; served are: {}", names.join(", ")))
}
