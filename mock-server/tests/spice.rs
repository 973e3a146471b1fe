//! Spice, as its facts page has it.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::Client;
use serde_json::json;
use specs::Profile::Documented;

#[tokio::test]
async fn values_are_masked_everywhere_and_a_second_write_replaces() {
    let spice = Client::of("spice", Documented).await;
    let created = spice.call_with("POST", "/v1/apps/1/secrets", json!({"name": "KEY", "value": "plain-one"})).await;
    assert_eq!(created.status, 200);
    let replaced = spice.call_with("POST", "/v1/apps/1/secrets", json!({"name": "KEY", "value": "a longer plain text"})).await;
    assert_eq!((replaced.status, &replaced.json()["id"]), (200, &created.json()["id"]));
    assert_eq!(replaced.json()["created_at"], created.json()["created_at"]);
    let read = spice.call("GET", "/v1/apps/1/secrets/KEY").await;
    let list = spice.call("GET", "/v1/apps/1/secrets").await;
    assert_eq!(list.json()["secrets"].as_array().map(Vec::len), Some(1));
    for (mask, text) in [
        (&created.json()["value"], &created.text),
        (&replaced.json()["value"], &replaced.text),
        (&read.json()["value"], &read.text),
        (&list.json()["secrets"][0]["value"], &list.text),
    ] {
        assert_eq!(mask, &created.json()["value"]);
        assert!(mask.as_str().is_some_and(|mask| mask.chars().all(|c| c == '*')) && !text.contains("plain"));
    }
}

#[tokio::test]
async fn apps_and_projects_are_the_same_things() {
    let spice = Client::of("spice", Documented).await;
    spice.call_with("POST", "/v1/apps/1/secrets", json!({"name": "KEY", "value": "v"})).await;
    assert_eq!(spice.call("GET", "/v1/projects/1/secrets/KEY").await.told("/name"), (200, json!("KEY")));
    assert_eq!(spice.call("GET", "/v1/apps").await.told("/apps/0/id"), (200, json!(1)));
    assert_eq!(spice.call("GET", "/v1/projects").await.told("/projects/1/id"), (200, json!(2)));
    assert_eq!(spice.call("GET", "/v1/projects/2/secrets").await.told("/secrets"), (200, json!([])));
    let deleted = spice.call("DELETE", "/v1/projects/1/secrets/KEY").await;
    assert_eq!((deleted.status, deleted.text.as_str(), deleted.header("content-type")), (204, "", None));
    assert_eq!(spice.call("GET", "/v1/apps/1/secrets/KEY").await.status, 404);
    assert_eq!(spice.call("DELETE", "/v1/apps/1/secrets/KEY").await.status, 404);
}

#[tokio::test]
async fn a_token_comes_from_the_token_endpoint() {
    let spice = Client::of("spice", Documented).await.without_credentials();
    assert_eq!(spice.call("GET", "/v1/health").await.told("/status"), (200, json!("ok")));
    let asked = |secret: &str| {
        let form = format!("grant_type=client_credentials&client_id=test-client&client_secret={secret}");
        spice.request("POST", "/api/oauth/token").header("content-type", "application/x-www-form-urlencoded").body(form)
    };
    assert_eq!(spice.send(asked("wrong")).await.status, 401);
    let issued = spice.send(asked("test-client-secret")).await;
    assert_eq!(issued.status, 200);
    let token = issued.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(spice.send(spice.request("GET", "/v1/apps/1/secrets").bearer_auth(&token)).await.status, 200);
    assert_eq!(spice.call("GET", "/v1/apps/1/secrets").await.status, 401);
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_its_own_way() {
    let spice = Client::of("spice", Documented).await;
    assert_eq!(spice.call("GET", "/v1/apps/one/secrets").await.status, 400);
    assert_eq!(spice.call("GET", "/v1/apps/99/secrets").await.status, 404);
    assert_eq!(spice.call_with("POST", "/v1/apps/1/secrets", json!({"name": "1x", "value": "v"})).await.status, 400);
    let wrong_method = spice.call("PATCH", "/v1/apps/1/secrets").await;
    assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, Some("GET, HEAD, POST")));
    let reader = Client::of("spice", Documented).await.with_token("test-reader");
    assert_eq!(reader.call_with("POST", "/v1/apps/1/secrets", json!({"name": "x", "value": "v"})).await.status, 403);
    let other = Client::of("spice", Documented).await.with_token("test-other");
    assert_eq!(other.call("GET", "/v1/apps/1/secrets").await.status, 404);
    let head = spice.call("HEAD", "/v1/apps/1/secrets").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}
