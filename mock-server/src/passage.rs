//! The passage of one request: who asks, whether it may, what it says, and what becomes of it.

use std::borrow::Cow;

use serde_json::Value;
use specs::claims::{Idempotency, Situation, Stage, Verb};
use specs::contract::{Contract, Endpoint};
use specs::wire::{Inputs, Intent, Outcome, Rejection, Request, Response};

use crate::access::{Gate, Principal};
use crate::behaviour::{self, Context};
use crate::fault::{Fault, Faults};
use crate::idempotency::ReplayKey;
use crate::journal::Seen;
use crate::reading::Reading;
use crate::sandbox::{Past, State};
use crate::store::{Scope, Store};
use crate::verdict::{Decided, Verdict};
use crate::world::World;

/// The order in which a request can be refused where the vendor's is not known: who, whether, what.
const STAGES: [Stage; 5] = [Stage::Authenticate, Stage::Authorize, Stage::Read, Stage::Validate, Stage::Idempotency];

/// What decides about one request, with the faults that it meets.
pub(crate) struct Passage<'e> {
    pub(crate) contract: &'e Contract,
    pub(crate) world: &'e World,
    pub(crate) faults: Faults,
    pub(crate) pinned: bool,
    /// The present moment, in milliseconds since 1970.
    pub(crate) now: i64,
    /// What a racing server saw before it acts.
    pub(crate) glimpse: Option<&'e Store>,
}

/// What the stages find out on the way.
#[derive(Default)]
struct Progress<'p> {
    principal: Principal<'p>,
    reading: Reading,
    replay: Option<ReplayKey>,
    /// Where the request acts.
    scope: Option<Scope>,
}

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

impl<'e> Passage<'e> {
    /// Carries out a request to an endpoint.
    pub(crate) fn decide(
        &self,
        endpoint: &'e Endpoint,
        request: &Request,
        reading: Result<Box<Reading>, Rejection>,
        state: &mut State,
        seen: &mut Seen<'_>,
    ) -> Verdict<'e> {
        let mut progress = Progress::default();
        let passed = self.pass(endpoint, request, reading, state, &mut progress);
        let caller = &progress.principal.caller.name;
        seen.caller = (!caller.is_empty() && !endpoint.is_public()).then(|| caller.as_str().into());
        let outcome = match passed {
            Err(Stop::Replayed(response)) => return Verdict::Written(*response),
            Err(Stop::Refused(rejection)) => {
                if rejection.situation == Situation::Invalid && endpoint.verb == Verb::Create && self.faults.has(Fault::StoreRefused) {
                    self.behave(endpoint, &mut progress, state);
                }
                Outcome::Rejected(rejection)
            }
            Ok(()) => self.behave(endpoint, &mut progress, state),
        };
        seen.situation = if let Outcome::Rejected(rejection) = &outcome { Some(rejection.situation) } else { None };
        let Progress { reading: Reading { inputs, .. }, replay, scope, .. } = progress;
        Verdict::Decided(Box::new(Decided { endpoint: Some(endpoint), outcome, inputs: Some(inputs), replay, scope }))
    }

    /// Takes a request through the stages, in the vendor's order.
    fn pass(
        &self,
        endpoint: &Endpoint,
        request: &Request,
        reading: Result<Box<Reading>, Rejection>,
        state: &State,
        progress: &mut Progress<'e>,
    ) -> Result<(), Stop> {
        let mut unread = Some(reading);
        let stages = self.contract.wire().stages.as_ref().map_or(&STAGES[..], |claim| claim.value.as_slice());
        let late = self.faults.has(Fault::AuthenticateLate);
        let waits = |stage: &&Stage| late && matches!(stage, Stage::Authenticate | Stage::Authorize);
        let (rest, asks) = (stages.iter().filter(|stage| !waits(stage)), stages.iter().filter(waits));
        let gate = Gate {
            contract: self.contract,
            world: self.world,
            issued: &state.issued,
            advanced: state.clock.advanced(),
            pinned: self.pinned,
            now: self.now / 1000,
        };
        for stage in rest.chain(asks) {
            match stage {
                Stage::Authenticate => progress.principal = self.authenticate(&gate, endpoint, request)?,
                Stage::Authorize if self.faults.has(Fault::IgnoreRole) => {}
                Stage::Authorize => gate.authorize(endpoint, &progress.principal)?,
                Stage::Scope => self.check_scope(endpoint, progress, state)?,
                Stage::Read => progress.reading = *unread.take().unwrap_or_else(|| Ok(Box::default()))?,
                Stage::Validate if self.faults.chokes_on(request) => return Err(Rejection::new(Situation::Internal).into()),
                Stage::Validate => self.validate(endpoint, &mut progress.reading)?,
                Stage::Idempotency => self.replay(request, state, progress)?,
            }
        }
        Ok(())
    }

    fn authenticate(&self, gate: &Gate<'e, '_>, endpoint: &Endpoint, request: &Request) -> Result<Principal<'e>, Rejection> {
        let authenticated = gate.authenticate(endpoint, request).or_else(|refusal| match self.faults.rewritten(request) {
            Some(rewritten) => gate.authenticate(endpoint, &rewritten),
            None => Err(refusal),
        });
        if authenticated.is_ok() && self.faults.expired {
            return Err(Rejection::new(Situation::ExpiredCredentials));
        }
        if authenticated.as_ref().is_err_and(|refusal| self.faults.excuse(refusal.situation, endpoint)) {
            let owner = self.world.callers.first().map(Cow::Borrowed).unwrap_or_default();
            let tenant = owner.tenants.first().cloned();
            return Ok(Principal { caller: owner, tenant });
        }
        let mut principal = authenticated?;
        if self.faults.has(Fault::ShowToStrangers) {
            principal.caller.to_mut().sees.clear();
        }
        Ok(principal)
    }

    /// The scope is looked at before the role where the vendor does so; whether it exists comes later.
    fn check_scope(&self, endpoint: &Endpoint, progress: &Progress<'_>, state: &State) -> Result<(), Rejection> {
        let intent = Intent::of(endpoint, &progress.reading.inputs);
        behaviour::check_foreign(self.contract, &state.store, &progress.principal, endpoint, &intent)
    }

    fn validate(&self, endpoint: &Endpoint, reading: &mut Reading) -> Result<(), Rejection> {
        if self.faults.has(Fault::AcceptInvalid) {
            return Ok(());
        }
        let refused = self.read_only(endpoint, &reading.inputs).or_else(|| self.judge(reading)).map_or(Ok(()), Err);
        match refused {
            Err(_) if self.faults.has(Fault::FailOnInvalid) => Err(Rejection::new(Situation::Internal)),
            Ok(()) if self.faults.has(Fault::RefuseValid) && has_long_name(self.contract, endpoint, &reading.inputs) => {
                Err(Rejection::new(Situation::Invalid).with("field", "name"))
            }
            other => other,
        }
    }

    /// What is wrong with a request's inputs: the first thing decides, unless the vendor looks at types before it looks at anything else.
    fn judge(&self, reading: &mut Reading) -> Option<Rejection> {
        let mut found = std::mem::take(&mut reading.invalid);
        found.retain(|invalid| !self.faults.overlooks(&invalid.keyword));
        if self.contract.claims.problems.contains_key(&Situation::WrongType) {
            found.sort_by_key(|invalid| !invalid.is_wrong_type());
        }
        let kind = found.first().and_then(|first| first.value(&reading.inputs)).map_or("nothing", kind_of);
        Rejection::invalid(found).map(|refusal| refusal.with("found", kind))
    }

    /// Fields that only the server sets, sent with an update; the first of them in the body is the one that is told.
    fn read_only(&self, endpoint: &Endpoint, inputs: &Inputs) -> Option<Rejection> {
        let resource = self.contract.resource_of(endpoint).filter(|_| endpoint.verb == Verb::Update)?;
        let body = inputs.json()?.as_object()?;
        let fields: Vec<String> = body.keys().filter(|field| resource.read_only().contains(field)).cloned().collect();
        let first = fields.first()?.clone();
        let quoted: Vec<String> = fields.iter().map(|field| format!("\"{field}\"")).collect();
        let refusal = Rejection::new(Situation::ReadOnlyField).with("field", first).with("several", fields.len() > 1);
        Some(refusal.with("quoted-fields", quoted.join(", ")))
    }

    fn replay(&self, request: &Request, state: &State, progress: &mut Progress<'_>) -> Result<(), Stop> {
        let Some(rule) = self.contract.wire().idempotency.as_ref().map(|claim| &claim.value) else { return Ok(()) };
        let Some(key) = ReplayKey::of(rule, request)? else { return Ok(()) };
        if let Some(response) = state.replays.find(&key, rule, state.clock.advanced())? {
            return Err(Stop::Replayed(Box::new(marked(response, rule))));
        }
        progress.replay = Some(key);
        Ok(())
    }

    fn behave(&self, endpoint: &Endpoint, progress: &mut Progress<'_>, state: &mut State) -> Outcome {
        let before = self.faults.remembers.then(|| state.store.clone());
        let past = self.faults.stale.and_then(|time| state.as_it_was(time, self.now).cloned());
        let present = past.map(|past| std::mem::replace(&mut state.store, past));
        let mut context = Context {
            contract: self.contract,
            world: self.world,
            faults: &self.faults,
            endpoint,
            resource: self.contract.resource_of(endpoint),
            principal: &progress.principal,
            inputs: &progress.reading.inputs,
            intent: &mut progress.reading.intent,
            glimpse: self.glimpse,
            state,
        };
        let scope = if self.faults.tell_stored() { context.scope().ok().flatten() } else { None };
        let answered = behaviour::run(&mut context);
        progress.scope = scope;
        if let Some(present) = present {
            state.store = present;
        }
        if let Some(store) = before.filter(|_| answered.is_ok()) {
            state.past = Some(Past { store, until: self.now });
        }
        match answered {
            Ok(answered) => Outcome::Answered(answered),
            Err(rejection) => Outcome::Rejected(rejection),
        }
    }
}

/// The name of a value's type in JSON.
const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
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
