//! The page at `/_lockstep/`: what the mock holds, what it is asked, and its switches, for people.
//!
//! It is one file that loads nothing from elsewhere. What it shows comes from clients and is hostile: it is put into the page as text, and the
//! policy lets nothing run but the page's own script, which it names by its hash (Content Security Policy Level 3, section 2.3.1).

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderName, HeaderValue, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use specs::wire::Response;

use super::{Call, answer};
use crate::fault::fault_catalogue;

/// The page.
const PAGE: &str = include_str!("page.html");

/// What the page may do: run its own script, use its own style, and ask the server that it comes from.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |tag: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(within(tag))));
    let (script, style) = (hash("script"), hash("style"));
    format!(
        "default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// What stands inside the page's only element of this name.
fn within(tag: &str) -> &'static str {
    let inner = PAGE.split_once(&format!("<{tag}>")).map_or("", |(_, rest)| rest);
    inner.split_once(&format!("</{tag}>")).map_or("", |(inner, _)| inner)
}

/// The page itself.
pub(super) fn page(_: &Call<'_>) -> Response {
    let mut response = Response::new(200);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers.insert(name, value);
        }
    }
    response.body = PAGE.into();
    response
}

/// Every fault that the server can be told to have.
pub(super) fn catalogue(_: &Call<'_>) -> Response {
    let shown = fault_catalogue()
        .into_iter()
        .map(|fault| json!({"family": fault.family, "name": fault.name, "value": fault.value, "about": fault.about}));
    answer::told(200, &shown.collect::<Value>())
}
