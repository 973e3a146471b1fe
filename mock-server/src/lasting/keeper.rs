//! The keeper: brings changes to the file before they are acknowledged, many at once where many come at once.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::runtime::{Handle, RuntimeFlavor};

use super::batch::{Change, Folded};
use super::log::{Held, Log, StateFileError};
use super::saved::Saved;

/// Keeps the state of a server in a file.
#[derive(Debug)]
pub(crate) struct Keeper {
    desk: Mutex<Desk>,
    failing: AtomicBool,
    done: Condvar,
}

/// Where changes wait for their turn.
#[derive(Debug)]
struct Desk {
    /// Away while somebody writes.
    log: Option<Log>,
    waiting: Vec<String>,
    outcome: Arc<OnceLock<Result<(), KeepError>>>,
}

/// The change could not be brought to the disk, and did not happen.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the state file cannot be written: {0}")]
pub(crate) struct KeepError(Arc<str>);

impl Keeper {
    /// Reads a state file and holds it; nothing is written yet.
    pub(crate) fn open(path: &Path) -> Result<(Folded, Held), StateFileError> {
        Log::open(path)
    }

    /// Begins the file anew with what it held.
    pub(crate) fn begin(held: Held, folded: Folded) -> Result<Self, StateFileError> {
        let desk = Desk { log: Some(held.begin(folded)?), waiting: Vec::new(), outcome: Arc::default() };
        Ok(Self { desk: Mutex::new(desk), failing: AtomicBool::new(false), done: Condvar::new() })
    }

    /// Brings changes to the disk, all of them or none. Whoever comes first writes for all who come meanwhile.
    pub(crate) fn keep(&self, changes: &[Change]) -> Result<(), KeepError> {
        if changes.is_empty() {
            return Ok(());
        }
        let text = changes.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
        let text = text.map_err(|error| KeepError(error.to_string().into()))?;
        patiently(|| self.wait(text))
    }

    fn wait(&self, text: Vec<String>) -> Result<(), KeepError> {
        let mut desk = self.desk();
        desk.waiting.extend(text);
        let outcome = Arc::clone(&desk.outcome);
        loop {
            if let Some(outcome) = outcome.get() {
                return outcome.clone();
            }
            desk = match desk.log.take() {
                Some(log) => self.write(desk, log),
                None => self.done.wait(desk).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Writes everything that waits, with the desk free for others meanwhile.
    fn write<'k>(&'k self, mut desk: MutexGuard<'k, Desk>, mut log: Log) -> MutexGuard<'k, Desk> {
        let (waiting, outcome) = (std::mem::take(&mut desk.waiting), std::mem::take(&mut desk.outcome));
        drop(desk);
        let written = log.append(&waiting).map_err(|error| KeepError(error.to_string().into()));
        if written.is_ok() && log.is_long() {
            // The file is whole and right as it is; the next time may do better.
            let _ = log.compact();
        }
        self.failing.store(written.is_err(), Ordering::Relaxed);
        let mut desk = self.desk();
        desk.log = Some(log);
        // Nobody else has this outcome to set.
        let _ = outcome.set(written);
        self.done.notify_all();
        desk
    }

    /// Whether the last attempt failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// What the file says of a sandbox; none if it says nothing.
    pub(crate) fn recall(&self, api: &str, sandbox: &str) -> Result<Option<Saved>, StateFileError> {
        let mut desk = self.desk();
        loop {
            if let Some(log) = &desk.log {
                return Ok(log.fold()?.0.remove(&(api.to_owned(), sandbox.to_owned())));
            }
            desk = self.done.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the disk, and lets the runtime know, where it can do something else meanwhile.
fn patiently<T>(wait: impl FnOnce() -> T) -> T {
    let several = Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
    if several { tokio::task::block_in_place(wait) } else { wait() }
}
