//! Who may use the control plane: programs on purpose, not a web page that somebody happens to have open.
//!
//! A page of another origin can make a browser send requests to this machine, and with a name that first means its own server and then this
//! machine (DNS rebinding) it can even read the answers. So a request must name the server by an IP address or as `localhost`, which cannot be
//! rebound, and what a browser says about where the request comes from (`Origin`, RFC 6454; `Sec-Fetch-Site`) must not say "elsewhere".

use http::HeaderMap;
use specs::wire::{Request, Response};

use super::answer;

/// A refusal, if the request must not reach the control plane.
pub(super) fn refusal(request: &Request) -> Option<Response> {
    if !is_named_safely(&request.headers) {
        let hint = "call it by its IP address or as localhost; a name could be made to mean this machine by somebody else";
        return Some(answer::refused(403, "the control plane is not reached by this host name", hint));
    }
    if is_from_elsewhere(&request.headers) {
        let hint = "open the server's own page at /_lockstep/, or call it from a program";
        return Some(answer::refused(403, "the control plane is not driven by other web pages", hint));
    }
    None
}

/// Exactly one `Host`, which is an IP address or `localhost` (RFC 6761, section 6.3), with any port.
fn is_named_safely(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(http::header::HOST).iter();
    let (Some(Ok(host)), None) = (hosts.next().map(http::HeaderValue::to_str), hosts.next()) else { return false };
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
    use super::*;

    fn refused(headers: &[(&'static str, &str)]) -> bool {
        let mut request = Request::new(http::Method::POST, "/_lockstep/reset");
        for (name, value) in headers {
            request.headers.append(*name, value.parse().expect("a value"));
        }
        refusal(&request).is_some()
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
