//! `health`: the server is up, and these APIs are served.

use serde_json::json;
use specs::wire::Response;

use super::{Call, answer};

/// Tells that it is up.
pub(super) fn health(call: &Call<'_>) -> Response {
    let specs: Vec<&str> = call.engines.iter().map(|engine| engine.contract.name.as_str()).collect();
    answer::told(200, &json!({"status": "ok", "specs": specs}))
}
