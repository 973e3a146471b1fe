//! The control plane: what a test asks of the server itself, below `/_lockstep/`.
//!
//! A control is a name, a method and a function. It acts on one sandbox: the one before it in the path (`/~NAME/_lockstep/`), else the
//! one that has no name; and on one API where the path names it (`/<name>/_lockstep/`), else on all that are served.

mod answer;
mod call;
mod clock;
mod faults;
mod guard;
mod health;
mod metrics;
mod page;
mod ready;
mod requests;
mod reset;
mod state;
mod things;

use specs::wire::Response;

pub(crate) use answer::refused;
pub(crate) use call::Call;
pub(crate) use guard::ControlToken;

/// What one method does to one control.
struct Control {
    name: &'static str,
    method: &'static str,
    /// Whether anybody may ask, by whatever name the server is known: probes and scrapers, which learn nothing from it.
    open: bool,
    run: fn(&Call<'_>) -> Response,
}

const fn open(name: &'static str, run: fn(&Call<'_>) -> Response) -> Control {
    Control { name, method: "GET", open: true, run }
}

const fn guarded(name: &'static str, method: &'static str, run: fn(&Call<'_>) -> Response) -> Control {
    Control { name, method, open: false, run }
}

/// Every control, in the order in which they are told.
const CONTROLS: &[Control] = &[
    open("", page::page),
    open("health", health::health),
    open("ready", ready::ready),
    open("metrics", metrics::metrics),
    guarded("reset", "POST", reset::reset),
    guarded("catalogue", "GET", page::catalogue),
    guarded("faults", "GET", faults::faults),
    guarded("faults", "PUT", faults::put),
    guarded("faults", "DELETE", faults::delete),
    guarded("state", "GET", state::export),
    guarded("state", "PUT", state::import),
    guarded("requests", "GET", requests::requests),
    guarded("requests", "DELETE", requests::clear),
    guarded("things", "GET", things::things),
    guarded("sandboxes", "GET", things::sandboxes),
    guarded("clock", "GET", clock::now),
    guarded("clock", "PUT", clock::put),
    guarded("clock", "POST", clock::advance),
];

/// The name of the control that a path asks for, if it asks for one.
pub(crate) fn named(path: &str) -> Option<&str> {
    path.strip_prefix("/_lockstep/").or_else(|| (path == "/_lockstep").then_some(""))
}

/// Carries out the control of this name. HEAD is answered as GET is (RFC 9110, section 9.3.2); the connection leaves the body out.
pub(crate) fn answer(name: &str, call: &Call<'_>) -> Response {
    let named: Vec<&Control> = CONTROLS.iter().filter(|control| control.name == name).collect();
    if named.is_empty() {
        return answer::unknown(CONTROLS.iter().map(|control| control.name));
    }
    let method = if call.request.method == http::Method::HEAD { "GET" } else { call.request.method.as_str() };
    match named.iter().find(|control| control.method == method) {
        Some(control) if control.open => (control.run)(call),
        Some(control) => guard::refusal(call).unwrap_or_else(|| (control.run)(call)),
        None => answer::not_allowed(named.iter().map(|control| control.method)),
    }
}

/// What is asked would change something, and the change cannot be kept.
pub(crate) fn cannot_keep() -> Response {
    refused(507, "the state file cannot be written, so nothing was changed", "make room where the state file is, and ask again")
}

/// Refuses a body that is too large to be read.
pub(crate) fn refuse_too_large() -> Response {
    refused(413, "the body is too large for a control", "a control takes at most 64 MiB")
}
