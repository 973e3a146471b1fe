//! Answering: with the state of a sandbox in hand for as long as a request needs it. What it says is read before, and what it is told is
//! written after, while others have their turn.

use std::sync::Mutex;

use http::{HeaderValue, Method, header};
use serde_json::Value;
use specs::claims::Situation;
use specs::wire::{Rejection, Request, Response, http_date};

use crate::control;
use crate::delivery::Reply;
use crate::engine::Engine;
use crate::fault::{Fault, Faults};
use crate::instead;
use crate::journal::Seen;
use crate::limiter::Quota;
use crate::passage::Passage;
use crate::preference::Preference;
use crate::reading::Reading;
use crate::sandbox::{State, hold};
use crate::store::Store;
use crate::verdict::Verdict;

/// The operation that a request has reached, by its place in the contract, and what it says to it; or why it has reached none.
type Meant = Result<(usize, Result<Box<Reading>, Rejection>), Rejection>;

/// A request and what is known of it before it meets the state.
struct Asked<'a> {
    sandbox: &'a str,
    request: &'a Request,
    /// The present moment, in milliseconds since 1970.
    now: i64,
    /// What a racing server saw before.
    glimpse: Option<&'a Store>,
    /// Why it is refused whatever it says.
    refused: Option<Situation>,
}

/// A request that has met the state.
struct Carried<'c> {
    passage: Passage<'c>,
    verdict: Verdict<'c>,
    quota: Option<Quota>,
    preference: Result<Preference, String>,
    /// Its number in the sandbox.
    number: u64,
    /// The moment by the sandbox's clock, in milliseconds since 1970.
    time: i64,
    /// Whether what it has changed is kept; if not, it did not happen.
    kept: bool,
    seen: Seen<'c>,
}

impl Engine {
    /// Answers a request. `now` is the present moment in milliseconds since 1970, by which signed tokens expire and disturbances end.
    pub(crate) fn answer(&self, sandbox: &str, request: &Request, now: i64, glimpse: Option<&Store>) -> Reply {
        self.reply(&Asked { sandbox, request, now, glimpse, refused: None })
    }

    /// Refuses a request whose body is too large to be read.
    pub(crate) fn refuse_too_large(&self, sandbox: &str, request: &Request, now: i64) -> Reply {
        self.reply(&Asked { sandbox, request, now, glimpse: None, refused: Some(Situation::TooLarge) })
    }

    fn reply(&self, asked: &Asked<'_>) -> Reply {
        let mut seen = Seen::default();
        let meant = self.meant(&asked.request.method, asked.request, &mut seen);
        loop {
            // Made on first use, unless there are too many.
            let Some(state) = self.state(asked.sandbox) else { return self.full(asked.now) };
            let mut held = hold(&state);
            if held.gone {
                continue;
            }
            if !self.make_sure(asked.sandbox, &mut held) {
                return control::cannot_keep().into();
            }
            let carried = self.carry_out(asked, meant, seen, &mut held);
            drop(held);
            return self.conclude(asked, carried, &state);
        }
    }

    fn meant<'s>(&'s self, method: &Method, request: &'s Request, seen: &mut Seen<'s>) -> Meant {
        let (index, path) = self.find(method, request)?;
        let reading = Reading::of(&self.contract, &self.contract.endpoints[index], request, &path, !self.switchboard.is_quiet());
        (seen.endpoint, seen.path) = (Some(index), path);
        Ok((index, reading))
    }

    /// Lets a request meet the state, unless something is in the way.
    fn carry_out<'c>(&'c self, asked: &Asked<'c>, meant: Meant, mut seen: Seen<'c>, state: &mut State) -> Carried<'c> {
        state.requests += 1;
        let number = state.requests;
        let facts = |name: &str| fact(number, asked.request, name);
        let now = asked.now.saturating_add(state.clock.advanced());
        let endpoint = seen.endpoint.map(|index| &self.contract.endpoints[index]);
        let passage = self.passage(self.switchboard.meet(asked.sandbox, endpoint, now), now, asked.glimpse);
        let meant = meant.or_else(|refusal| self.pardon(&passage.faults, asked.request, refusal, &mut seen));
        let preference = Preference::of(&asked.request.headers);
        let (mut verdict, mut quota) = match instead::instead(&self.contract, endpoint, &passage.faults, &preference, &facts) {
            Some(response) => (Verdict::Written(response), None),
            None => self.within_limits(&passage, asked, meant, state, &mut seen),
        };
        if passage.needs_state(&verdict) {
            verdict = Verdict::Written(passage.write(verdict, &facts, Some(state)));
        }
        let kept = self.settle(asked.sandbox, state).is_ok();
        if !kept {
            (verdict, quota) = (Verdict::Written(control::cannot_keep()), None);
        }
        Carried { passage, verdict, quota, preference, number, time: state.clock.now(), kept, seen }
    }

    /// Counts a request against the vendor's rate limit, if there is one, and decides about it.
    fn within_limits<'c>(
        &'c self,
        passage: &Passage<'c>,
        asked: &Asked<'c>,
        meant: Meant,
        state: &mut State,
        seen: &mut Seen<'_>,
    ) -> (Verdict<'c>, Option<Quota>) {
        let rule = self.contract.wire().rate_limit.as_ref().map(|claim| &claim.value);
        let now = state.clock.now();
        let quota = rule.and_then(|rule| state.limiter.count(rule, asked.request, now));
        let verdict = match quota.as_ref().filter(|_| self.settings.limited).and_then(Quota::refusal) {
            Some(refusal) => passage.refuse(refusal, seen),
            None => self.decide(passage, asked, meant, state, seen),
        };
        (verdict, quota)
    }

    fn decide<'c>(&'c self, passage: &Passage<'c>, asked: &Asked<'c>, meant: Meant, state: &mut State, seen: &mut Seen<'_>) -> Verdict<'c> {
        match (asked.refused, meant) {
            (Some(situation), _) => passage.refuse(Rejection::new(situation), seen),
            (None, Ok((index, reading))) => passage.decide(&self.contract.endpoints[index], asked.request, reading, state, seen),
            (None, Err(refusal)) if refusal.situation == Situation::MethodNotAllowed && asked.request.method == Method::OPTIONS => {
                Verdict::Written(options(&refusal))
            }
            (None, Err(refusal)) => self.redirect(asked.request).map_or_else(|| passage.refuse(refusal, seen), Verdict::Written),
        }
    }

    /// A request by a wrong method, where any method will do.
    fn pardon<'s>(&'s self, faults: &Faults, request: &'s Request, refusal: Rejection, seen: &mut Seen<'s>) -> Meant {
        let Some(method) = faults.pardoned(request, &refusal) else { return Err(refusal) };
        self.meant(&method, request, seen)
    }

    /// Writes the answer, dates it, counts it and writes it down.
    fn conclude(&self, asked: &Asked<'_>, carried: Carried<'_>, state: &Mutex<State>) -> Reply {
        let Carried { passage, verdict, quota, preference, number, time, kept, seen } = carried;
        let mut response = passage.write(verdict, &|name| fact(number, asked.request, name), None);
        if let (Some(headers), Some(quota)) = (&self.quota_headers, quota) {
            quota.tell(headers, &mut response);
        }
        if asked.request.method == Method::HEAD {
            behead(&mut response, &passage.faults, &seen);
        }
        // The sandbox's own date (RFC 9110, section 6.6.1), so that the same requests get the same bytes.
        response.headers.insert(header::DATE, http_date(time));
        self.tally.count(seen.endpoint, response.status);
        self.write_down(asked, seen, time, &response, state);
        if kept { instead::delivered(response, &passage.faults, &preference) } else { response.into() }
    }

    /// Writes a request and its answer into the sandbox's journal.
    fn write_down(&self, asked: &Asked<'_>, seen: Seen<'_>, time: i64, response: &Response, state: &Mutex<State>) {
        let mut state = hold(state);
        let entry = self.mask.entry(&self.contract, &state.store, time, seen, asked.request, response);
        self.settings.told.iter().for_each(|told| told(&entry.told(&self.contract, asked.sandbox)));
        state.journal.write(entry);
    }

    /// There is no room for another sandbox.
    fn full(&self, now: i64) -> Reply {
        let passage = self.passage(Faults::default(), now, None);
        let response = passage.write(passage.refuse(Rejection::new(Situation::Full), &mut Seen::default()), &|_| None, None);
        self.tally.count(None, response.status);
        response.into()
    }
}

/// Leaves the head of an answer alone, with the length that the body would have (RFC 9110, section 9.3.2).
fn behead(response: &mut Response, faults: &Faults, seen: &Seen<'_>) {
    if seen.endpoint.is_some() && faults.has(Fault::HeadDiffers) {
        response.status = http::StatusCode::NOT_FOUND;
    }
    response.headers.insert(header::CONTENT_LENGTH, response.body.len().into());
    response.body.clear();
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
    if let Ok(value) = HeaderValue::from_str(allowed) {
        response.headers.insert(header::ALLOW, value);
    }
    response
}
