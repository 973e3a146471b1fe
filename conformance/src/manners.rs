//! Manners: a live target is somebody's server. What is made is written down first, and nothing comes faster than is wished.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use specs::claims::Verb;
use specs::contract::Endpoint;
use specs::wire::Response;
use tokio::time::Instant;

use crate::case::Case;
use crate::ledger::Tracked;
use crate::session::{Session, Stop};
use crate::watch::Watch;

/// How a run behaves towards its target.
#[derive(Clone, Debug, Default)]
pub struct Manners {
    /// Where everything that is made is written down; nowhere if the target ends with the run.
    pub ledger: Option<LedgerFile>,
    /// No more things than this are asked for, whether or not they are made.
    pub max_creates: Option<usize>,
    /// Requests do not come faster than this.
    pub rate: Option<Rate>,
    /// How many requests that do not depend on each other may be on their way at once; none counts as one.
    pub workers: usize,
}

/// A file for everything that is made, so that it can be removed even after a crash.
#[derive(Clone, Debug)]
pub struct LedgerFile {
    /// Where it is. It is made with the first thing, and removed with the last one unless it is kept.
    pub path: PathBuf,
    /// What the contract was compiled from.
    pub source: Source,
    /// Whether it stays when nothing is left behind.
    pub keep: bool,
    /// Told once, when the file is made.
    pub announce: Watch,
}

/// What a contract was compiled from, so that it can be compiled again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// A vendor's name or a path.
    pub spec: String,
    /// The overlay beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlay: Option<PathBuf>,
    /// Whether the real server's deviations are laid over it.
    pub observed: bool,
}

/// So many requests in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    interval: Duration,
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "a rate is written N/s or N/m, for instance --rate 10/s".to_owned();
        let (count, per) = text.split_once('/').ok_or_else(form)?;
        let count: u32 = count.parse().ok().filter(|count| *count > 0).ok_or_else(form)?;
        let whole = match per {
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            _ => return Err(form()),
        };
        Ok(Self { interval: whole / count })
    }
}

/// Keeps the distance between requests.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: Option<Rate>,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    pub(crate) fn new(rate: Option<Rate>) -> Self {
        Self { rate, next: Mutex::new(None) }
    }

    /// Waits until the next request may be sent.
    pub(crate) async fn wait(&self) {
        if let Some(turn) = self.rate.and_then(|rate| self.turn(rate)) {
            tokio::time::sleep_until(turn).await;
        }
    }

    fn turn(&self, rate: Rate) -> Option<Instant> {
        let mut next = self.next.lock().ok()?;
        let turn = next.unwrap_or_else(Instant::now).max(Instant::now());
        *next = Some(turn + rate.interval);
        Some(turn)
    }
}

/// A request that came too soon is sent again so many times.
pub(crate) const MOST_RETRIES: usize = 5;

/// Whoever asks to wait longer than this is not waited for: its answer is judged as it is.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A run waits no longer than this for a target that asks it to, all times together: one that always asks must not keep it for days.
const LONGEST_WAITING: Duration = Duration::from_hours(1);

/// How long a run has waited because its target asked it to.
#[derive(Debug, Default)]
pub(crate) struct Patience(AtomicU64);

impl Patience {
    /// Whether the run can wait once more for so long; if so, that is counted.
    pub(crate) fn lasts(&self, wait: Duration) -> bool {
        let before = self.0.fetch_add(wait.as_secs(), Ordering::Relaxed);
        before.saturating_add(wait.as_secs()) <= LONGEST_WAITING.as_secs()
    }
}

/// How long the target asks to be left alone (RFC 6585, section 4; RFC 9110, section 10.2.3), if that can be waited for. A date is not
/// taken: clocks differ.
pub(crate) fn asked_to_wait(response: &Response) -> Option<Duration> {
    let busy = matches!(response.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let seconds: u64 = response.header("retry-after").filter(|_| busy)?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|wait| *wait <= LONGEST_WAIT)
}

impl Session<'_> {
    /// Writes down what a request may make before it is sent, and counts it.
    pub(crate) fn write_down(&mut self, endpoint: &Endpoint, case: &Case) -> Result<Option<usize>, Stop> {
        if !matches!(endpoint.verb, Verb::Create | Verb::Put) || case.method.is_some() {
            return Ok(None);
        }
        if self.options.manners.max_creates.is_some_and(|most| self.asked >= most) {
            return Err(Stop::Budget);
        }
        self.asked += 1;
        Ok(Some(self.record.sending(self.contract, endpoint, &case.intent)?))
    }

    /// Notes that a thing was removed.
    pub(crate) fn note_gone(&mut self, thing: &Tracked) {
        self.ledger.forget(thing, &self.contract.resources[&thing.resource]);
        // A line that is missing makes cleaning up try once more, and find it gone.
        let _ = self.record.answered(self.contract, &mut self.ledger, None, false);
    }

    /// Which budget has ended the run.
    pub(crate) fn spent(&self) -> String {
        match self.options.manners.max_creates.filter(|_| self.sent < self.options.max_requests) {
            Some(most) => format!("stopped after asking for {most} things; --max-creates allows more"),
            None => format!("stopped after {} requests; --max-requests allows more", self.options.max_requests),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_so_many_in_a_second_or_a_minute() {
        assert_eq!("4/s".parse(), Ok(Rate { interval: Duration::from_millis(250) }));
        assert_eq!("30/m".parse(), Ok(Rate { interval: Duration::from_secs(2) }));
        for wrong in ["", "10", "0/s", "x/s", "10/h", "-1/s"] {
            assert!(wrong.parse::<Rate>().is_err_and(|error| error.contains("10/s")), "{wrong}");
        }
    }

    #[test]
    fn patience_ends_when_all_waits_together_are_too_long() {
        let patience = Patience::default();
        assert!((0..120).all(|_| patience.lasts(Duration::from_secs(30))), "an hour");
        assert!(!patience.lasts(Duration::from_secs(1)));
    }

    #[test]
    fn a_short_wait_is_granted_and_a_long_one_is_not() {
        let answer = |status: u16, after: Option<&'static str>| {
            let mut response = Response::new(status);
            after.map(|after| response.headers.insert("retry-after", http::HeaderValue::from_static(after)));
            asked_to_wait(&response)
        };
        assert_eq!(answer(429, Some("2")), Some(Duration::from_secs(2)));
        assert_eq!(answer(503, Some(" 0 ")), Some(Duration::ZERO));
        assert_eq!(answer(429, Some("31")), None);
        assert_eq!(answer(429, Some("Fri, 31 Dec 1999 23:59:59 GMT")), None);
        assert_eq!(answer(429, None), None);
        assert_eq!(answer(200, Some("2")), None);
    }
}
