//! Bridgeport, as its facts page has it.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::Client;
use serde_json::{Value, json};
use specs::Profile::{Documented, Observed};

const SECRETS: &str = "/api/environments/first/secrets";

async fn made(bridgeport: &Client, key: &str, more: Value) -> String {
    let mut body = json!({"key": key, "value": format!("hidden-{key}")});
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    let created = bridgeport.call_with("POST", SECRETS, body).await;
    assert_eq!(created.status, 200, "{}", created.text);
    created.json()["secret"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn values_are_told_by_reveal_alone() {
    let bridgeport = Client::of("bridgeport", Documented).await;
    let id = made(&bridgeport, "B_KEY", json!({})).await;
    made(&bridgeport, "A_KEY", json!({"description": "first"})).await;
    assert!(id.len() == 25 && id.starts_with('c'), "{id}");
    let listed = bridgeport.call("GET", SECRETS).await;
    assert_eq!((listed.told("/secrets/0/key").1, listed.told("/secrets/1/key").1), (json!("A_KEY"), json!("B_KEY")));
    assert_eq!((listed.told("/secrets/1/usageCount").1, listed.told("/secrets/1/description").1), (json!(0), Value::Null));
    assert!(!listed.text.contains("hidden"));
    assert_eq!(bridgeport.call("GET", &format!("/api/secrets/{id}/value")).await.told(""), (200, json!({"value": "hidden-B_KEY"})));
    assert_eq!(bridgeport.call("DELETE", &format!("/api/secrets/{id}")).await.told(""), (200, json!({"success": true})));
    assert_eq!(bridgeport.call("DELETE", &format!("/api/secrets/{id}")).await.told("/code"), (404, json!("NOT_FOUND")));
    assert_eq!(bridgeport.call("GET", &format!("/api/secrets/{id}/value")).await.status, 404);
}

#[tokio::test]
async fn three_guards_stand_before_a_value() {
    let bridgeport = Client::of("bridgeport", Documented).await;
    let never = made(&bridgeport, "NEVER", json!({"neverReveal": true})).await;
    let open = made(&bridgeport, "OPEN", json!({})).await;
    let reveal = |id: &str| format!("/api/secrets/{id}/value");
    assert_eq!(bridgeport.call("GET", &reveal(&never)).await.told("/code"), (403, json!("FORBIDDEN_SCOPE")));
    assert_eq!(bridgeport.call("GET", &reveal(&open)).await.status, 200);
    let settings = "/api/environments/first/settings/configuration";
    let set = bridgeport.call_with("PATCH", settings, json!({"allowSecretReveal": false})).await;
    assert_eq!(set.told("/settings/allowSecretReveal"), (200, json!(false)));
    let refused = bridgeport.call("GET", &reveal(&open)).await;
    assert_eq!(refused.told("/message"), (403, json!("Secret reveal is disabled for this environment")));
    // Where both apply, the switch wins.
    assert_eq!(bridgeport.call("GET", &reveal(&never)).await.told("/message").1, json!("Secret reveal is disabled for this environment"));
    // What may never be revealed stays so, as documented.
    let undone = bridgeport.call_with("PATCH", &format!("/api/secrets/{never}"), json!({"neverReveal": false})).await;
    assert!((400..500).contains(&undone.status), "{}", undone.text);
    let writer = bridgeport.with_token("test-writer");
    assert_eq!(writer.call("GET", &reveal(&open)).await.told("/code"), (403, json!("FORBIDDEN_ROLE")));
    let reader = writer.with_token("test-reader");
    assert_eq!(reader.call("GET", SECRETS).await.status, 200);
    assert_eq!(reader.call_with("POST", SECRETS, json!({})).await.told("/code"), (403, json!("FORBIDDEN_ROLE")));
}

#[tokio::test]
async fn read_only_fields_are_refused_and_others_changed() {
    let bridgeport = Client::of("bridgeport", Documented).await;
    let path = format!("/api/secrets/{}", made(&bridgeport, "KEY", json!({})).await);
    let refused = bridgeport.call_with("PATCH", &path, json!({"key": "OTHER"})).await;
    assert_eq!((refused.told("/code"), refused.told("/field").1), ((422, json!("READONLY_FIELD")), json!("key")));
    let changed = bridgeport.call_with("PATCH", &path, json!({"value": "new", "description": "d"})).await;
    assert_eq!((changed.told("/secret/description"), changed.text.contains("new")), ((200, json!("d")), false));
    assert_eq!(bridgeport.call("GET", &format!("{path}/value")).await.told("/value"), (200, json!("new")));
    assert_eq!(bridgeport.call_with("PATCH", &path, json!({"description": null})).await.told("/code"), (400, json!("VALIDATION_ERROR")));
    assert_eq!(bridgeport.call_with("PATCH", "/api/secrets/nothing", json!({"description": "d"})).await.status, 404);
    assert_eq!(bridgeport.call_with("POST", SECRETS, json!({"key": "KEY", "value": "x"})).await.told("/code"), (409, json!("CONFLICT")));
    assert_eq!(
        bridgeport.call_with("POST", SECRETS, json!({"key": "lower", "value": "x"})).await.told("/code"),
        (400, json!("VALIDATION_ERROR"))
    );
}

#[tokio::test]
async fn an_idempotency_key_replays() {
    let bridgeport = Client::of("bridgeport", Documented).await;
    let send = |body: Value| {
        let request = bridgeport.request("POST", SECRETS).header("idempotency-key", "k1");
        bridgeport.send(request.header("content-type", "application/json").body(body.to_string()))
    };
    let first = send(json!({"key": "ONCE", "value": "v"})).await;
    let again = send(json!({"key": "ONCE", "value": "v"})).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (200, None));
    assert_eq!((again.status, again.header("idempotent-replayed"), &again.text), (200, Some("true"), &first.text));
    assert_eq!(send(json!({"key": "TWICE", "value": "v"})).await.told("/code"), (409, json!("IDEMPOTENCY_KEY_REUSED")));
    assert_eq!(bridgeport.call("GET", SECRETS).await.json()["secrets"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn environments_live_and_take_their_secrets_with_them() {
    let bridgeport = Client::of("bridgeport", Documented).await;
    assert_eq!(bridgeport.call("GET", "/api/auth/me").await.status, 200);
    assert_eq!(bridgeport.call("GET", "/api/environments").await.told("/environments/1/name"), (200, json!("production")));
    let created = bridgeport.call_with("POST", "/api/environments", json!({"name": "fresh"})).await;
    let id = created.json()["environment"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/environments/{id}/secrets");
    bridgeport.call_with("POST", &path, json!({"key": "KEY", "value": "v"})).await;
    assert_eq!(bridgeport.call("DELETE", &format!("/api/environments/{id}")).await.status, 200);
    assert_eq!(bridgeport.call("GET", &path).await.status, 404);
    let observed = Client::of("bridgeport", Observed).await;
    assert_eq!(observed.call("GET", "/api/environments/nowhere/secrets").await.told("/secrets"), (200, json!([])));
    let missing = observed.call_with("POST", "/api/environments/nowhere/secrets", json!({"key": "KEY", "value": "v"})).await;
    assert_eq!(missing.told("/code"), (500, json!("INTERNAL")));
}
