//! The engine: one request in, one response out, over the state of one sandbox. No sockets, no clock, no randomness of its own.

use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use serde_json::Value;
use specs::claims::Situation;
use specs::contract::Contract;
use specs::wire::{Facts, Rejection, Request, Response, Routed, Router};

use crate::command::Commands;
use crate::control;
use crate::delivery::Reply;
use crate::fault::{Fault, Faults, Meeting, Rule, Switchboard};
use crate::instead;
use crate::journal::{Mask, ReceivedRequest, Seen};
use crate::lasting::Keeper;
use crate::limiter::QuotaHeaders;
use crate::passage::Passage;
use crate::preference::Preference;
use crate::sandbox::{Sandboxes, State};
use crate::store::Store;
use crate::tally::Tally;
use crate::world::World;

/// The largest body where the vendor's limit is not known, in bytes.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// One API, kept as its contract promises.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) contract: Arc<Contract>,
    world: World,
    switchboard: Switchboard,
    router: Router,
    commands: Commands,
    mask: Mask,
    pub(crate) tally: Tally,
    pub(crate) sandboxes: Sandboxes,
    /// Where its state lasts, if it does.
    pub(crate) keeper: Option<Arc<Keeper>>,
    meeting: Meeting,
    /// How the rate limit is told, if there is one.
    quota_headers: Option<QuotaHeaders>,
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
    /// Who is told of each request that was answered.
    pub(crate) told: Option<fn(&ReceivedRequest)>,
}

/// An endpoint's place in the contract, with the raw values of the path's parameters.
type Found = (usize, Vec<(String, String)>);

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

    /// Answers a request. `now` is the present moment in milliseconds since 1970, by which signed tokens expire and disturbances end.
    pub(crate) fn answer(&self, sandbox: &str, request: &Request, now: i64, glimpse: Option<&Store>) -> Reply {
        self.within(sandbox, request, now, glimpse, |passage, found, state, facts, seen| match found {
            Ok(index) => {
                let mut response = passage.answer_at(&self.contract.endpoints[index], request, state, facts, seen);
                if request.method == Method::HEAD && passage.faults.has(Fault::HeadDiffers) {
                    response.status = http::StatusCode::NOT_FOUND;
                }
                response
            }
            Err(refusal) if refusal.situation == Situation::MethodNotAllowed && request.method == Method::OPTIONS => options(&refusal),
            Err(refusal) => self.redirect(request).unwrap_or_else(|| passage.refuse(&refusal, facts, seen)),
        })
    }

    /// Whether requests to a sandbox may race at all.
    pub(crate) fn lets_race(&self, sandbox: &str) -> bool {
        self.switchboard.lets_race(sandbox)
    }

    /// What a racing server sees before it acts, once another request of the kind is there as well.
    pub(crate) async fn glimpse(&self, sandbox: &str, request: &Request) -> Option<Store> {
        let (index, _) = self.find(request).ok()?;
        if !self.switchboard.races(sandbox, self.contract.endpoints[index].verb) {
            return None;
        }
        let seen = self.state(sandbox)?.lock().unwrap_or_else(PoisonError::into_inner).store.clone();
        self.meeting.meet().await;
        Some(seen)
    }

    /// Refuses a request whose body is too large to be read.
    pub(crate) fn refuse_too_large(&self, sandbox: &str, request: &Request, now: i64) -> Reply {
        let refusal = Rejection::new(Situation::TooLarge);
        self.within(sandbox, request, now, None, |passage, _, _, facts, seen| passage.refuse(&refusal, facts, seen))
    }

    /// The state of a sandbox, made on first use; none when there are too many.
    pub(crate) fn state(&self, sandbox: &str) -> Option<Arc<Mutex<State>>> {
        self.sandboxes.get(sandbox, || self.beginning())
    }

    /// The state with which every sandbox begins.
    pub(crate) fn beginning(&self) -> State {
        State::new(&self.contract, &self.world, self.settings.seed)
    }

    /// Acts on the state of a sandbox, made on first use; none when there are too many.
    fn in_state<T>(&self, sandbox: &str, act: impl FnOnce(&mut State) -> T) -> Option<T> {
        loop {
            let state = self.state(sandbox)?;
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            if !state.gone {
                return Some(act(&mut state));
            }
        }
    }

    /// Answers a request with the state of its sandbox in hand, unless something is in the way; counts it and writes it down.
    fn within(
        &self,
        sandbox: &str,
        request: &Request,
        now: i64,
        glimpse: Option<&Store>,
        answer: impl FnOnce(&Passage<'_>, Result<usize, Rejection>, &mut State, &Facts<'_>, &mut Seen) -> Response,
    ) -> Reply {
        let mut seen = Seen::default();
        let found = self.find(request).map(|(index, path)| {
            (seen.endpoint, seen.path) = (Some(index), path);
            index
        });
        let answered = self.in_state(sandbox, |state| {
            if !self.make_sure(sandbox, state) {
                return control::cannot_keep().into();
            }
            state.requests += 1;
            let number = state.requests;
            let facts = |name: &str| fact(number, request, name);
            let now = now.saturating_add(state.clock.advanced());
            let endpoint = seen.endpoint.map(|index| &self.contract.endpoints[index]);
            let passage = self.passage(self.switchboard.meet(sandbox, endpoint, now), now, glimpse);
            let found = found.or_else(|refusal| self.pardon(&passage.faults, request, refusal, &mut seen));
            let preference = Preference::of(&request.headers);
            let mut response = match instead::instead(&self.contract, endpoint, &passage.faults, &preference, &facts) {
                Some(response) => response,
                None => self
                    .within_limits(&passage, state, request, &facts, &mut seen, |state, seen| answer(&passage, found, state, &facts, seen)),
            };
            let kept = self.settle(sandbox, state);
            if kept.is_err() {
                response = control::cannot_keep();
            }
            self.finish(&mut response, state, sandbox, request, std::mem::take(&mut seen));
            if kept.is_err() { response.into() } else { instead::delivered(response, &passage.faults, &preference) }
        });
        answered.unwrap_or_else(|| self.full(now))
    }

    /// There is no room for another sandbox.
    fn full(&self, now: i64) -> Reply {
        let response = self.passage(Faults::default(), now, None).refuse(&Rejection::new(Situation::Full), &|_| None, &mut Seen::default());
        self.tally.count(None, response.status);
        response.into()
    }

    /// Dates an answer, counts it and writes it down.
    fn finish(&self, response: &mut Response, state: &mut State, sandbox: &str, request: &Request, seen: Seen) {
        if request.method == Method::HEAD {
            response.headers.insert(http::header::CONTENT_LENGTH, response.body.len().into());
            response.body.clear();
        }
        response.headers.insert(http::header::DATE, state.clock.date());
        self.tally.count(seen.endpoint, response.status);
        let entry = self.mask.entry(&self.contract, &state.store, state.clock.now(), seen, request, response);
        self.settings.told.iter().for_each(|told| told(&entry.told(&self.contract, sandbox)));
        state.journal.write(entry);
    }

    /// Counts a request against the vendor's rate limit, if there is one, and tells what is left of it.
    fn within_limits(
        &self,
        passage: &Passage<'_>,
        state: &mut State,
        request: &Request,
        facts: &Facts<'_>,
        seen: &mut Seen,
        answer: impl FnOnce(&mut State, &mut Seen) -> Response,
    ) -> Response {
        let Some(rule) = self.contract.wire().rate_limit.as_ref().map(|claim| &claim.value) else { return answer(state, seen) };
        let now = state.clock.now();
        let Some(quota) = state.limiter.count(rule, request, now) else { return answer(state, seen) };
        let mut response = match quota.refusal().filter(|_| self.settings.limited) {
            Some(refusal) => passage.refuse(&refusal, facts, seen),
            None => answer(state, seen),
        };
        if let Some(headers) = &self.quota_headers {
            quota.tell(headers, &mut response);
        }
        response
    }

    fn passage<'p>(&'p self, faults: Faults, now: i64, glimpse: Option<&'p Store>) -> Passage<'p> {
        Passage { contract: &self.contract, world: &self.world, faults, pinned: self.settings.pinned, now, glimpse }
    }

    /// A request by a wrong method, where any method will do.
    fn pardon(&self, faults: &Faults, request: &Request, refusal: Rejection, seen: &mut Seen) -> Result<usize, Rejection> {
        let Some(pardoned) = faults.pardoned(request, &refusal) else { return Err(refusal) };
        let (index, path) = self.find(&pardoned)?;
        (seen.endpoint, seen.path) = (Some(index), path);
        Ok(index)
    }

    /// Leads from a path that has one slash too many to the one without, where the vendor does.
    fn redirect(&self, request: &Request) -> Option<Response> {
        let statuses = &self.contract.wire().slash_redirect.as_ref()?.value;
        let path = request.path.strip_suffix('/').filter(|path| !path.is_empty())?;
        let Routed::Found(..) = self.router.route(&request.method, path, request.query.as_deref()) else { return None };
        let status = statuses.get(request.method.as_str()).or_else(|| statuses.get("any"))?;
        let mut response = Response::new(*status);
        let target = request.query.as_ref().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
        response.headers.insert(http::header::LOCATION, http::HeaderValue::from_str(&target).ok()?);
        Some(response)
    }

    /// The endpoint of a request with the raw values of the path's parameters: by its path, or by the command that it names.
    fn find(&self, request: &Request) -> Result<Found, Rejection> {
        if let Some(named) = self.commands.named(&self.router, request) {
            return named.map(|index| (index, Vec::new()));
        }
        match self.router.route(&request.method, &request.path, request.query.as_deref()) {
            Routed::Found(index, path) => Ok((index, path)),
            Routed::NotFound => Err(Rejection::new(Situation::RouteNotFound)),
            Routed::MethodNotAllowed(methods) => {
                let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
                Err(Rejection::new(Situation::MethodNotAllowed).with("allow", names.join(", ")))
            }
        }
    }
}

/// What the vendor's words may need to know of the request of this number.
fn fact(number: u64, request: &Request, name: &str) -> Option<Value> {
    Some(match name {
        "request-id" => format!("req-{}", base36(number)).into(),
        // Of the form of RFC 9562, version 4, and counted all the same.
        "request-uuid" => format!("00000000-0000-4000-8000-{number:012x}").into(),
        "method" => request.method.as_str().into(),
        "path" => request.path.as_str().into(),
        "target" => request.target().into(),
        _ => return None,
    })
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
