//! The engine: one request in, one response out, over the state of one sandbox. No sockets, no clock, no randomness of its own.

use std::sync::{Arc, Mutex, PoisonError};

use http::Method;
use serde_json::{Map, Value, json};
use specs::claims::{Idempotency, Situation, Stage};
use specs::contract::{Contract, Endpoint};
use specs::wire::{Inputs, Intent, Invalid, Outcome, Rejection, Request, Response, Routed, Router, Unreadable, receive, respond, validate};

use crate::access::{Gate, Principal};
use crate::behaviour::{self, Context};
use crate::command::Commands;
use crate::fault::{Fault, Faults, corrupt};
use crate::idempotency::ReplayKey;
use crate::journal::{Mask, ReceivedRequest, Seen};
use crate::sandbox::{Sandboxes, State};
use crate::tally::Tally;
use crate::world::World;

/// The order in which a request can be refused where the vendor's is not known: who, whether, what.
const STAGES: [Stage; 5] = [Stage::Authenticate, Stage::Authorize, Stage::Read, Stage::Validate, Stage::Idempotency];

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
    seed: u64,
    pinned: bool,
}

/// What decides about one request, with the faults that it meets.
struct Passage<'e> {
    contract: &'e Contract,
    world: &'e World,
    faults: Faults,
    pinned: bool,
    /// The present moment, in seconds since 1970.
    now: i64,
}

/// What the stages find out on the way.
#[derive(Default)]
struct Progress {
    principal: Principal,
    inputs: Inputs,
    replay: Option<ReplayKey>,
}

/// An endpoint's place in the contract, with the raw values of the path's parameters.
type Found = (usize, Vec<(String, String)>);

/// Why a request does not reach its behaviour.
enum Stop {
    Refused(Rejection),
    Replayed(Box<Response>),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

impl Engine {
    pub(crate) fn new(contract: Arc<Contract>, world: World, faults: Faults, seed: u64, pinned: bool) -> Self {
        let router = Router::new(&contract);
        let commands = Commands::new(&contract);
        let (mask, tally) = (Mask::new(&contract), Tally::new(contract.endpoints.len()));
        Self { contract, world, faults, router, commands, mask, tally, sandboxes: Sandboxes::new(), seed, pinned }
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
        self.sandboxes.get(sandbox, || State::new(&self.contract, &self.world, self.seed))
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
        let mut response = answer(&mut state, &facts, &mut seen);
        response.headers.insert(http::header::DATE, state.clock.date());
        self.tally.count(seen.endpoint, response.status);
        let entry = self.mask.entry(&self.contract, &state.store, state.clock.now(), &seen, request, &response);
        state.journal.write(ReceivedRequest { sandbox: sandbox.to_owned(), ..entry });
        response
    }

    fn passage(&self, now: i64) -> Passage<'_> {
        Passage { contract: &self.contract, world: &self.world, faults: self.faults.clone(), pinned: self.pinned, now }
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

impl Passage<'_> {
    fn answer_at(
        &self,
        endpoint: &Endpoint,
        request: &Request,
        state: &mut State,
        facts: &Map<String, Value>,
        seen: &mut Seen,
    ) -> Response {
        let mut progress = Progress::default();
        let passed = self.pass(endpoint, &seen.path, request, state, &mut progress);
        seen.caller = Some(progress.principal.caller.name.clone()).filter(|name| !name.is_empty() && !endpoint.is_public());
        let outcome = match passed {
            Err(Stop::Replayed(response)) => return *response,
            Err(Stop::Refused(rejection)) => Outcome::Rejected(rejection),
            Ok(()) => self.behave(endpoint, &progress, state),
        };
        seen.situation = if let Outcome::Rejected(rejection) = &outcome { Some(rejection.situation) } else { None };
        let mut response = respond(self.contract, Some(endpoint), &outcome, facts);
        for fault in self.faults.iter() {
            corrupt(fault, self.contract, endpoint, &progress.inputs, &outcome, &mut response);
        }
        if let (Some(key), Outcome::Answered(_)) = (progress.replay, &outcome) {
            state.replays.keep(key, request, &response);
        }
        response
    }

    /// Takes a request through the stages, in the vendor's order.
    fn pass(
        &self,
        endpoint: &Endpoint,
        path: &[(String, String)],
        request: &Request,
        state: &State,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let stages = self.contract.wire().stages.as_ref().map_or(&STAGES[..], |claim| claim.value.as_slice());
        let gate = Gate {
            contract: self.contract,
            world: self.world,
            issued: &state.issued,
            advanced: state.clock.advanced(),
            pinned: self.pinned,
            now: self.now,
        };
        for stage in stages {
            match stage {
                Stage::Authenticate => progress.principal = self.authenticate(&gate, endpoint, request)?,
                Stage::Authorize => gate.authorize(endpoint, &progress.principal)?,
                Stage::Scope => self.check_scope(endpoint, progress, state)?,
                Stage::Read => progress.inputs = self.read(endpoint, request, path)?,
                Stage::Validate => self.validate(endpoint, &progress.inputs)?,
                Stage::Idempotency => self.replay(request, state, progress)?,
            }
        }
        Ok(())
    }

    fn authenticate(&self, gate: &Gate<'_>, endpoint: &Endpoint, request: &Request) -> Result<Principal, Rejection> {
        let authenticated = gate.authenticate(endpoint, request);
        let excused = match &authenticated {
            Ok(_) => false,
            Err(refusal) if refusal.situation == Situation::MissingCredentials => self.faults.has(Fault::SkipAuthentication),
            Err(_) => self.faults.has(Fault::AcceptAnyToken) || self.faults.has(Fault::SkipAuthentication),
        };
        if excused {
            let owner = self.world.callers.first().cloned().unwrap_or_default();
            let tenant = owner.tenants.first().cloned();
            return Ok(Principal { caller: owner, tenant });
        }
        authenticated
    }

    fn read(&self, endpoint: &Endpoint, request: &Request, path: &[(String, String)]) -> Result<Inputs, Rejection> {
        receive(self.contract, endpoint, request, path).map_err(|error| {
            Rejection::new(match error {
                Unreadable::UnsupportedMediaType => Situation::UnsupportedMediaType,
                Unreadable::Malformed => Situation::MalformedBody,
            })
        })
    }

    /// The scope is looked at before the role where the vendor does so; whether it exists comes later.
    fn check_scope(&self, endpoint: &Endpoint, progress: &Progress, state: &State) -> Result<(), Rejection> {
        let intent = Intent::read(endpoint, &progress.inputs);
        behaviour::check_foreign(self.contract, &state.store, &progress.principal, endpoint, &intent)
    }

    fn validate(&self, endpoint: &Endpoint, inputs: &Inputs) -> Result<(), Rejection> {
        if self.faults.has(Fault::AcceptInvalid) {
            return Ok(());
        }
        let refused = self.read_only(endpoint, inputs).map_or_else(|| invalid(&validate(endpoint, inputs)), Err);
        match refused {
            Err(_) if self.faults.has(Fault::FailOnInvalid) => Err(Rejection::new(Situation::Internal)),
            Ok(()) if self.faults.has(Fault::RefuseValid) && has_long_name(self.contract, endpoint, inputs) => {
                Err(Rejection::new(Situation::Invalid).with("field", "name"))
            }
            other => other,
        }
    }

    /// A field that only the server sets, sent with an update.
    fn read_only(&self, endpoint: &Endpoint, inputs: &Inputs) -> Option<Rejection> {
        let resource = self.contract.resource_of(endpoint).filter(|_| endpoint.verb == specs::claims::Verb::Update)?;
        let body = inputs.json()?.as_object()?;
        let field = resource.read_only().iter().find(|field| body.contains_key(*field))?;
        Some(Rejection::new(Situation::ReadOnlyField).with("field", field.as_str()))
    }

    fn replay(&self, request: &Request, state: &State, progress: &mut Progress) -> Result<(), Stop> {
        let Some(rule) = self.contract.wire().idempotency.as_ref().map(|claim| &claim.value) else { return Ok(()) };
        let Some(key) = ReplayKey::of(rule, request)? else { return Ok(()) };
        if let Some(response) = state.replays.find(&key, request)? {
            return Err(Stop::Replayed(Box::new(marked(response, rule))));
        }
        progress.replay = Some(key);
        Ok(())
    }

    fn behave(&self, endpoint: &Endpoint, progress: &Progress, state: &mut State) -> Outcome {
        let mut context = Context {
            contract: self.contract,
            world: self.world,
            faults: &self.faults,
            endpoint,
            principal: &progress.principal,
            inputs: &progress.inputs,
            intent: Intent::read(endpoint, &progress.inputs),
            state,
        };
        match behaviour::run(&mut context) {
            Ok(answered) => Outcome::Answered(answered),
            Err(rejection) => Outcome::Rejected(rejection),
        }
    }

    fn refuse(&self, rejection: &Rejection, facts: &Map<String, Value>, seen: &mut Seen) -> Response {
        seen.situation = Some(rejection.situation);
        let endpoint = seen.endpoint.map(|index| &self.contract.endpoints[index]);
        let mut response = respond(self.contract, endpoint, &Outcome::Rejected(rejection.clone()), facts);
        if self.faults.has(Fault::NoAllow) {
            response.headers.remove("allow");
        }
        response
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

/// The first thing that is wrong decides how it is told; all of them can be.
fn invalid(found: &[Invalid]) -> Result<(), Rejection> {
    let Some(first) = found.first() else { return Ok(()) };
    let mut fields: Map<String, Value> = Map::new();
    for invalid in found {
        let entry = fields.entry(invalid.name.clone()).or_insert_with(|| json!([]));
        if let Value::Array(messages) = entry {
            messages.push(invalid.message.clone().into());
        }
    }
    let issue = |invalid: &Invalid| {
        let path: Vec<&str> = invalid.name.split('.').filter(|part| !part.is_empty()).collect();
        json!({"path": path, "code": invalid.keyword, "message": invalid.message})
    };
    let details: Vec<Value> = found.iter().map(issue).collect();
    let place = if first.name.is_empty() { "body" } else { first.name.as_str() };
    let refusal = Rejection::new(first.situation).with("field", place).with("message", first.message.as_str());
    Err(refusal.with("fields", fields).with("details", details))
}

fn has_long_name(contract: &Contract, endpoint: &Endpoint, inputs: &Inputs) -> bool {
    let key = contract.resource_of(endpoint).and_then(specs::contract::Resource::key);
    let intent = Intent::read(endpoint, inputs);
    key.and_then(|key| intent.fields.get(key)).and_then(Value::as_str).is_some_and(|name| name.chars().count() > 12)
}

fn marked(response: &Response, rule: &Idempotency) -> Response {
    let mut response = response.clone();
    if let Ok(name) = http::HeaderName::from_bytes(rule.replayed.as_bytes()) {
        response.headers.insert(name, http::HeaderValue::from_static("true"));
    }
    response
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
