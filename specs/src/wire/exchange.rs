//! Requests and responses as bytes, free of any HTTP library. Their debug form never shows a body, a query or a credential.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};

/// A request as it goes over the wire.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, percent-encoded, without base path of any server.
    pub path: String,
    /// The query, percent-encoded, without `?`.
    pub query: Option<String>,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// A request without headers and body. `target` is a path with an optional query.
    #[must_use]
    pub fn new(method: Method, target: &str) -> Self {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
        Self { method, path: path.to_owned(), query, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Path and query together.
    #[must_use]
    pub fn target(&self) -> String {
        self.query.as_ref().map_or_else(|| self.path.clone(), |query| format!("{}?{query}", self.path))
    }

    /// A header as text, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        // A request has few of them: to look through them is quicker than to make a header's name of this one.
        let (_, value) = self.headers.iter().find(|(own, _)| own.as_str().eq_ignore_ascii_case(name))?;
        value.to_str().ok()
    }

    /// The `Content-Type`, if it is there and is text.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// The `Content-Type` without parameters, in lower case; empty if there is none.
    #[must_use]
    pub fn media_type(&self) -> String {
        crate::contract::essence(self.content_type().unwrap_or_default())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A response as it comes over the wire.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// A response without headers and body. A status outside 100 to 999 becomes 500.
    #[must_use]
    pub fn new(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// A header as text, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON, if it is.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("body_bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// One request and its response.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What was sent.
    pub request: Request,
    /// What came back.
    pub response: Response,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_secret() {
        let mut request = Request::new(Method::POST, "/a?secret_value=hush");
        request.headers.insert("authorization", "Bearer hush".parse().expect("a header value"));
        request.body = Bytes::from_static(b"hush");
        let mut response = Response::new(200);
        response.body = Bytes::from_static(b"hush");
        let shown = format!("{:?}", Exchange { request, response });
        assert!(!shown.contains("hush"), "{shown}");
    }
}
