//! Vault's KV engine: what its recorded exchanges cannot show.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::Client;
use mock_server::{Fault, MockServer};
use serde_json::{Value, json};
use specs::Profile::Documented;
use specs::Spec;

#[tokio::test]
async fn versions_are_exported_and_come_back_with_what_became_of_them() {
    let vault = Client::of("vault-kv", Documented).await;
    for value in ["one", "two", "three"] {
        vault.call_with("POST", "/v1/secret/data/a/b", json!({"data": {"value": value}})).await;
    }
    vault.call_with("POST", "/v1/secret/delete/a/b", json!({"versions": [2]})).await;
    vault.call_with("POST", "/v1/secret/destroy/a/b", json!({"versions": [1]})).await;
    let state = vault.call("GET", "/_lockstep/state").await.json();
    let before = vault.call("GET", "/v1/secret/metadata/a/b").await.json()["data"].clone();
    vault.call("POST", "/_lockstep/reset").await;
    assert_eq!(vault.call("GET", "/v1/secret/metadata/a/b").await.status, 404);
    assert!(vault.call_with("PUT", "/_lockstep/state", state).await.status < 300);
    assert_eq!(vault.call("GET", "/v1/secret/metadata/a/b").await.json()["data"], before);
    vault.call_with("POST", "/v1/secret/undelete/a/b", json!({"versions": [1, 2]})).await;
    assert_eq!(vault.call("GET", "/v1/secret/data/a/b?version=2").await.told("/data/data"), (200, json!({"value": "two"})));
    assert_eq!(vault.call("GET", "/v1/secret/data/a/b?version=1").await.told("/data/data"), (404, Value::Null));
}

#[tokio::test]
async fn a_version_with_a_life_is_hidden_when_the_clock_is_put_forward() {
    let vault = Client::of("vault-kv", Documented).await;
    vault.call_with("POST", "/v1/secret/metadata/brief", json!({"delete_version_after": "1h30m"})).await;
    let written = vault.call_with("POST", "/v1/secret/data/brief", json!({"data": {"value": "hush"}})).await;
    assert_ne!(written.json()["data"]["deletion_time"], json!(""));
    assert_eq!(vault.call("GET", "/v1/secret/data/brief").await.status, 200);
    vault.call_with("POST", "/_lockstep/clock", json!({"advance": "2h"})).await;
    let hidden = vault.call("GET", "/v1/secret/data/brief").await;
    assert_eq!(hidden.told("/data/metadata/version"), (404, json!(1)));
    assert!(!hidden.text.contains("hush"));
}

#[tokio::test]
async fn the_journal_shows_the_names_in_a_path_and_the_way_by_which_a_list_was_asked() {
    let vault = Client::of("vault-kv", Documented).await;
    vault.call_with("POST", "/v1/secret/data/app/db", json!({"data": {"value": "hush"}})).await;
    vault.call("LIST", "/v1/secret/metadata/app").await;
    vault.call("GET", "/v1/secret/data/app/unknown").await;
    let journal = vault.call("GET", "/_lockstep/requests").await.json();
    let told = |number: usize, member: &str| journal["requests"][number][member].clone();
    assert_eq!((told(0, "path"), told(0, "operationId")), (json!("/v1/secret/data/app/db"), json!("kv-v2-write")));
    assert_eq!((told(1, "method"), told(1, "operationId"), told(1, "status")), (json!("LIST"), json!("kv-v2-list"), json!(200)));
    assert_eq!(told(2, "path"), json!("/v1/secret/data/app/***"));
}

#[tokio::test]
async fn a_wrong_server_loses_what_it_brings_back() {
    let contract = Spec::Vendor("vault-kv".to_owned()).contract(Documented).expect("the pack is valid");
    let server = MockServer::builder().contract(contract).fault(Fault::UndeleteLoses).start().await.expect("a free port");
    let vault = Client::at_server("vault-kv", server);
    vault.call_with("POST", "/v1/secret/data/k", json!({"data": {"value": "hush"}})).await;
    vault.call("DELETE", "/v1/secret/data/k").await;
    vault.call_with("POST", "/v1/secret/undelete/k", json!({"versions": [1]})).await;
    assert_eq!(vault.call("GET", "/v1/secret/data/k").await.told("/data/data"), (200, json!({})));
}
