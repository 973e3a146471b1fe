//! Phases: what is sent, and in which order.

mod coverage;
mod examples;
mod inputs;
mod lifecycle;
mod plan;

use crate::director::Director;
use crate::options::Phase;
use crate::session::Stop;

/// Runs one phase.
pub(crate) async fn run(phase: Phase, director: &mut Director<'_>) -> Result<(), Stop> {
    match phase {
        Phase::Examples => examples::run(director).await,
        Phase::Coverage => coverage::run(director).await,
        Phase::Lifecycle => lifecycle::run(director).await,
    }
}
