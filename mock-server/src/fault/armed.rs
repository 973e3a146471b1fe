//! Rules in force in one sandbox: what is left of them, and what a request meets.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use specs::claims::Verb;
use specs::contract::Endpoint;
use specs::wire::can_answer;

use super::disturbance::Disturbance;
use super::met::{Faults, Forced};
use super::rule::{Effect, Rule};
use crate::delivery::Manner;

/// The stream of chance for faults. Ids have another, so that faults change no id.
const STREAM: u64 = 1;

/// The rules of one sandbox, each with its own count, and a stream of chance.
#[derive(Debug)]
pub(super) struct Armed {
    random: ChaCha8Rng,
    rules: Vec<ArmedRule>,
}

/// A rule with what has become of it.
#[derive(Clone, Debug)]
pub(crate) struct ArmedRule {
    pub(crate) rule: Rule,
    /// How many requests it still meets, if that is limited.
    pub(crate) left: Option<u64>,
    /// How many requests it has counted.
    counted: u64,
    /// When it began to count, in milliseconds since 1970.
    since: Option<i64>,
}

impl Armed {
    pub(super) fn new(seed: u64, rules: &[Rule], sandbox: &str) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(STREAM);
        let here = rules.iter().filter(|rule| rule.sandbox.as_deref().is_none_or(|own| own == sandbox));
        let arm = |rule: &Rule| ArmedRule { rule: rule.clone(), left: rule.next, counted: 0, since: None };
        Self { random, rules: here.map(arm).collect() }
    }

    pub(super) fn rules(&self) -> &[ArmedRule] {
        &self.rules
    }

    /// What a request meets; `now` is in milliseconds since 1970.
    pub(super) fn meet(&mut self, endpoint: Option<&Endpoint>, now: i64) -> Faults {
        let mut faults = Faults::default();
        for armed in &mut self.rules {
            armed.meet(endpoint, now, &mut self.random, &mut faults);
        }
        faults
    }
}

impl ArmedRule {
    fn meet(&mut self, endpoint: Option<&Endpoint>, now: i64, random: &mut ChaCha8Rng, faults: &mut Faults) {
        if self.left == Some(0) {
            return;
        }
        let stale = matches!(self.rule.effect, Effect::Disturbance(Disturbance::StaleReads(_)));
        if stale && endpoint.is_some_and(|endpoint| endpoint.verb.writes()) {
            faults.remembers = true;
            return;
        }
        if !self.rule.is_on(endpoint) || !self.concerns(endpoint) || self.rule.chance.is_some_and(|chance| !random.random_bool(chance)) {
            return;
        }
        if self.takes_effect(now, random, faults) {
            self.left = self.left.map(|left| left - 1);
        }
    }

    /// Whether there is anything in such an operation that the fault could touch.
    fn concerns(&self, endpoint: Option<&Endpoint>) -> bool {
        match &self.rule.effect {
            Effect::Disturbance(Disturbance::Status(status)) => can_answer(endpoint, *status),
            Effect::Disturbance(Disturbance::ExpireToken(_)) => endpoint.is_some_and(|endpoint| !endpoint.is_public()),
            Effect::Disturbance(Disturbance::EndlessPages) => endpoint.is_some_and(|endpoint| endpoint.verb == Verb::List),
            _ => true,
        }
    }

    fn takes_effect(&mut self, now: i64, random: &mut ChaCha8Rng, faults: &mut Faults) -> bool {
        let disturbance = match &self.rule.effect {
            Effect::Defect(fault) => {
                faults.defects.insert(*fault);
                return true;
            }
            Effect::Disturbance(disturbance) => disturbance.clone(),
        };
        match disturbance {
            Disturbance::Latency(from, to) => faults.delivery.delay += between(from, to, random),
            Disturbance::Status(status) => force(faults, status, None),
            Disturbance::RateLimit(requests, time) => return self.limits(requests, time, now, faults),
            Disturbance::Unavailable(time) => return self.is_down(time, now, faults),
            Disturbance::ResetBefore => bring(faults, Manner::Lost),
            Disturbance::ResetAfter => bring(faults, Manner::Reset),
            Disturbance::TruncatedBody => bring(faults, Manner::Truncated),
            Disturbance::SlowBody(time) => bring(faults, Manner::Slow(time)),
            Disturbance::ExpireToken(requests) => return self.expires(requests, faults),
            Disturbance::StaleReads(time) => faults.stale = Some(time),
            Disturbance::EndlessPages => faults.endless = true,
        }
        true
    }

    /// So many requests in a window that begins with the first of them; the others are told when the window ends.
    fn limits(&mut self, requests: u64, time: Duration, now: i64, faults: &mut Faults) -> bool {
        let begun = self.since.filter(|since| remaining(*since, time, now) > 0);
        if begun.is_none() {
            self.counted = 0;
        }
        let since = *self.since.insert(begun.unwrap_or(now));
        self.counted += 1;
        let over = self.counted > requests;
        if over {
            force(faults, 429, Some(in_seconds(remaining(since, time, now))));
        }
        over
    }

    fn is_down(&mut self, time: Duration, now: i64, faults: &mut Faults) -> bool {
        let left = remaining(*self.since.get_or_insert(now), time, now);
        if left > 0 {
            force(faults, 503, Some(in_seconds(left)));
        }
        left > 0
    }

    fn expires(&mut self, requests: u64, faults: &mut Faults) -> bool {
        self.counted += 1;
        faults.expired |= self.counted > requests;
        faults.expired
    }
}

/// The first answer that is forced is the one that is given.
fn force(faults: &mut Faults, status: u16, retry_after: Option<u64>) {
    faults.forced.get_or_insert(Forced { status, retry_after });
}

/// The first manner that an answer is given is the one in which it goes out.
fn bring(faults: &mut Faults, manner: Manner) {
    if faults.delivery.manner == Manner::Whole {
        faults.delivery.manner = manner;
    }
}

/// A time between two, in milliseconds.
fn between(from: Duration, to: Duration, random: &mut ChaCha8Rng) -> Duration {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    if from == to { from } else { Duration::from_millis(random.random_range(millis(from)..=millis(to))) }
}

/// How many milliseconds of a time are left; a clock that was set back begins it anew.
fn remaining(since: i64, time: Duration, now: i64) -> i64 {
    let time = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    if now < since { 0 } else { since.saturating_add(time).saturating_sub(now) }
}

/// Whole seconds, rounded up: who waits so long has waited long enough (RFC 9110, section 10.2.3).
fn in_seconds(millis: i64) -> u64 {
    u64::try_from(millis).unwrap_or(0).div_ceil(1000)
}
