//! The control plane: what a test asks of the server itself, below `/_lockstep/`.
//!
//! A control is a name, its methods and a function. It acts on one sandbox: the one before it in the path (`/~NAME/_lockstep/`), else the
//! one that has no name; and on one API where the path names it (`/<name>/_lockstep/`), else on all that are served.

mod answer;
mod call;
mod health;
mod reset;

use specs::wire::Response;

pub(crate) use call::Call;

/// One control.
struct Control {
    name: &'static str,
    methods: &'static [&'static str],
    run: fn(&Call<'_>) -> Response,
}

/// Every control, in the order in which they are told.
const CONTROLS: &[Control] = &[
    Control { name: "health", methods: &["GET", "HEAD"], run: health::health },
    Control { name: "reset", methods: &["POST"], run: reset::reset },
];

/// The name of the control that a path asks for, if it asks for one.
pub(crate) fn named(path: &str) -> Option<&str> {
    path.strip_prefix("/_lockstep/").or_else(|| (path == "/_lockstep").then_some(""))
}

/// Carries out the control of this name.
pub(crate) fn answer(name: &str, call: &Call<'_>) -> Response {
    match CONTROLS.iter().find(|control| control.name == name) {
        Some(control) if control.methods.contains(&call.request.method.as_str()) => (control.run)(call),
        Some(control) => answer::not_allowed(control.methods),
        None => answer::unknown(CONTROLS.iter().map(|control| control.name)),
    }
}
