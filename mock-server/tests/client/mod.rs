//! A client as plain as can be: what every test of the mock calls it with.

use mock_server::MockServer;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use specs::{Profile, Spec};

/// A mock of one vendor, and somebody who calls it.
pub(crate) struct Client {
    pub(crate) server: MockServer,
    http: reqwest::Client,
    base: String,
    headers: Vec<(String, String)>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in an answer of {} bytes", self.text.len()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The status, and a member of the body.
    pub(crate) fn told(&self, pointer: &str) -> (u16, Value) {
        (self.status, self.json().pointer(pointer).cloned().unwrap_or_default())
    }
}

impl Client {
    pub(crate) async fn of(vendor: &str, profile: Profile) -> Self {
        let contract = Spec::Vendor(vendor.to_owned()).contract(profile).expect("the packs are valid");
        Self::at_server(vendor, MockServer::start(contract).await.expect("a free port"))
    }

    /// The owner at a server that serves one vendor.
    pub(crate) fn at_server(vendor: &str, server: MockServer) -> Self {
        // Another test of this program may have chosen it already, and it is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (base, headers) = (server.url(), server.credentials(vendor));
        Self { server, http: reqwest::Client::new(), base, headers }
    }

    /// The same server, called with another token.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        for (name, value) in &mut self.headers {
            if name.eq_ignore_ascii_case("authorization") {
                *value = format!("Bearer {token}");
            }
        }
        self
    }

    /// The same server, in a sandbox or below another path.
    pub(crate) fn at(mut self, path: &str) -> Self {
        self.base = format!("{}{path}", self.server.url());
        self
    }

    /// The same caller at another server.
    pub(crate) fn called_at(mut self, url: &str) -> Self {
        url.clone_into(&mut self.base);
        self
    }

    pub(crate) fn without_credentials(mut self) -> Self {
        self.headers.clear();
        self
    }

    /// A request that is still to be given a body or headers.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method: Method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}{path}", self.base));
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a body") }
    }

    pub(crate) async fn call(&self, method: &str, path: &str) -> Answer {
        self.send(self.request(method, path)).await
    }

    pub(crate) async fn call_with(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json").body(body.to_string());
        self.send(request).await
    }
}
