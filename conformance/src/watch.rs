//! Watching: whoever waits for a long run learns how far it has come.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::options::Phase;

/// What happens in a run, told as it happens. Nothing in it is a value that was sent or answered.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    /// A phase begins.
    Phase(Phase),
    /// A request was answered.
    Answered {
        /// Method and path template.
        operation: &'e str,
        /// The answer's status.
        status: u16,
        /// How many requests the run has sent.
        sent: usize,
    },
    /// This many violations are repeated and made smaller.
    Retracing(usize),
    /// What the run has made is removed.
    CleaningUp,
    /// The file in which the run writes down what it makes is there: whoever ends the program the hard way needs it.
    LedgerMade(&'e Path),
}

type Watcher = dyn Fn(&Event<'_>) + Send + Sync;

/// Who watches a run; nobody unless somebody is named. Clones tell the same one.
#[derive(Clone, Default)]
pub struct Watch(Option<Arc<Watcher>>);

impl Watch {
    /// Has everything told to this function.
    pub fn by(watcher: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(watcher)))
    }

    /// Whether anybody watches, so that what nobody reads is not put together.
    pub(crate) const fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn tell(&self, event: Event<'_>) {
        if let Some(watcher) = &self.0 {
            watcher(&event);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.is_kept()).finish()
    }
}
