//! `state`: everything that a sandbox holds, out and in again. It has the secrets in it: that is what it is for.

use serde_json::json;
use specs::wire::Response;

use super::{Call, answer};
use crate::lasting::{Export, ImportError, export_of, import_into};

/// What an import should have been.
const HINT: &str = "send what GET /_lockstep/state gave; nothing was changed";

/// The state of the sandbox, by API.
pub(super) fn export(call: &Call<'_>) -> Response {
    let exported = export_of(&call.engines, call.sandbox);
    exported.map_or_else(answer::too_many_sandboxes, |export| answer::told(200, &json!(export)))
}

/// Puts an exported state in the place of the sandbox's, for the APIs that it names: all of it or nothing.
pub(super) fn import(call: &Call<'_>) -> Response {
    let imported = Export::read(&call.request.body).and_then(|export| import_into(&call.engines, call.sandbox, &export));
    match imported {
        Ok(()) => Response::new(204),
        Err(ImportError::Wrong(reason)) => answer::refused(400, &reason, HINT),
        Err(ImportError::TooManySandboxes) => answer::too_many_sandboxes(),
        Err(ImportError::NotKept(_)) => super::cannot_keep(),
    }
}
