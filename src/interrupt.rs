//! Interrupts: Ctrl-C and the signal that ends a program in an orderly way mean the same.

use anyhow::{Context as _, bail};
use conformance::{Interrupt, RunError};

/// Something that tidies up when it is interrupted, and gives that up when it is interrupted again.
pub(crate) async fn interruptible<T>(interrupt: &Interrupt, running: impl Future<Output = Result<T, RunError>>) -> anyhow::Result<T> {
    let mut running = std::pin::pin!(running);
    tokio::select! {
        ended = &mut running => return Ok(ended?),
        interrupted = interrupted() => interrupted?,
    }
    interrupt.set();
    tokio::select! {
        ended = running => Ok(ended?),
        _ = interrupted() => bail!("the run was interrupted twice; what it has made is left behind, and its ledger says what"),
    }
}

#[cfg(unix)]
async fn interrupted() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate()).context("cannot wait for a signal")?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.context("cannot wait for an interrupt"),
        _ = terminated.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interrupted() -> anyhow::Result<()> {
    tokio::signal::ctrl_c().await.context("cannot wait for an interrupt")
}
