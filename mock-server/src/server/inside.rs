//! A sandbox as those who embed the server hold it: what was asked of it, its clock, and back to the beginning.

use std::sync::Arc;
use std::time::Duration;

use super::MockServer;
use crate::engine::Engine;
use crate::journal::ReceivedRequest;
use crate::lasting::{Export, ImportError, at_once, export_of, import_into, settle_all};
use crate::sandbox::hold;

/// One sandbox of a server, in all of its APIs.
///
/// ```
/// # tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
/// use mock_server::MockServer;
/// use specs::{Profile, Spec};
///
/// let spec = Spec::find("../fixtures/documents/boxes.yaml", None).expect("a vendor's name, or a file");
/// let contract = spec.contract(Profile::Documented).expect("the document is valid");
/// let server = MockServer::start(contract).await.expect("a free port");
/// # rustls::crypto::ring::default_provider().install_default().expect("the first one");
/// let client = reqwest::Client::builder().no_proxy().build().expect("a client");
///
/// let url = format!("{}/boxes/none", server.sandbox("one"));
/// client.delete(url).header("x-api-key", "test-admin").send().await.expect("an answer");
///
/// let one = server.inside("one");
/// let asked = one.received_requests("boxes");
/// assert_eq!((asked[0].method.as_str(), asked[0].status), ("DELETE", 404));
/// assert_eq!(asked[0].caller.as_deref(), Some("admin"));
/// assert!(server.received_requests("boxes").is_empty(), "the other sandbox was not asked");
///
/// one.advance_clock(std::time::Duration::from_secs(3600)).expect("time goes on");
/// let before = one.export_state().expect("there is room");
/// one.reset().expect("nothing hinders it");
/// assert!(one.received_requests("boxes").is_empty());
/// server.inside("two").import_state(&before).expect("it fits");
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Inside<'s> {
    engines: &'s [Arc<Engine>],
    sandbox: &'s str,
}

/// Why a sandbox cannot be changed so. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The clock's calendar ends before that.
    #[error("the clock cannot be put so far forward")]
    TooLate,
    /// It is no state of these APIs; the words say what is wrong and where, and repeat no value.
    #[error("the state cannot be taken in: {0}")]
    Wrong(String),
    /// There is no room for a sandbox of this name.
    #[error("there are too many sandboxes")]
    TooManySandboxes,
    /// The state file cannot be written.
    #[error("the state file cannot be written, so nothing was changed")]
    NotKept,
}

impl From<ImportError> for StateError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Wrong(reason) => Self::Wrong(reason),
            ImportError::TooManySandboxes => Self::TooManySandboxes,
            ImportError::NotKept(_) => Self::NotKept,
        }
    }
}

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
    pub fn reset(&self) -> Result<(), StateError> {
        self.inside("").reset()
    }
}

impl Inside<'_> {
    /// What was asked of the spec of this name: the newest thousand requests, oldest first.
    #[must_use]
    pub fn received_requests(&self, spec: &str) -> Vec<ReceivedRequest> {
        let Some(engine) = self.engines.iter().find(|engine| engine.contract.name == spec) else { return Vec::new() };
        let Some(state) = engine.sandboxes.known(self.sandbox) else { return Vec::new() };
        hold(&state).journal.entries(&engine.contract, self.sandbox).collect()
    }

    /// Lets it begin anew: the world as it was, an empty journal, the clock at its beginning.
    pub fn reset(&self) -> Result<(), StateError> {
        self.engines.iter().try_for_each(|engine| engine.reset(self.sandbox)).map_err(|_| StateError::NotKept)
    }

    /// Puts its clock forward: issued tokens age by it, and what is written from now on is later.
    pub fn advance_clock(&self, by: Duration) -> Result<(), StateError> {
        let millis = i64::try_from(by.as_millis()).map_err(|_| StateError::TooLate)?;
        let advanced = at_once(&self.engines(), self.sandbox, |grips| {
            let mut clocks: Vec<_> = grips.iter().map(|(_, state)| state.clock.clone()).collect();
            clocks.iter_mut().try_for_each(|clock| clock.advance(millis)).map_err(|_| StateError::TooLate)?;
            grips.iter_mut().zip(clocks).for_each(|((_, state), clock)| state.clock = clock);
            settle_all(self.sandbox, grips).map_err(|_| StateError::NotKept)
        });
        advanced.unwrap_or(Err(StateError::TooManySandboxes))
    }

    /// Everything that it holds, as JSON, by API. The secrets are in it: that is what it is for.
    pub fn export_state(&self) -> Result<String, StateError> {
        let export = export_of(&self.engines(), self.sandbox).ok_or(StateError::TooManySandboxes)?;
        serde_json::to_string(&export).map_err(|error| StateError::Wrong(error.to_string()))
    }

    /// Puts what was exported, from whichever sandbox, in the place of what it holds, for the APIs that it names: all of it or nothing.
    pub fn import_state(&self, exported: &str) -> Result<(), StateError> {
        Ok(import_into(&self.engines(), self.sandbox, &Export::read(exported.as_bytes())?)?)
    }

    fn engines(&self) -> Vec<&Arc<Engine>> {
        self.engines.iter().collect()
    }
}
