//! A sandbox as those who embed the server hold it: what was asked of it, its clock, and back to the beginning.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::MockServer;
use crate::engine::Engine;
use crate::journal::ReceivedRequest;

/// One sandbox of a server, in all of its APIs.
///
/// ```
/// # tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
/// use mock_server::MockServer;
/// use specs::{Profile, Spec};
///
/// let contract = Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid");
/// let server = MockServer::start(contract).await.expect("a free port");
/// # rustls::crypto::ring::default_provider().install_default().expect("the first one");
/// let client = reqwest::Client::builder().no_proxy().build().expect("a client");
///
/// let url = format!("{}/v1/apps/1/secrets/KEY", server.sandbox("one"));
/// client.delete(url).bearer_auth("test-admin").send().await.expect("an answer");
///
/// let one = server.inside("one");
/// let asked = one.received_requests("spice");
/// assert_eq!((asked[0].method.as_str(), asked[0].status), ("DELETE", 404));
/// assert_eq!(asked[0].caller.as_deref(), Some("admin"));
/// assert!(server.received_requests("spice").is_empty(), "the other sandbox was not asked");
///
/// one.advance_clock(std::time::Duration::from_secs(3600)).expect("time goes on");
/// one.reset();
/// assert!(one.received_requests("spice").is_empty());
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Inside<'s> {
    engines: &'s [Arc<Engine>],
    sandbox: &'s str,
}

/// The clock cannot be put there: its calendar ends with the year 9899.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the clock cannot be put so far forward")]
pub struct ClockError;

impl MockServer {
    /// The sandbox of this name; the empty name is the one without a name.
    #[must_use]
    pub fn inside<'s>(&'s self, sandbox: &'s str) -> Inside<'s> {
        Inside { engines: self.host.engines(), sandbox }
    }

    /// What was asked of the spec of this name outside of any named sandbox: the newest thousand requests, oldest first.
    #[must_use]
    pub fn received_requests(&self, spec: &str) -> Vec<ReceivedRequest> {
        self.inside("").received_requests(spec)
    }

    /// Lets everything outside of named sandboxes begin anew.
    pub fn reset(&self) {
        self.inside("").reset();
    }
}

impl Inside<'_> {
    /// What was asked of the spec of this name: the newest thousand requests, oldest first.
    #[must_use]
    pub fn received_requests(&self, spec: &str) -> Vec<ReceivedRequest> {
        let engine = self.engines.iter().find(|engine| engine.contract.name == spec);
        let Some(state) = engine.and_then(|engine| engine.sandboxes.known(self.sandbox)) else { return Vec::new() };
        state.lock().unwrap_or_else(PoisonError::into_inner).journal.entries().cloned().collect()
    }

    /// Lets it begin anew: the world as it was, an empty journal, the clock at its beginning.
    pub fn reset(&self) {
        self.engines.iter().for_each(|engine| engine.reset(self.sandbox));
    }

    /// Puts its clock forward: issued tokens age by it, and what is written from now on is later.
    pub fn advance_clock(&self, by: Duration) -> Result<(), ClockError> {
        let millis = i64::try_from(by.as_millis()).map_err(|_| ClockError)?;
        for state in self.engines.iter().filter_map(|engine| engine.state(self.sandbox)) {
            state.lock().unwrap_or_else(PoisonError::into_inner).clock.advance(millis).map_err(|_| ClockError)?;
        }
        Ok(())
    }
}
