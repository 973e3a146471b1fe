//! A meeting: a racing server waits until two requests have looked and none has acted, so that its race is real and not a matter of luck.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// A lone request waits no longer than this.
const PATIENCE: Duration = Duration::from_millis(50);

/// Where racing requests meet.
#[derive(Debug, Default)]
pub(crate) struct Meeting {
    here: AtomicUsize,
    arrived: Notify,
}

impl Meeting {
    /// Waits until another request is here as well, or for a moment.
    pub(crate) async fn meet(&self) {
        let mut arrived = std::pin::pin!(self.arrived.notified());
        arrived.as_mut().enable();
        if self.here.fetch_add(1, Ordering::SeqCst) > 0 {
            self.arrived.notify_waiters();
        } else {
            // Whether somebody came or not: what follows is the same.
            let _ = tokio::time::timeout(PATIENCE, arrived).await;
        }
        self.here.fetch_sub(1, Ordering::SeqCst);
    }
}
