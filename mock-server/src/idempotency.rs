//! Idempotency keys: the same request under the same key is carried out once and answered the same.

use std::collections::HashMap;

use specs::claims::{Idempotency, Situation};
use specs::wire::{Rejection, Request, Response};

/// More answers than this are not kept; the oldest go first.
const MOST_REPLAYS: usize = 10_000;

/// The answers that can be repeated.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    answers: HashMap<ReplayKey, (bytes::Bytes, Response)>,
    order: std::collections::VecDeque<ReplayKey>,
}

/// The key with everything that keeps it apart from others: the credential and the path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ReplayKey {
    key: String,
    credential: String,
    path: String,
}

impl ReplayKey {
    /// The key of a request, if it has one and it applies.
    pub(crate) fn of(rule: &Idempotency, request: &Request) -> Result<Option<Self>, Rejection> {
        let applies = rule.methods.iter().any(|method| method == request.method.as_str());
        let Some(key) = request.header(&rule.header).filter(|_| applies) else { return Ok(None) };
        if key.is_empty() || key.chars().count() > rule.longest {
            return Err(Rejection::new(Situation::IdempotencyInvalid));
        }
        let credential = request.header("authorization").unwrap_or_default().to_owned();
        Ok(Some(Self { key: key.to_owned(), credential, path: request.path.clone() }))
    }
}

impl Replays {
    /// The answer to the same request under this key; refused if the request was another one.
    pub(crate) fn find(&self, key: &ReplayKey, request: &Request) -> Result<Option<&Response>, Rejection> {
        match self.answers.get(key) {
            Some((body, _)) if *body != request.body => Err(Rejection::new(Situation::IdempotencyReused)),
            found => Ok(found.map(|(_, response)| response)),
        }
    }

    /// Keeps the answer of a request that succeeded.
    pub(crate) fn keep(&mut self, key: ReplayKey, request: &Request, response: &Response) {
        if self.order.len() >= MOST_REPLAYS
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.answers.insert(key, (request.body.clone(), response.clone()));
    }
}
