//! A request as a curl line that works when it is pasted.

use http::HeaderMap;
use specs::wire::Request;

use crate::canary::Canaries;

/// The curl line of a request. Headers that the user gave become environment variables; secrets become names.
pub(crate) fn curl(base: &str, request: &Request, given: &HeaderMap, canaries: &Canaries) -> String {
    let url = quoted(&canaries.redact(&format!("{base}{}", request.target())));
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        if given.get(name) == Some(value) {
            return format!("-H \"{name}: ${}\"", variable(name.as_str()));
        }
        let value = canaries.redact(&String::from_utf8_lossy(value.as_bytes()));
        format!("-H {}", quoted(&format!("{name}: {value}")))
    };
    let body = (!request.body.is_empty()).then(|| {
        let body = canaries.redact(&String::from_utf8_lossy(&request.body));
        format!("--data-raw {}", quoted(&shortened(&body)))
    });
    let start = [format!("curl -X {}", request.method), url];
    start.into_iter().chain(request.headers.iter().map(header)).chain(body).collect::<Vec<_>>().join(" ")
}

/// The name of an environment variable for a header.
fn variable(name: &str) -> String {
    let plain: String = name.to_uppercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if plain.starts_with(|c: char| c.is_ascii_digit()) { format!("_{plain}") } else { plain }
}

/// A text in single quotes for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A long body is cut, and says so.
fn shortened(body: &str) -> String {
    const LONGEST: usize = 2_000;
    if body.chars().count() <= LONGEST {
        return body.to_owned();
    }
    let start: String = body.chars().take(LONGEST).collect();
    format!("{start}... ({} more characters)", body.chars().count() - LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, Method};

    #[test]
    fn no_credential_and_no_secret_is_shown() {
        let mut canaries = Canaries::default();
        canaries.note("canary-Aa1Bb2Cc3Dd4");
        let mut request = Request::new(Method::POST, "/a?v=canary%2DAa1Bb2Cc3Dd4");
        request.headers.insert("authorization", HeaderValue::from_static("Bearer hush"));
        request.body = "{\"name\":\"it's\",\"value\":\"canary-Aa1Bb2Cc3Dd4\"}".into();
        let given = HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static("Bearer hush"))]);
        assert_eq!(
            curl("http://localhost:1", &request, &given, &canaries),
            "curl -X POST 'http://localhost:1/a?v=secret-1' -H \"authorization: $AUTHORIZATION\" \
             --data-raw '{\"name\":\"it'\\''s\",\"value\":\"secret-1\"}'"
        );
    }
}
