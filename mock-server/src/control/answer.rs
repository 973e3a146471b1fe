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
pub(super) fn not_allowed(methods: &[&str]) -> Response {
    let allowed = methods.join(", ");
    let mut response = refused(405, "this control is not used with this method", &format!("use {allowed}"));
    if let Ok(value) = HeaderValue::from_str(&allowed) {
        response.headers.insert(header::ALLOW, value);
    }
    response
}

/// No control has this name.
pub(super) fn unknown(names: impl Iterator<Item = &'static str>) -> Response {
    let names: Vec<String> = names.map(|name| format!("/_lockstep/{name}")).collect();
    refused(404, "no control has this name", &format!("the controls are {}", names.join(", ")))
}
