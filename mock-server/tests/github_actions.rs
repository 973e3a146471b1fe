//! GitHub Actions, as its pages have it.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use client::{Answer, Client};
use dryoc::classic::crypto_box::{PublicKey, crypto_box_seal};
use dryoc::constants::CRYPTO_BOX_SEALBYTES;
use serde_json::{Value, json};
use specs::Profile::Documented;

const FIRST: &str = "/repos/octo-org/first/actions/secrets";

/// The key of a collection of secrets, and its id.
async fn key(github: &Client, secrets: &str) -> (PublicKey, Value) {
    let told = github.call("GET", &format!("{secrets}/public-key")).await;
    let key = BASE64_STANDARD.decode(told.json()["key"].as_str().expect("a key")).expect("base64");
    (key.try_into().expect("32 bytes"), told.json()["key_id"].clone())
}

fn sealed(value: &str, key: &PublicKey) -> String {
    let mut closed = vec![0; value.len() + CRYPTO_BOX_SEALBYTES];
    crypto_box_seal(&mut closed, value.as_bytes(), key).expect("it can be sealed");
    BASE64_STANDARD.encode(closed)
}

async fn put(github: &Client, secrets: &str, name: &str, value: &str) -> Answer {
    let (key, id) = key(github, secrets).await;
    github.call_with("PUT", &format!("{secrets}/{name}"), json!({"encrypted_value": sealed(value, &key), "key_id": id})).await
}

#[tokio::test]
async fn a_secret_is_made_replaced_and_deleted_and_its_value_is_never_told() {
    let github = Client::of("github-actions", Documented).await;
    let made = put(&github, FIRST, "api_key", "plain-one").await;
    assert_eq!((made.status, made.text.as_str()), (201, "{}"));
    let replaced = put(&github, FIRST, "API_key", "plain-two").await;
    assert_eq!((replaced.status, replaced.text.as_str(), replaced.header("content-type")), (204, "", None));
    let read = github.call("GET", &format!("{FIRST}/Api_Key")).await;
    assert_eq!(read.json(), json!({"name": "API_KEY", "created_at": "2026-01-01T00:00:01Z", "updated_at": "2026-01-01T00:00:02Z"}));
    let list = github.call("GET", FIRST).await;
    assert_eq!(list.json(), json!({"total_count": 1, "secrets": [read.json()]}));
    let deleted = github.call("DELETE", &format!("{FIRST}/api_KEY")).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    assert_eq!(github.call("GET", &format!("{FIRST}/API_KEY")).await.told("/message"), (404, json!("Not Found")));
    assert_eq!(github.call("DELETE", &format!("{FIRST}/API_KEY")).await.status, 404);
}

#[tokio::test]
async fn what_is_stored_is_what_was_in_the_box() {
    let github = Client::of("github-actions", Documented).await;
    put(&github, FIRST, "KEY", "plain, in öther letters").await;
    let state = github.call("GET", "/_lockstep/state").await;
    assert!(state.text.contains("plain, in öther letters") && !state.text.contains("key_id"), "the export has the value and no key's id");
}

#[tokio::test]
async fn a_box_for_another_key_is_refused_and_changes_nothing() {
    let github = Client::of("github-actions", Documented).await;
    let (first, id) = key(&github, FIRST).await;
    let environment = "/repos/octo-org/first/environments/production/secrets";
    for other in ["/repos/octo-org/second/actions/secrets", environment] {
        let (own, other_id) = key(&github, other).await;
        assert!(own != first && other_id != id, "{other}");
        let foreign = json!({"encrypted_value": sealed("plain", &own), "key_id": id});
        let refused = github.call_with("PUT", &format!("{FIRST}/KEY"), foreign).await;
        let message = "Bad request - validation failed due to an improperly encrypted secret";
        assert_eq!(refused.told("/message"), (422, json!(message)));
        let misnamed = json!({"encrypted_value": sealed("plain", &first), "key_id": other_id});
        assert_eq!(github.call_with("PUT", &format!("{FIRST}/KEY"), misnamed).await.status, 422);
    }
    let open = json!({"encrypted_value": "cGxhaW4=", "key_id": id});
    assert_eq!(github.call_with("PUT", &format!("{FIRST}/KEY"), open).await.status, 422);
    assert_eq!(github.call("GET", FIRST).await.json()["total_count"], 0);
    assert_eq!(put(&github, environment, "KEY", "plain").await.status, 201);
    assert_eq!(github.call("GET", FIRST).await.json()["total_count"], 0);
}

#[tokio::test]
async fn pages_are_linked_to_each_other_in_a_sandbox_too() {
    let github = Client::of("github-actions", Documented).await;
    let url = github.server.url();
    let github = github.at("/~one");
    for name in ["A", "B", "C", "D", "E"] {
        put(&github, FIRST, name, "plain").await;
    }
    assert_eq!(github.call("GET", FIRST).await.header("link"), None);
    let page = github.call("GET", &format!("{FIRST}?per_page=2&page=2")).await;
    let at = |page: usize, relation: &str| format!("<{url}/~one{FIRST}?per_page=2&page={page}>; rel=\"{relation}\"");
    assert_eq!(page.header("link"), Some([at(1, "prev"), at(1, "first"), at(3, "next"), at(3, "last")].join(", ").as_str()));
    assert_eq!((page.json()["total_count"].clone(), page.json()["secrets"][0]["name"].clone()), (json!(5), json!("C")));
    let last = github.call("GET", &format!("{FIRST}?per_page=2&page=3")).await;
    assert_eq!(last.header("link"), Some([at(2, "prev"), at(1, "first")].join(", ").as_str()));
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_its_own_way() {
    let github = Client::of("github-actions", Documented).await;
    let (key, id) = key(&github, FIRST).await;
    let body = json!({"encrypted_value": sealed("plain", &key), "key_id": id});
    for name in ["1ST", "WITH-HYPHEN", "GITHUB_TOKEN", "github_token"] {
        assert_eq!(github.call_with("PUT", &format!("{FIRST}/{name}"), body.clone()).await.status, 422, "{name}");
    }
    let lacking = github.call_with("PUT", &format!("{FIRST}/KEY"), json!({"encrypted_value": "cGxhaW4="})).await;
    assert_eq!(lacking.told("/message"), (422, json!("Invalid request.\n\n\"key_id\" wasn't supplied.")));
    let list = github.call_with("PUT", &format!("{FIRST}/KEY"), json!([])).await;
    assert_eq!(list.told("/message"), (400, json!("Body should be a JSON object")));
    let broken = github.send(github.request("PUT", &format!("{FIRST}/KEY")).header("content-type", "application/json").body("{")).await;
    assert_eq!(broken.told("/message"), (400, json!("Problems parsing JSON")));
    assert_eq!(github.call("GET", "/repos/octo-org/none/actions/secrets").await.told("/status"), (404, json!("404")));
    let reader = Client::of("github-actions", Documented).await.with_token("test-reader");
    assert_eq!(reader.call_with("PUT", &format!("{FIRST}/KEY"), body).await.status, 403);
    assert_eq!(reader.with_token("nobody").call("GET", FIRST).await.told("/message"), (401, json!("Bad credentials")));
    let other = Client::of("github-actions", Documented).await.with_token("test-other");
    assert_eq!(other.call("GET", FIRST).await.status, 404);
    let plain = Client::of("github-actions", Documented).await.without_credentials();
    assert_eq!(plain.send(plain.request("GET", FIRST).header("authorization", "token test-admin")).await.status, 200);
}
