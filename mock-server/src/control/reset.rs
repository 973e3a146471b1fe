//! `reset`: a sandbox begins anew.

use specs::wire::Response;

use super::Call;

/// Goes back to the world.
pub(super) fn reset(call: &Call<'_>) -> Response {
    match call.engines.iter().try_for_each(|engine| engine.reset(call.sandbox)) {
        Ok(()) => Response::new(204),
        Err(_) => super::cannot_keep(),
    }
}
