//! How often each caller has asked, and how often it still may.

use ahash::HashMap;
use http::{HeaderName, HeaderValue, header};
use specs::claims::{RateLimit, RatePer, RateReset, RateWindow, Situation};
use specs::wire::{Rejection, Request, Response};

use crate::lasting::SavedLimit;

/// More callers than this are not told apart: all counts begin anew, so that what is kept stays small.
const MOST_CALLERS: usize = 10_000;

/// The counts of one sandbox. Time is the sandbox's own, so that the same requests are answered with the same bytes.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    /// By caller: for each window when it began, in milliseconds since 1970, and how many requests came in it.
    counts: HashMap<String, Vec<(i64, u32)>>,
}

/// What a caller has left after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    window: RateWindow,
    remaining: u32,
    /// Whether this very request was one too many.
    exhausted: bool,
    /// When the window ends, in milliseconds since 1970.
    ends: i64,
    now: i64,
}

/// The headers in which a vendor tells what is left; a name that HTTP does not allow is left out.
#[derive(Debug)]
pub(crate) struct QuotaHeaders {
    limit: Option<HeaderName>,
    remaining: Option<HeaderName>,
    reset: Option<HeaderName>,
    reset_in: RateReset,
}

/// The names that most vendors give these headers. They are nobody's, so that threads that answer at the same time share no count.
const USUAL: [&str; 6] =
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];

fn header_name(name: &str) -> Option<HeaderName> {
    let usual = USUAL.iter().find(|usual| usual.eq_ignore_ascii_case(name));
    usual.map_or_else(|| HeaderName::from_bytes(name.as_bytes()).ok(), |usual| Some(HeaderName::from_static(usual)))
}

/// Every number below ten thousand in four digits, one after the other.
static DIGITS: [u8; 40_000] = {
    let (mut digits, mut place) = ([b'0'; 40_000], 0);
    while place < digits.len() {
        let tens = [1000, 100, 10, 1][place % 4];
        digits[place] = b"0123456789"[place / 4 / tens % 10];
        place += 1;
    }
    digits
};

/// A number as a header has it. Small ones are written already: nothing is allocated for them, and no count of who uses them is shared.
fn number(number: i64) -> HeaderValue {
    let known = usize::try_from(number).ok().filter(|number| *number < DIGITS.len() / 4).and_then(|number| {
        let zeros = usize::from(number < 1000) + usize::from(number < 100) + usize::from(number < 10);
        std::str::from_utf8(DIGITS.get(number * 4 + zeros..number * 4 + 4)?).ok()
    });
    known.map_or_else(|| number.into(), HeaderValue::from_static)
}

impl QuotaHeaders {
    pub(crate) fn new(rule: &RateLimit) -> Self {
        let [limit, remaining, reset] = [&rule.limit, &rule.remaining, &rule.reset].map(|name| header_name(name));
        Self { limit, remaining, reset, reset_in: rule.reset_in }
    }
}

impl Limiter {
    /// The counts by caller, in the callers' order.
    pub(crate) fn saved(&self) -> Vec<SavedLimit> {
        let mut saved: Vec<SavedLimit> =
            self.counts.iter().map(|(caller, windows)| SavedLimit { caller: caller.clone(), windows: windows.clone() }).collect();
        saved.sort_by(|a, b| a.caller.cmp(&b.caller));
        saved
    }

    /// Goes on with the counts that were saved.
    pub(crate) fn from_saved(saved: &[SavedLimit]) -> Self {
        Self { counts: saved.iter().map(|limit| (limit.caller.clone(), limit.windows.clone())).collect() }
    }

    /// Counts a request at `now`, in milliseconds since 1970: the window that has the fewest requests left.
    pub(crate) fn count(&mut self, rule: &RateLimit, request: &Request, now: i64) -> Option<Quota> {
        let caller = match rule.per {
            RatePer::Credential => request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default(),
            RatePer::Address => "",
        };
        let counts = self.of(caller, || vec![(now, 0); rule.windows.len()]);
        let counted = rule.windows.iter().zip(counts).map(|(window, count)| Quota::of(*window, count, now));
        counted.min_by_key(|quota| (quota.remaining, !quota.exhausted))
    }

    /// The counts of a caller, which begin as said.
    fn of(&mut self, caller: &str, begin: impl FnOnce() -> Vec<(i64, u32)>) -> &mut Vec<(i64, u32)> {
        if !self.counts.contains_key(caller) {
            if self.counts.len() >= MOST_CALLERS {
                self.counts.clear();
            }
            self.counts.insert(caller.to_owned(), begin());
        }
        self.counts.get_mut(caller).expect("it is there by now")
    }
}

impl Quota {
    fn of(window: RateWindow, (began, requests): &mut (i64, u32), now: i64) -> Self {
        let length = i64::from(window.seconds) * 1000;
        if now - *began >= length {
            (*began, *requests) = (now, 0);
        }
        *requests = requests.saturating_add(1);
        let allowed = window.requests.get();
        let remaining = allowed.saturating_sub(*requests);
        Self { window, remaining, exhausted: *requests > allowed, ends: *began + length, now }
    }

    /// Why the request is refused, if it is one too many.
    pub(crate) fn refusal(&self) -> Option<Rejection> {
        self.exhausted.then(|| Rejection::new(Situation::RateLimited).with("seconds", self.seconds_left()))
    }

    fn seconds_left(&self) -> i64 {
        (self.ends - self.now).div_euclid(1000) + i64::from((self.ends - self.now).rem_euclid(1000) > 0)
    }

    /// Tells what is left in the headers of an answer.
    pub(crate) fn tell(&self, headers: &QuotaHeaders, response: &mut Response) {
        let reset = match headers.reset_in {
            RateReset::Seconds => self.seconds_left(),
            RateReset::Moment => self.ends.div_euclid(1000),
        };
        let limit = i64::from(self.window.requests.get());
        for (name, value) in [(&headers.limit, limit), (&headers.remaining, self.remaining.into()), (&headers.reset, reset)] {
            if let Some(name) = name {
                response.headers.insert(name, number(value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use http::{HeaderValue, Method};

    use super::*;

    fn rule(per: RatePer) -> RateLimit {
        let window = |requests, seconds| RateWindow { requests: NonZeroU32::new(requests).expect("more than none"), seconds };
        let name = |name: &str| format!("x-{name}");
        let windows = vec![window(2, 60), window(3, 3600)];
        RateLimit { windows, per, limit: name("limit"), remaining: name("remaining"), reset: name("reset"), reset_in: RateReset::Seconds }
    }

    fn ask(limiter: &mut Limiter, per: RatePer, credential: &'static str, now: i64) -> (Vec<String>, bool) {
        let mut request = Request::new(Method::GET, "/");
        request.headers.insert("authorization", HeaderValue::from_static(credential));
        let rule = rule(per);
        let quota = limiter.count(&rule, &request, now).expect("there are windows");
        let mut response = Response::new(200);
        quota.tell(&QuotaHeaders::new(&rule), &mut response);
        let told = ["x-limit", "x-remaining", "x-reset"].map(|name| response.header(name).expect("it is told").to_owned());
        (told.to_vec(), quota.refusal().is_some())
    }

    fn told(limit: u32, remaining: u32, reset: u32, refused: bool) -> (Vec<String>, bool) {
        (vec![limit.to_string(), remaining.to_string(), reset.to_string()], refused)
    }

    #[test]
    fn windows_count_down_and_begin_anew() {
        let mut limiter = Limiter::default();
        let mut at = |now| ask(&mut limiter, RatePer::Credential, "one", now);
        assert_eq!(at(0), told(2, 1, 60, false));
        assert_eq!(at(1_500), told(2, 0, 59, false));
        assert_eq!(at(2_000), told(2, 0, 58, true));
        // The minute is over, the hour is not, and its three are used up.
        assert_eq!(at(60_000), told(3, 0, 3540, true));
        assert_eq!(at(3_600_000), told(2, 1, 60, false));
    }

    #[test]
    fn numbers_are_written_as_they_are() {
        for own in (0..10_100).chain([99_999, 1_767_225_600, i64::MAX, -1, i64::MIN]) {
            assert_eq!(number(own), own.to_string());
        }
    }

    #[test]
    fn callers_are_counted_apart_where_credentials_are() {
        let mut limiter = Limiter::default();
        ask(&mut limiter, RatePer::Credential, "one", 0);
        assert_eq!(ask(&mut limiter, RatePer::Credential, "two", 0), told(2, 1, 60, false));
        let mut limiter = Limiter::default();
        ask(&mut limiter, RatePer::Address, "one", 0);
        assert_eq!(ask(&mut limiter, RatePer::Address, "two", 0), told(2, 0, 60, false));
    }
}
