//! `requests`: the journal, filtered and counted, so that a test can ask whether something was called.

use serde_json::json;
use specs::wire::Response;

use super::{Call, answer};
use crate::journal::{Filter, ReceivedRequest};
use crate::sandbox::hold;

/// The requests that fit the filters in the query: how many, and what they were.
pub(super) fn requests(call: &Call<'_>) -> Response {
    let filter = match Filter::read(call.request.query.as_deref().unwrap_or_default()) {
        Ok(filter) => filter,
        Err(error) => return answer::refused(400, &error.to_string(), "for instance GET /_lockstep/requests?method=DELETE&status=2xx"),
    };
    let (mut found, mut dropped) = (Vec::new(), 0);
    for (engine, state) in call.known() {
        let state = hold(&state);
        dropped += state.journal.dropped();
        found.extend(state.journal.entries(&engine.contract, call.sandbox).filter(|entry| filter.fits(entry)));
    }
    let count = found.len();
    let newest: Vec<ReceivedRequest> = found.split_off(count.saturating_sub(filter.limit().unwrap_or(count)));
    answer::told(200, &json!({"count": count, "dropped": dropped, "requests": newest}))
}

/// Forgets what was asked.
pub(super) fn clear(call: &Call<'_>) -> Response {
    call.known().for_each(|(_, state)| hold(&state).journal.clear());
    Response::new(204)
}
