//! A running server, as those who embed it hold it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use specs::contract::Contract;
use specs::wire::{Request, Response};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::builder::{Builder, StartError};
use super::exchange::millis;
use crate::engine::Engine;
use crate::host::Host;
use crate::lasting::settle_the_rest;
use crate::owner;
use crate::world::World;

/// A server that keeps the promises of one contract or several. It stops when it is dropped.
///
/// ```
/// # tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
/// use mock_server::MockServer;
/// use specs::{Profile, Spec};
///
/// let spec = Spec::find("../fixtures/documents/boxes.yaml", None).expect("a vendor's name, or a file");
/// let contract = spec.contract(Profile::Documented).expect("the document is valid");
/// let server = MockServer::start(contract).await.expect("a free port");
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// # });
/// ```
#[derive(Debug)]
pub struct MockServer {
    pub(super) address: SocketAddr,
    pub(super) host: Arc<Host>,
    /// `http` or `https`.
    pub(super) scheme: &'static str,
    pub(super) certificate: Option<String>,
    /// Everything that the server runs ends when this is dropped.
    pub(super) running: watch::Sender<()>,
    pub(super) task: JoinHandle<()>,
}

impl MockServer {
    /// Serves one contract on a free port of the loopback interface, with seed 0 and no faults.
    pub async fn start(contract: Contract) -> Result<Self, StartError> {
        Self::builder().contract(contract).start().await
    }

    /// A server of which more is to be said than its contract.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The certificate that clients are to trust, in PEM form, if one was made at the start.
    #[must_use]
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// The base URL of one API: the server's own, or below it where several are served.
    #[must_use]
    pub fn url_of(&self, spec: &str) -> String {
        if self.host.engines().len() == 1 { self.url() } else { format!("{}/{spec}", self.url()) }
    }

    /// The base URL of a sandbox, whose state is its own.
    #[must_use]
    pub fn sandbox(&self, name: &str) -> String {
        format!("{}/~{name}", self.url())
    }

    /// Who and what exists at the start, for the spec of this name.
    #[must_use]
    pub fn world(&self, spec: &str) -> Option<&World> {
        self.engine(spec).map(Engine::world)
    }

    /// The headers with which the owner of everything calls the spec of this name: names and values.
    #[must_use]
    pub fn credentials(&self, spec: &str) -> Vec<(String, String)> {
        self.engine(spec)
            .and_then(|engine| engine.world().callers.first().map(|owner| owner::credentials(&engine.contract, owner)))
            .unwrap_or_default()
    }

    /// The headers with which a caller of this name (`reader`, `expired`) calls the spec; none if the world does not know it.
    #[must_use]
    pub fn credentials_of(&self, spec: &str, caller: &str) -> Option<Vec<(String, String)>> {
        let engine = self.engine(spec)?;
        let caller = engine.world().callers.iter().find(|own| own.name == caller)?;
        Some(owner::credentials(&engine.contract, caller))
    }

    /// Values for the parameters that nothing in the document of this spec can create; the first is the scope to work in.
    #[must_use]
    pub fn parameters(&self, spec: &str) -> BTreeMap<String, Vec<String>> {
        self.engine(spec).map_or_else(BTreeMap::new, |engine| owner::parameters(&engine.contract, engine.world()))
    }

    /// The keys with which the owner of everything calls the spec of this name, where they travel in the query: names and values.
    #[must_use]
    pub fn keys(&self, spec: &str) -> Vec<(String, String)> {
        self.engine(spec).map_or_else(Vec::new, |engine| owner::keys(&engine.contract, engine.world()))
    }

    /// Answers a request without a socket: what a client would get, at once and whole, and written down like any other.
    #[must_use]
    pub fn answer(&self, request: Request) -> Response {
        self.host.answer(request, true, millis(), None).response
    }

    fn engine(&self, spec: &str) -> Option<&Engine> {
        self.host.engines().iter().find(|engine| engine.contract.name == spec).map(AsRef::as_ref)
    }

    /// Stops and waits until everything has ended: answers on their way are brought first, and the port is free afterwards.
    ///
    /// Dropping the server does the same without waiting.
    pub async fn stop(self) {
        drop(self.running);
        // A listener that panicked has ended too.
        let _ = self.task.await;
        // Of what is not known to be kept nobody was told.
        let _ = settle_the_rest(self.host.engines());
    }
}
