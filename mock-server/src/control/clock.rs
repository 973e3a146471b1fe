//! `clock`: a sandbox's time, which stands still between changes and can be put forward.

use jiff::{SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use specs::claims::TimeFormat;
use specs::wire::{Response, written};

use super::{Call, answer};
use crate::clock::{Clock, ClockError};
use crate::lasting::{Grip, settle_all};

/// How a clock is put to a moment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Put {
    now: String,
}

/// How a clock is put forward.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: String,
}

/// Tells the time of each API, and the latest of them.
pub(super) fn now(call: &Call<'_>) -> Response {
    call.at_once(|grips| told(grips)).unwrap_or_else(answer::too_many_sandboxes)
}

/// Puts the clocks to a moment.
pub(super) fn put(call: &Call<'_>) -> Response {
    let hint = "send {\"now\": \"2026-02-01T00:00:00Z\"}";
    let moment = serde_json::from_slice::<Put>(&call.request.body).ok().and_then(|put| put.now.parse::<Timestamp>().ok());
    let Some(moment) = moment else { return answer::refused(400, "the body must hold `now`, a moment as RFC 3339 writes it", hint) };
    change(call, |clock| clock.put(moment.as_millisecond()))
}

/// Puts the clocks forward.
pub(super) fn advance(call: &Call<'_>) -> Response {
    let hint = "send {\"advance\": \"1h\"}; units are d, h, m, s, ms";
    let read = serde_json::from_slice::<Advance>(&call.request.body).ok().and_then(|body| millis(&body.advance));
    let Some(millis) = read else { return answer::refused(400, "the body must hold `advance`, a duration that is not negative", hint) };
    change(call, |clock| clock.advance(millis))
}

/// A duration such as `1h 30m`; a day has 24 hours.
fn millis(text: &str) -> Option<i64> {
    let span: jiff::Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    i64::try_from(duration.as_millis()).ok().filter(|millis| *millis >= 0)
}

/// Changes all clocks or none: each change is tried on a copy first.
fn change(call: &Call<'_>, change: impl Fn(&mut Clock) -> Result<(), ClockError>) -> Response {
    call.at_once(|grips| {
        let mut clocks: Vec<Clock> = grips.iter().map(|(_, state)| state.clock.clone()).collect();
        if let Err(error) = clocks.iter_mut().try_for_each(change) {
            return answer::refused(400, &error.to_string(), "GET /_lockstep/clock tells where it is");
        }
        grips.iter_mut().zip(clocks).for_each(|((_, state), clock)| state.clock = clock);
        if settle_all(call.sandbox, grips).is_err() { super::cannot_keep() } else { told(grips) }
    })
    .unwrap_or_else(answer::too_many_sandboxes)
}

fn told(grips: &[Grip<'_>]) -> Response {
    let moments: Vec<(&str, i64)> = grips.iter().map(|(engine, state)| (engine.contract.name.as_str(), state.clock.now())).collect();
    let shown = |millis: i64| Value::from(written(millis, TimeFormat::Rfc3339(3)));
    let latest = moments.iter().map(|(_, millis)| *millis).max().map(shown);
    let apis: Map<String, Value> = moments.into_iter().map(|(api, millis)| (api.to_owned(), shown(millis))).collect();
    answer::told(200, &json!({"now": latest, "apis": apis}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, expected) in
            [("1h", Some(3_600_000)), ("1d", Some(86_400_000)), ("1h 30m", Some(5_400_000)), ("500ms", Some(500)), ("PT1S", Some(1000))]
        {
            assert_eq!(millis(text), expected, "{text}");
        }
        for wrong in ["", "1", "soon", "-1h", "1 month"] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
    }
}
