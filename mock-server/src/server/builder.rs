//! What a server is to be, and how it comes to be.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use specs::contract::Contract;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::listener;
use super::mock_server::MockServer;
use super::tls::{Tls, TlsError};
use crate::control::ControlToken;
use crate::engine::{Engine, Settings};
use crate::fault::{self, Rule, RuleError};
use crate::host::Host;
use crate::journal::ReceivedRequest;
use crate::lasting::{Keeper, StateFileError, attach, fill};
use crate::world::{UnknownRole, World, WorldError};

/// What a server is to be.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    contracts: Vec<Arc<Contract>>,
    listen: SocketAddr,
    seed: u64,
    tokens: Vec<(String, Option<String>)>,
    worlds: BTreeMap<String, World>,
    rules: Vec<Rule>,
    tls: Option<Tls>,
    limited: bool,
    state: Option<PathBuf>,
    told: Option<fn(&ReceivedRequest)>,
    control_token: Option<ControlToken>,
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
    /// A world was given for a spec that is not served.
    #[error("a world was given for `{spec}`, which is not served; served are: {}", served.join(", "))]
    UnknownSpec {
        /// The spec's name.
        spec: String,
        /// The names of the specs that are served.
        served: Vec<String>,
    },
    /// A rule does not fit what is served.
    #[error("the fault `{rule}` fits nothing here: {reason}")]
    Fault {
        /// The rule.
        rule: String,
        /// Why.
        reason: RuleError,
    },
    /// TLS cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateFileError),
    /// A token is to have a role that nobody knows.
    #[error(transparent)]
    Role(#[from] UnknownRole),
    /// There is nothing to serve.
    #[error("no contract was given")]
    Nothing,
}

/// The roles of which a contract says what they may do.
fn roles(contract: &Contract) -> Vec<&str> {
    contract.access().roles.iter().flat_map(|roles| roles.value.keys()).map(String::as_str).collect()
}

fn hint(reason: &io::Error) -> &'static str {
    match reason.kind() {
        io::ErrorKind::AddrInUse => "; choose another port, or port 0 for a free one",
        io::ErrorKind::PermissionDenied => "; ports below 1024 need privileges, choose a higher one",
        _ => "",
    }
}

impl Builder {
    pub(super) const fn new() -> Self {
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self {
            contracts: Vec::new(),
            listen,
            seed: 0,
            tokens: Vec::new(),
            worlds: BTreeMap::new(),
            rules: Vec::new(),
            tls: None,
            limited: false,
            state: None,
            told: None,
            control_token: None,
        }
    }

    /// Serves this contract; several are served each below its name.
    pub fn contract(mut self, contract: impl Into<Arc<Contract>>) -> Self {
        self.contracts.push(contract.into());
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

    /// Begins with this world for the spec of this name, instead of the one that ships with it.
    pub fn world(mut self, spec: impl Into<String>, world: World) -> Self {
        self.worlds.insert(spec.into(), world);
        self
    }

    /// Serves TLS, and nothing else.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Has this fault: a defect, a disturbance, or a rule that says when one of them holds.
    pub fn fault(mut self, rule: impl Into<Rule>) -> Self {
        self.rules.push(rule.into());
        self
    }

    /// Refuses requests beyond the vendor's rate limits, by the sandbox's clock. Without it they are counted and told in headers alone,
    /// since a clock that stands still between changes would never let a test go on.
    pub const fn rate_limits(mut self) -> Self {
        self.limited = true;
        self
    }

    /// Keeps the state in this file: what was acknowledged is there again after a restart, however the server ended. Whoever can read the
    /// file can read the secrets in it.
    pub fn state(mut self, file: impl Into<PathBuf>) -> Self {
        self.state = Some(file.into());
        self
    }

    /// Has each request told when it is answered, as the journal keeps it: without a value.
    pub const fn on_request(mut self, told: fn(&ReceivedRequest)) -> Self {
        self.told = Some(told);
        self
    }

    /// Asks whoever uses the control plane for this token; without one it answers on loopback only.
    pub fn control_token(mut self, token: &str) -> Self {
        self.control_token = Some(ControlToken::new(token));
        self
    }

    /// Starts listening and serving.
    pub async fn start(mut self) -> Result<MockServer, StartError> {
        self.check()?;
        let mut engines = Vec::new();
        for contract in self.contracts {
            let mut world = self.worlds.remove(&contract.name).map_or_else(|| World::of(&contract.name), Ok)?;
            world.estrange(&contract);
            if !self.tokens.is_empty() {
                world.pin(&self.tokens, &roles(&contract))?;
            }
            let rules = self.rules.iter().filter(|rule| fault::check(rule, std::iter::once(&*contract)).is_ok()).cloned().collect();
            let settings = Settings { seed: self.seed, pinned: !self.tokens.is_empty(), limited: self.limited, told: self.told };
            engines.push(Engine::new(contract, world, rules, settings));
        }
        let held = self.state.as_ref().map(|path| Keeper::open(path)).transpose()?;
        if let (Some(path), Some((folded, _))) = (&self.state, &held) {
            fill(path, folded, &engines)?;
        }
        let (acceptor, certificate) = match &self.tls {
            Some(tls) => tls.prepare(self.listen.ip()).map(|(acceptor, certificate)| (Some(acceptor), certificate))?,
            None => (None, None),
        };
        let failed = |reason| StartError::Listen { address: self.listen, reason };
        let listener = TcpListener::bind(self.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        if let Some((folded, held)) = held {
            attach(Keeper::begin(held, folded)?, &mut engines);
        }
        let host = Arc::new(Host::new(engines, if self.tls.is_some() { "https" } else { "http" }, self.control_token));
        let (running, stop) = watch::channel(());
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let task = tokio::spawn(listener::serve(listener, acceptor, Arc::clone(&host), stop));
        Ok(MockServer { address, host, scheme, certificate, running, task })
    }

    /// Whether there is something to serve, and nothing is said of what is not served.
    fn check(&self) -> Result<(), StartError> {
        let served: Vec<String> = self.contracts.iter().map(|contract| contract.name.clone()).collect();
        match self.worlds.keys().find(|spec| !served.contains(spec)) {
            _ if served.is_empty() => Err(StartError::Nothing),
            Some(spec) => Err(StartError::UnknownSpec { spec: spec.clone(), served }),
            None => self.check_rules(),
        }
    }

    fn check_rules(&self) -> Result<(), StartError> {
        for rule in &self.rules {
            fault::check(rule, self.contracts.iter().map(AsRef::as_ref))
                .map_err(|reason| StartError::Fault { rule: rule.to_string(), reason })?;
        }
        Ok(())
    }
}
