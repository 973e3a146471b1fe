//! `ready`: the server takes requests and keeps what it acknowledges.

use serde_json::json;
use specs::wire::Response;

use super::{Call, answer};

/// Tells that it is ready.
pub(super) fn ready(call: &Call<'_>) -> Response {
    if call.engines.iter().filter_map(|engine| engine.keeper.as_ref()).any(|keeper| keeper.is_failing()) {
        return answer::told(503, &json!({"ready": false, "reason": "the state file could not be written"}));
    }
    answer::told(200, &json!({"ready": true}))
}
