//! `reset`: a sandbox begins anew.

use specs::wire::Response;

use super::Call;

/// Goes back to the world.
pub(super) fn reset(call: &Call<'_>) -> Response {
    call.engines.iter().for_each(|engine| engine.reset(call.sandbox));
    Response::new(204)
}
