//! Idempotency keys: the same request under the same key is carried out once and answered the same.

use std::collections::{HashMap, VecDeque};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::Value;
use specs::claims::{Compare, Idempotency, Situation};
use specs::wire::{Rejection, Request, Response};

use crate::lasting::SavedReplay;

/// More answers than this are not kept; the oldest go first.
pub(crate) const MOST_REPLAYS: usize = 10_000;

/// The answers that can be repeated.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    answers: HashMap<Attempt, Kept>,
    order: VecDeque<Attempt>,
    /// How many were kept so far.
    kept: u64,
}

/// A request under an idempotency key.
#[derive(Clone, Debug)]
pub(crate) struct ReplayKey {
    attempt: Attempt,
    body: Bytes,
}

/// The key with everything that keeps it apart from others: the credential and the path.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Attempt {
    key: String,
    credential: String,
    path: String,
}

/// An answer that can be repeated, and to what.
#[derive(Debug)]
struct Kept {
    body: Bytes,
    response: Response,
    /// When it was given, by the milliseconds that the clock had been put forward.
    since: i64,
}

impl ReplayKey {
    /// The key of a request, if it has one and it applies.
    pub(crate) fn of(rule: &Idempotency, request: &Request) -> Result<Option<Self>, Rejection> {
        let applies = rule.methods.iter().any(|method| method == request.method.as_str());
        let key = request.header(&rule.header).map(str::trim).filter(|key| applies && !key.is_empty());
        let (Some(key), Some(body)) = (key, comparable(rule.compare, request)) else { return Ok(None) };
        if key.chars().count() > rule.longest {
            return Err(Rejection::new(Situation::IdempotencyInvalid));
        }
        let credential = request.header("authorization").unwrap_or_default().to_owned();
        let attempt = Attempt { key: key.to_owned(), credential, path: request.path.clone() };
        Ok(Some(Self { attempt, body }))
    }
}

/// The body in the form in which it is compared; none where the rule says nothing of such a body.
fn comparable(compare: Compare, request: &Request) -> Option<Bytes> {
    match compare {
        // A copy: what is kept for long must not hold the buffer that the request came in.
        Compare::Bytes => Some(Bytes::copy_from_slice(&request.body)),
        Compare::Json if request.body.is_empty() => Some(Bytes::new()),
        Compare::Json => {
            let body: Value = serde_json::from_slice(&request.body).ok()?;
            (body.is_object() || body.is_array()).then(|| Bytes::from(body.to_string()))
        }
    }
}

impl Replays {
    /// The answer to the same request under this key, unless it is too old; refused if the request was another one.
    pub(crate) fn find(&self, key: &ReplayKey, rule: &Idempotency, now: i64) -> Result<Option<&Response>, Rejection> {
        let lasts = |kept: &&Kept| rule.kept.is_none_or(|seconds| now < kept.since + i64::from(seconds) * 1000);
        match self.answers.get(&key.attempt).filter(lasts) {
            Some(kept) if kept.body != key.body => Err(Rejection::new(Situation::IdempotencyReused)),
            found => Ok(found.map(|kept| &kept.response)),
        }
    }

    /// Keeps the answer of a request that succeeded.
    pub(crate) fn keep(&mut self, key: ReplayKey, response: &Response, now: i64) {
        let ReplayKey { attempt, body } = key;
        if self.order.len() >= MOST_REPLAYS
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        let kept = Kept { body, response: response.clone(), since: now };
        if self.answers.insert(attempt.clone(), kept).is_some() {
            self.order.retain(|own| *own != attempt);
        }
        self.order.push_back(attempt);
        self.kept += 1;
    }

    /// How many were kept so far.
    pub(crate) const fn kept(&self) -> u64 {
        self.kept
    }

    /// The newest of them, oldest first.
    pub(crate) fn saved(&self, newest: usize) -> Vec<SavedReplay> {
        let saved = |attempt: &Attempt| {
            let Kept { body, response, since } = self.answers.get(attempt)?;
            let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            Some(SavedReplay {
                key: attempt.key.clone(),
                credential: attempt.credential.clone(),
                path: attempt.path.clone(),
                body: BASE64_STANDARD.encode(body),
                since: *since,
                status: response.status.as_u16(),
                headers: response.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
                answer: BASE64_STANDARD.encode(&response.body),
            })
        };
        self.order.iter().skip(self.order.len().saturating_sub(newest)).filter_map(saved).collect()
    }

    /// What was saved; refused with the place of the first that is no answer.
    pub(crate) fn from_saved(saved: &[SavedReplay]) -> Result<Self, usize> {
        let mut replays = Self::default();
        for (place, own) in saved.iter().enumerate() {
            let (body, response) = answer_of(own).ok_or(place)?;
            let attempt = Attempt { key: own.key.clone(), credential: own.credential.clone(), path: own.path.clone() };
            replays.keep(ReplayKey { attempt, body }, &response, own.since);
        }
        Ok(replays)
    }
}

/// A request's body and its answer, if they are some.
fn answer_of(saved: &SavedReplay) -> Option<(Bytes, Response)> {
    http::StatusCode::from_u16(saved.status).ok()?;
    let mut response = Response::new(saved.status);
    for (name, value) in &saved.headers {
        response.headers.append(http::HeaderName::from_bytes(name.as_bytes()).ok()?, http::HeaderValue::from_str(value).ok()?);
    }
    response.body = BASE64_STANDARD.decode(&saved.answer).ok()?.into();
    Some((BASE64_STANDARD.decode(&saved.body).ok()?.into(), response))
}

/// The key and the credential are the client's own.
impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(key: &str, body: &str) -> Request {
        let mut request = Request::new(http::Method::POST, "/things");
        request.headers.insert("idempotency-key", key.parse().expect("a header value"));
        request.body = Bytes::copy_from_slice(body.as_bytes());
        request
    }

    fn rule(compare: Compare) -> Idempotency {
        let (header, replayed) = ("idempotency-key".to_owned(), "replayed".to_owned());
        Idempotency { header, methods: vec!["POST".to_owned()], longest: 5, replayed, compare, kept: Some(10) }
    }

    #[test]
    fn an_answer_is_found_for_the_same_json_and_for_a_while() {
        let (rule, mut replays) = (rule(Compare::Json), Replays::default());
        let key = |key: &str, body: &str| ReplayKey::of(&rule, &request(key, body)).map(|key| key.expect("it applies"));
        replays.keep(key("a", r#"{"x":1,"y":2}"#).expect("short enough"), &Response::new(200), 0);
        let found = |key: ReplayKey, now: i64| replays.find(&key, &rule, now).map(|found| found.is_some());
        assert_eq!(found(key(" a ", r#"{ "x": 1, "y": 2 }"#).expect("short enough"), 9_999), Ok(true));
        assert_eq!(found(key("a", r#"{"x":1,"y":2}"#).expect("short enough"), 10_000), Ok(false));
        assert!(found(key("a", r#"{"y":2,"x":1}"#).expect("short enough"), 0).is_err(), "another order is another body");
        assert!(key("too-long", "{}").is_err());
    }

    #[test]
    fn no_key_is_no_attempt() {
        for (key, body) in [("", "{}"), ("  ", "{}"), ("a", "no JSON"), ("a", "\"text\"")] {
            assert!(ReplayKey::of(&rule(Compare::Json), &request(key, body)).is_ok_and(|key| key.is_none()), "{key} {body}");
        }
        assert!(ReplayKey::of(&rule(Compare::Bytes), &request("a", "no JSON")).is_ok_and(|key| key.is_some()));
    }
}
