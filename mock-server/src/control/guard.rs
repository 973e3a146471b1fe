//! Who may use the control plane: programs on purpose, not a web page that somebody happens to have open, and not everybody on the network.
//!
//! A page of another origin can make a browser send requests to this machine, and with a name that first means its own server and then this
//! machine (DNS rebinding) it can even read the answers. So a request must name the server by an IP address or as `localhost`, which cannot be
//! rebound, and what a browser says about where the request comes from (`Origin`, RFC 6454; `Sec-Fetch-Site`) must not say "elsewhere".
//!
//! The control plane gives out whole states with the secrets in them, so without a token it answers to this machine alone (RFC 1122, section
//! 3.2.1.3: loopback addresses are not seen outside of a host). With one it answers to whoever knows it, wherever they are.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest as _, Sha256};
use specs::wire::Response;

use super::{Call, answer};

/// What the control plane asks for, as a digest: comparing digests takes as long whatever is right about what was told.
#[derive(PartialEq, Eq)]
pub(crate) struct ControlToken([u8; 32]);

impl ControlToken {
    pub(crate) fn new(token: &str) -> Self {
        Self::of(token.as_bytes())
    }

    fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Debug for ControlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ControlToken")
    }
}

/// A refusal, if the request must not reach the control plane.
pub(super) fn refusal(call: &Call<'_>) -> Option<Response> {
    if is_from_elsewhere(&call.request.headers) {
        let hint = "open the server's own page at /_lockstep/, or call it from a program";
        return Some(answer::refused(403, "the control plane is not driven by other web pages", hint));
    }
    match call.token {
        Some(token) => (!is_told(&call.request.headers, token)).then(unknown),
        None => unasked(call),
    }
}

/// Without a token, only what is near and names the server safely.
fn unasked(call: &Call<'_>) -> Option<Response> {
    if !call.near {
        let hint = "start the server with --control-token, and send the token as a bearer token";
        return Some(answer::refused(403, "without a token the control plane answers on loopback only", hint));
    }
    if !is_named_safely(&call.request.headers) {
        let hint = "call it by its IP address or as localhost; a name could be made to mean this machine by somebody else";
        return Some(answer::refused(403, "the control plane is not reached by this host name", hint));
    }
    None
}

/// Browsers ask for a name and a password (RFC 7617); the name does not matter.
fn unknown() -> Response {
    let hint = "send the token of --control-token as a bearer token, or as the password where a browser asks for one";
    let mut response = answer::refused(401, "the control plane asks for its token", hint);
    response.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"lockstep\", charset=\"UTF-8\""));
    response
}

/// Whether the request has the token, as a bearer token (RFC 6750, section 2.1) or as a password.
fn is_told(headers: &HeaderMap, token: &ControlToken) -> bool {
    let Some(credentials) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else { return false };
    let Some((scheme, told)) = credentials.split_once(' ') else { return false };
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => ControlToken::of(told.trim().as_bytes()) == *token,
        "basic" => BASE64_STANDARD.decode(told.trim()).is_ok_and(|pair| {
            let password = pair.iter().position(|byte| *byte == b':').map(|colon| &pair[colon + 1..]);
            password.is_some_and(|password| ControlToken::of(password) == *token)
        }),
        _ => false,
    }
}

/// Exactly one `Host`, which is an IP address or `localhost` (RFC 6761, section 6.3), with any port.
fn is_named_safely(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(Ok(host)), None) = (hosts.next().map(HeaderValue::to_str), hosts.next()) else { return false };
    let Ok(authority) = host.parse::<http::uri::Authority>() else { return false };
    let name = authority.host().to_ascii_lowercase();
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
    address.parse::<std::net::IpAddr>().is_ok() || name == "localhost" || name.ends_with(".localhost")
}

/// Whether a browser says that the request comes from a page of another origin.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default().to_ascii_lowercase());
    let host = text("host").unwrap_or_default();
    let own = |origin: &str| ["http://", "https://"].iter().any(|scheme| origin.strip_prefix(scheme) == Some(host.as_str()));
    let foreign = text("origin").is_some_and(|origin| !own(&origin));
    foreign || text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

#[cfg(test)]
mod tests {
    use specs::wire::Request;

    use super::*;

    fn asked(headers: &[(&'static str, &str)], near: bool, token: Option<&str>) -> Option<u16> {
        let mut request = Request::new(http::Method::POST, "/_lockstep/reset");
        for (name, value) in headers {
            request.headers.append(*name, value.parse().expect("a value"));
        }
        let token = token.map(ControlToken::new);
        let call = Call { request: &request, near, token: token.as_ref(), sandbox: "", engines: Vec::new() };
        refusal(&call).map(|response| response.status.as_u16())
    }

    fn refused(headers: &[(&'static str, &str)]) -> bool {
        asked(headers, true, None).is_some()
    }

    #[test]
    fn without_a_token_only_this_machine_is_answered_and_with_one_whoever_has_it() {
        let host = ("host", "10.1.2.3:4010");
        assert_eq!((asked(&[host], true, None), asked(&[host], false, None)), (None, Some(403)));
        let with = |credentials: &str, near| asked(&[("host", "mock.internal"), ("authorization", credentials)], near, Some("t0ken:x"));
        assert_eq!((with("Bearer t0ken:x", false), with("bearer t0ken:x", true)), (None, None));
        // base64 of `anybody:t0ken:x`.
        assert_eq!(with("Basic YW55Ym9keTp0MGtlbjp4", false), None);
        for wrong in ["Bearer t0ken", "Bearer t0ken:x2", "Bearer ", "t0ken:x", "Basic dDBrZW46eA==", "Basic *", "Digest t0ken:x"] {
            assert_eq!((with(wrong, false), with(wrong, true)), (Some(401), Some(401)), "{wrong}");
        }
        assert_eq!(asked(&[host], true, Some("t0ken")), Some(401), "near or not");
        let elsewhere = [host, ("authorization", "Bearer t0ken"), ("origin", "http://evil.example")];
        assert_eq!(asked(&elsewhere, true, Some("t0ken")), Some(403));
    }

    #[test]
    fn only_names_that_cannot_be_rebound_are_taken() {
        for host in ["127.0.0.1:4010", "localhost", "LOCALHOST:1", "one.localhost:1", "[::1]:4010", "192.168.1.7:80", "10.0.0.1"] {
            assert!(!refused(&[("host", host)]), "{host}");
        }
        for host in
            ["evil.example", "evil.example:4010", "localhost.evil.example", "127.0.0.1.evil.example", "", "a@127.0.0.1 x", "evillocalhost"]
        {
            assert!(refused(&[("host", host)]), "{host}");
        }
        assert!(refused(&[]) && refused(&[("host", "localhost"), ("host", "localhost")]));
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        let host = ("host", "127.0.0.1:4010");
        assert!(!refused(&[host, ("origin", "http://127.0.0.1:4010")]));
        assert!(!refused(&[host, ("sec-fetch-site", "same-origin")]) && !refused(&[host, ("sec-fetch-site", "none")]));
        for origin in
            ["null", "http://evil.example", "http://127.0.0.1:4011", "http://127.0.0.1:4010.evil.example", "file://127.0.0.1:4010"]
        {
            assert!(refused(&[host, ("origin", origin)]), "{origin}");
        }
        assert!(refused(&[host, ("sec-fetch-site", "cross-site")]) && refused(&[host, ("sec-fetch-site", "same-site")]));
    }
}
