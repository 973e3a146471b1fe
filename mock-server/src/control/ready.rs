//! `ready`: the server takes requests and keeps what it acknowledges.

use serde_json::json;
use specs::wire::Response;

use super::{Call, answer};

/// Tells that it is ready.
pub(super) fn ready(_: &Call<'_>) -> Response {
    answer::told(200, &json!({"ready": true}))
}
