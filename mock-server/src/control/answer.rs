//! How the control plane answers: JSON, and a refusal says what to do instead.

use http::{HeaderValue, header};
use serde_json::{Value, json};
use specs::wire::Response;

/// An answer of JSON.
pub(crate) fn told(status: u16, value: &Value) -> Response {
    let mut response = Response::new(status);
    response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.body = value.to_string().into();
    response
}

/// A refusal: what is wrong, and what to do.
pub(crate) fn refused(status: u16, error: &str, hint: &str) -> Response {
    told(status, &json!({"error": error, "hint": hint}))
}

/// The control exists and is not used so (RFC 9110, section 15.5.6).
pub(super) fn not_allowed(methods: impl Iterator<Item = &'static str>) -> Response {
    let methods = methods.flat_map(|method| if method == "GET" { vec!["GET", "HEAD"] } else { vec![method] });
    let allowed = methods.collect::<Vec<_>>().join(", ");
    let mut response = refused(405, "this control is not used with this method", &format!("use {allowed}"));
    if let Ok(value) = HeaderValue::from_str(&allowed) {
        response.headers.insert(header::ALLOW, value);
    }
    response
}

/// There is no room for a sandbox of this name.
pub(super) fn too_many_sandboxes() -> Response {
    refused(507, "there are too many sandboxes", "start the server anew, or use fewer names")
}

/// No control has this name.
pub(super) fn unknown(names: impl Iterator<Item = &'static str>) -> Response {
    let mut names: Vec<String> = names.map(|name| format!("/_lockstep/{name}")).collect();
    names.dedup();
    refused(404, "no control has this name", &format!("the controls are {}", names.join(", ")))
}
