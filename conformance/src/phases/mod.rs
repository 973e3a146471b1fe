//! Phases: what is sent, and in which order.

mod access;
mod concurrency;
mod coverage;
pub(crate) mod document;
mod examples;
mod inputs;
mod lifecycle;
mod long;
mod plan;
mod properties;
mod refusals;

use crate::director::Director;
use crate::options::Phase;
use crate::session::Stop;

pub(crate) use inputs::Wire;

/// Runs one phase.
pub(crate) async fn run(phase: Phase, director: &mut Director<'_>) -> Result<(), Stop> {
    match phase {
        Phase::Examples => examples::run(director).await,
        Phase::Coverage => coverage::run(director).await,
        Phase::Properties => properties::run(director).await,
        Phase::Lifecycle => lifecycle::run(director).await,
        Phase::Concurrency => concurrency::run(director).await,
        Phase::Access => access::run(director).await,
    }
}
