//! The engine: one request in, one response out, over the state of one sandbox. No sockets, no clock, no randomness of its own.

use std::sync::{Arc, Mutex};

use http::Method;
use specs::claims::Situation;
use specs::contract::Contract;
use specs::wire::{Rejection, Request, Response, Routed, Router};

use crate::command::Commands;
use crate::fault::{Faults, Meeting, Rule, Switchboard};
use crate::journal::{Mask, ReceivedRequest};
use crate::lasting::Keeper;
use crate::limiter::QuotaHeaders;
use crate::passage::Passage;
use crate::sandbox::{Sandboxes, State, hold};
use crate::store::Store;
use crate::tally::Tally;
use crate::world::World;

/// The largest body where the vendor's limit is not known, in bytes.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// One API, kept as its contract promises.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) contract: Arc<Contract>,
    pub(crate) world: World,
    pub(crate) switchboard: Switchboard,
    router: Router,
    commands: Commands,
    pub(crate) mask: Mask,
    pub(crate) tally: Tally,
    pub(crate) sandboxes: Sandboxes,
    /// Where its state lasts, if it does.
    pub(crate) keeper: Option<Arc<Keeper>>,
    meeting: Meeting,
    /// How the rate limit is told, if there is one.
    pub(crate) quota_headers: Option<QuotaHeaders>,
    pub(crate) settings: Settings,
}

/// How one server differs from another of the same contract.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// The number that decides ids and choices.
    pub(crate) seed: u64,
    /// Whether the user has named the tokens that count.
    pub(crate) pinned: bool,
    /// Whether requests beyond the vendor's rate limits are refused; they are counted and told in any case.
    pub(crate) limited: bool,
    /// Who is told of each request that was answered.
    pub(crate) told: Option<fn(&ReceivedRequest)>,
}

/// An endpoint's place in the contract, with the raw values of the path's parameters.
type Found<'f> = (usize, Vec<(&'f str, &'f str)>);

impl Engine {
    pub(crate) fn new(contract: Arc<Contract>, world: World, rules: Vec<Rule>, settings: Settings) -> Self {
        let router = Router::new(&contract);
        let commands = Commands::new(&contract);
        let (mask, tally) = (Mask::new(&contract), Tally::new(contract.endpoints.len()));
        let switchboard = Switchboard::new(rules, settings.seed);
        let quota_headers = contract.wire().rate_limit.as_ref().map(|claim| QuotaHeaders::new(&claim.value));
        Self {
            contract,
            world,
            switchboard,
            router,
            commands,
            mask,
            tally,
            sandboxes: Sandboxes::new(),
            keeper: None,
            meeting: Meeting::default(),
            quota_headers,
            settings,
        }
    }

    /// Who and what exists at the start.
    pub(crate) const fn world(&self) -> &World {
        &self.world
    }

    /// Which faults it has.
    pub(crate) const fn switchboard(&self) -> &Switchboard {
        &self.switchboard
    }

    /// The largest body that is read, in bytes.
    pub(crate) fn largest_body(&self) -> usize {
        self.contract.wire().largest_body.as_ref().map_or(LARGEST_BODY, |claim| claim.value)
    }

    /// Whether requests to a sandbox may race at all.
    pub(crate) fn lets_race(&self, sandbox: &str) -> bool {
        self.switchboard.lets_race(sandbox)
    }

    /// What a racing server sees before it acts, once another request of the kind is there as well.
    pub(crate) async fn glimpse(&self, sandbox: &str, request: &Request) -> Option<Store> {
        let (index, _) = self.find(&request.method, request).ok()?;
        if !self.switchboard.races(sandbox, self.contract.endpoints[index].verb) {
            return None;
        }
        let state = self.state(sandbox)?;
        let seen = hold(&state).store.clone();
        self.meeting.meet().await;
        Some(seen)
    }

    /// The state of a sandbox, made on first use; none when there are too many.
    pub(crate) fn state(&self, sandbox: &str) -> Option<Arc<Mutex<State>>> {
        self.sandboxes.get(sandbox, || self.beginning())
    }

    /// The state with which every sandbox begins.
    pub(crate) fn beginning(&self) -> State {
        State::new(&self.contract, &self.world, self.settings.seed)
    }

    /// What decides about a request that meets these faults.
    pub(crate) fn passage<'p>(&'p self, faults: Faults, now: i64, glimpse: Option<&'p Store>) -> Passage<'p> {
        Passage { contract: &self.contract, world: &self.world, faults, pinned: self.settings.pinned, now, glimpse }
    }

    /// Leads from a path that has one slash too many to the one without, where the vendor does.
    pub(crate) fn redirect(&self, request: &Request) -> Option<Response> {
        let statuses = &self.contract.wire().slash_redirect.as_ref()?.value;
        let path = request.path.strip_suffix('/').filter(|path| !path.is_empty())?;
        let Routed::Found(..) = self.router.lead(&request.method, path, request.query.as_deref()) else { return None };
        let status = statuses.get(request.method.as_str()).or_else(|| statuses.get("any"))?;
        let mut response = Response::new(*status);
        let target = request.query.as_ref().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        response.headers.insert(http::header::LOCATION, http::HeaderValue::from_str(&target).ok()?);
        Some(response)
    }

    /// The endpoint of a request by this method, with the raw values of the path's parameters: by its path, or by the command that it names.
    pub(crate) fn find<'f>(&'f self, method: &Method, request: &'f Request) -> Result<Found<'f>, Rejection> {
        if let Some(named) = self.commands.named(&self.router, request) {
            return named.map(|index| (index, Vec::new()));
        }
        match self.router.lead(method, &request.path, request.query.as_deref()) {
            Routed::Found(index, path) => Ok((index, path)),
            Routed::NotFound => Err(Rejection::new(Situation::RouteNotFound)),
            Routed::MethodNotAllowed(methods) => {
                let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
                Err(Rejection::new(Situation::MethodNotAllowed).with("allow", names.join(", ")))
            }
        }
    }
}
