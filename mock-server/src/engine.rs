//! The engine: one request in, one response out, over the state of one sandbox. No sockets, no clock, no randomness of its own.

use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use serde_json::{Map, Value, json};
use specs::claims::Situation;
use specs::contract::Contract;
use specs::wire::{Rejection, Request, Response, Routed, Router};

use crate::command::Commands;
use crate::fault::Faults;
use crate::journal::{Mask, ReceivedRequest, Seen};
use crate::passage::Passage;
use crate::sandbox::{Sandboxes, State};
use crate::tally::Tally;
use crate::world::World;

/// The largest body where the vendor's limit is not known, in bytes.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// One API, kept as its contract promises.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) contract: Arc<Contract>,
    world: World,
    faults: Faults,
    router: Router,
    commands: Commands,
    mask: Mask,
    pub(crate) tally: Tally,
    pub(crate) sandboxes: Sandboxes,
    settings: Settings,
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
}

/// An endpoint's place in the contract, with the raw values of the path's parameters.
type Found = (usize, Vec<(String, String)>);

impl Engine {
    pub(crate) fn new(contract: Arc<Contract>, world: World, faults: Faults, settings: Settings) -> Self {
        let router = Router::new(&contract);
        let commands = Commands::new(&contract);
        let (mask, tally) = (Mask::new(&contract), Tally::new(contract.endpoints.len()));
        Self { contract, world, faults, router, commands, mask, tally, sandboxes: Sandboxes::new(), settings }
    }

    /// Who and what exists at the start.
    pub(crate) const fn world(&self) -> &World {
        &self.world
    }

    /// Lets a sandbox begin anew.
    pub(crate) fn reset(&self, sandbox: &str) {
        self.sandboxes.reset(sandbox);
    }

    /// The largest body that is read, in bytes.
    pub(crate) fn largest_body(&self) -> usize {
        self.contract.wire().largest_body.as_ref().map_or(LARGEST_BODY, |claim| claim.value)
    }

    /// Answers a request. `now` is the present moment in seconds since 1970, by which signed tokens expire.
    pub(crate) fn answer(&self, sandbox: &str, request: &Request, now: i64) -> Response {
        self.within(sandbox, request, |state, facts, seen| self.answer_in(state, request, facts, now, seen))
    }

    /// Refuses a request whose body is too large to be read.
    pub(crate) fn refuse_too_large(&self, sandbox: &str, request: &Request) -> Response {
        self.within(sandbox, request, |_, facts, seen| {
            if let Ok((index, path)) = self.find(request) {
                (seen.endpoint, seen.path) = (Some(index), path);
            }
            self.passage(0).refuse(&Rejection::new(Situation::TooLarge), facts, seen)
        })
    }

    /// The state of a sandbox, made on first use; none when there are too many.
    pub(crate) fn state(&self, sandbox: &str) -> Option<Arc<Mutex<State>>> {
        self.sandboxes.get(sandbox, || State::new(&self.contract, &self.world, self.settings.seed))
    }

    /// Answers a request with the state of its sandbox in hand, counts it and writes it down.
    fn within(
        &self,
        sandbox: &str,
        request: &Request,
        answer: impl FnOnce(&mut State, &Map<String, Value>, &mut Seen) -> Response,
    ) -> Response {
        let mut seen = Seen::default();
        let Some(state) = self.state(sandbox) else {
            let response = self.passage(0).refuse(&Rejection::new(Situation::Full), &Map::new(), &mut seen);
            self.tally.count(None, response.status);
            return response;
        };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests += 1;
        let facts = facts(&state, request);
        let mut response = self.within_limits(&mut state, request, &facts, &mut seen, answer);
        response.headers.insert(http::header::DATE, state.clock.date());
        self.tally.count(seen.endpoint, response.status);
        let entry = self.mask.entry(&self.contract, &state.store, state.clock.now(), &seen, request, &response);
        state.journal.write(ReceivedRequest { sandbox: sandbox.to_owned(), ..entry });
        response
    }

    /// Counts a request against the vendor's rate limit, if there is one, and tells what is left of it.
    fn within_limits(
        &self,
        state: &mut State,
        request: &Request,
        facts: &Map<String, Value>,
        seen: &mut Seen,
        answer: impl FnOnce(&mut State, &Map<String, Value>, &mut Seen) -> Response,
    ) -> Response {
        let Some(rule) = self.contract.wire().rate_limit.as_ref().map(|claim| &claim.value) else { return answer(state, facts, seen) };
        let now = state.clock.now();
        let Some(quota) = state.limiter.count(rule, request, now) else { return answer(state, facts, seen) };
        let mut response = match quota.refusal().filter(|_| self.settings.limited) {
            Some(refusal) => {
                seen.endpoint = self.find(request).ok().map(|(index, _)| index);
                self.passage(0).refuse(&refusal, facts, seen)
            }
            None => answer(state, facts, seen),
        };
        quota.tell(rule, &mut response);
        response
    }

    fn passage(&self, now: i64) -> Passage<'_> {
        Passage { contract: &self.contract, world: &self.world, faults: self.faults.clone(), pinned: self.settings.pinned, now }
    }

    fn answer_in(&self, state: &mut State, request: &Request, facts: &Map<String, Value>, now: i64, seen: &mut Seen) -> Response {
        let (index, path) = match self.find(request) {
            Ok(found) => found,
            Err(refusal) if refusal.situation == Situation::MethodNotAllowed && request.method == Method::OPTIONS => {
                return options(&refusal);
            }
            Err(refusal) => return self.passage(now).refuse(&refusal, facts, seen),
        };
        (seen.endpoint, seen.path) = (Some(index), path);
        let mut response = self.passage(now).answer_at(&self.contract.endpoints[index], request, state, facts, seen);
        if request.method == Method::HEAD {
            response.headers.insert(http::header::CONTENT_LENGTH, response.body.len().into());
            response.body.clear();
        }
        response
    }

    /// The endpoint of a request with the raw values of the path's parameters: by its path, or by the command that it names.
    fn find(&self, request: &Request) -> Result<Found, Rejection> {
        if let Some(named) = self.commands.named(&self.router, request) {
            return named.map(|index| (index, Vec::new()));
        }
        match self.router.route(&request.method, &request.path) {
            Routed::Found(index, path) => Ok((index, path)),
            Routed::NotFound => Err(Rejection::new(Situation::RouteNotFound)),
            Routed::MethodNotAllowed(methods) => {
                let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
                Err(Rejection::new(Situation::MethodNotAllowed).with("allow", names.join(", ")))
            }
        }
    }
}

/// What the vendor's words may need to know of a request.
fn facts(state: &State, request: &Request) -> Map<String, Value> {
    let id = format!("req-{}", base36(state.requests));
    let facts = json!({"request-id": id, "method": request.method.as_str(), "path": request.path});
    facts.as_object().cloned().unwrap_or_default()
}

fn base36(mut number: u64) -> String {
    let digits = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = Vec::new();
    while number > 0 || text.is_empty() {
        text.push(char::from(digits[usize::try_from(number % 36).unwrap_or(0)]));
        number /= 36;
    }
    text.into_iter().rev().collect()
}

/// What can be done with a path (RFC 9110, section 9.3.7).
fn options(refusal: &Rejection) -> Response {
    let mut response = Response::new(204);
    let allowed = refusal.values.get("allow").and_then(Value::as_str).unwrap_or_default();
    if let Ok(value) = http::HeaderValue::from_str(allowed) {
        response.headers.insert(http::header::ALLOW, value);
    }
    response
}
