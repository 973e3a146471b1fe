//! Rate limits, of a document that has small ones.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use std::path::PathBuf;

use client::{Answer, Client};
use mock_server::MockServer;
use specs::{Profile, Spec};

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Small limits, version: '1'}
x-lockstep-wire:
  rate-limit:
    value: {windows: [{requests: 2, seconds: 60}], per: credential, limit: X-Limit, remaining: X-Remaining, reset: X-Reset, reset-in: seconds}
    grade: chosen
    cite: this test
security: [{token: []}]
components: {securitySchemes: {token: {type: http, scheme: bearer}}}
paths:
  /things:
    get:
      responses:
        '200': {description: all, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: string}}}}}}}
        '429': {description: too many}
";

fn spec() -> Spec {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("limits.yaml");
    std::fs::write(&path, DOCUMENT).expect("the document is written");
    Spec::File { path, overlay: None }
}

fn told(answer: &Answer) -> (u16, [Option<&str>; 4]) {
    (answer.status, ["x-limit", "x-remaining", "x-reset", "retry-after"].map(|name| answer.header(name)))
}

#[tokio::test]
async fn what_goes_beyond_a_limit_is_refused_where_that_is_asked_for() {
    let contract = spec().contract(Profile::Documented).expect("the document is valid");
    let anyone = Client::of("spice", Profile::Documented).await;
    let lenient = MockServer::start(contract.clone()).await.expect("a free port");
    let strict = MockServer::builder().contract(contract).rate_limits().start().await.expect("a free port");
    for (server, beyond) in [(&lenient, (200, None)), (&strict, (429, Some("60")))] {
        let things = format!("{}/things", server.url());
        let call = async |token: &str, path: &str| anyone.send(reqwest::Client::new().get(path).bearer_auth(token)).await;
        assert_eq!(told(&call("test-admin", &things).await), (200, [Some("2"), Some("1"), Some("60"), None]));
        assert_eq!(told(&call("test-admin", &things).await), (200, [Some("2"), Some("0"), Some("60"), None]));
        assert_eq!(told(&call("test-admin", &things).await), (beyond.0, [Some("2"), Some("0"), Some("60"), beyond.1]));
        // Another caller and another sandbox have counts of their own; what leads nowhere counts as well.
        assert_eq!(told(&call("test-reader", &format!("{}/nowhere", server.url())).await).1[1], Some("1"));
        let elsewhere = format!("{}/things", server.sandbox("elsewhere"));
        assert_eq!(told(&call("test-admin", &elsewhere).await).1[1], Some("1"));
    }
}
