//! The server: sockets around the engine.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use specs::contract::Contract;
use specs::wire::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::engine::Engine;
use crate::fault::{Fault, Faults};
use crate::host::Host;
use crate::owner;
use crate::world::{World, WorldError};

/// A server that keeps the promises of one contract or several. It stops when it is dropped.
///
/// ```
/// # tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
/// use mock_server::MockServer;
/// use specs::{Profile, Spec};
///
/// let contract = Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid");
/// let server = MockServer::start(contract).await.expect("a free port");
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// # });
/// ```
#[derive(Debug)]
pub struct MockServer {
    address: SocketAddr,
    host: Arc<Host>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<io::Result<()>>>,
}

/// What a server is to be.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    contracts: Vec<Contract>,
    listen: SocketAddr,
    seed: u64,
    tokens: Vec<(String, Option<String>)>,
    faults: Vec<Fault>,
}

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {reason}{}", hint(reason))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        reason: io::Error,
    },
    /// The world cannot be read.
    #[error(transparent)]
    World(#[from] WorldError),
    /// There is nothing to serve.
    #[error("no contract was given")]
    Nothing,
}

fn hint(reason: &io::Error) -> &'static str {
    match reason.kind() {
        io::ErrorKind::AddrInUse => "; choose another port, or port 0 for a free one",
        io::ErrorKind::PermissionDenied => "; ports below 1024 need privileges, choose a higher one",
        _ => "",
    }
}

impl MockServer {
    /// Serves one contract on a free port of the loopback interface, with seed 0 and no faults.
    pub async fn start(contract: Contract) -> Result<Self, StartError> {
        Self::builder().contract(contract).start().await
    }

    /// A server of which more is to be said than its contract.
    pub fn builder() -> Builder {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Builder { contracts: Vec::new(), listen, seed: 0, tokens: Vec::new(), faults: Vec::new() }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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

    fn engine(&self, spec: &str) -> Option<&Engine> {
        self.host.engines().iter().find(|engine| engine.contract.name == spec).map(AsRef::as_ref)
    }

    /// Waits until the server stops by itself, which it does not unless its socket fails.
    pub async fn wait(mut self) -> io::Result<()> {
        match self.task.take() {
            Some(task) => task.await.unwrap_or_else(|error| Err(io::Error::other(error))),
            None => Ok(()),
        }
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A server that has stopped already hears nothing, and needs not.
            let _ = stop.send(());
        }
    }
}

impl Builder {
    /// Serves this contract; several are served each below its name.
    pub fn contract(mut self, contract: Contract) -> Self {
        self.contracts.push(contract);
        self
    }

    /// Listens here instead of on a free loopback port.
    pub const fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// The number that decides ids and choices.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Only tokens named so are accepted; without a role a token is the owner's.
    pub fn token(mut self, token: impl Into<String>, role: Option<String>) -> Self {
        self.tokens.push((token.into(), role));
        self
    }

    /// Has this defect.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Starts listening and serving.
    pub async fn start(self) -> Result<MockServer, StartError> {
        if self.contracts.is_empty() {
            return Err(StartError::Nothing);
        }
        let mut engines = Vec::new();
        for contract in self.contracts {
            let mut world = World::of(&contract.name)?;
            if !self.tokens.is_empty() {
                world.pin(&self.tokens);
            }
            let faults = Faults::new(self.faults.iter().copied());
            engines.push(Engine::new(Arc::new(contract), world, faults, self.seed, !self.tokens.is_empty()));
        }
        let host = Arc::new(Host::new(engines));
        let failed = |reason| StartError::Listen { address: self.listen, reason };
        let listener = TcpListener::bind(self.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let routes = Router::new().fallback(handle).with_state(Arc::clone(&host));
        let served = axum::serve(listener, routes).with_graceful_shutdown(async {
            // Dropping the sender means the same as sending.
            let _ = stopped.await;
        });
        let task = tokio::spawn(served.into_future());
        Ok(MockServer { address, host, stop: Some(stop), task: Some(task) })
    }
}

async fn handle(State(host): State<Arc<Host>>, incoming: axum::extract::Request) -> axum::response::Response {
    let (parts, body) = incoming.into_parts();
    let mut request = Request::new(parts.method, parts.uri.path());
    request.query = parts.uri.query().map(str::to_owned);
    request.headers = parts.headers;
    let limit = host.largest_body(&request.path);
    let response = match to_bytes(body, limit).await {
        Ok(bytes) => {
            request.body = bytes;
            host.answer(request, seconds())
        }
        Err(_) => host.refuse_too_large(request),
    };
    outgoing(response)
}

fn outgoing(response: Response) -> axum::response::Response {
    let mut outgoing = axum::response::Response::new(Body::from(response.body));
    *outgoing.status_mut() = response.status;
    *outgoing.headers_mut() = response.headers;
    outgoing
}

/// Seconds since 1970 by the machine's clock.
fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
