//! Nuon, as its facts page has it.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::Client;
use serde_json::{Value, json};
use specs::Profile::{Documented, Observed};

const SECRETS: &str = "/v1/apps/first/secrets";

#[tokio::test]
async fn both_spellings_create_list_and_delete_one_kind_of_secret() {
    let nuon = Client::of("nuon", Documented).await;
    for (name, create, delete) in [("one", "/v1/apps/first/secret", "/v1/apps/first/secrets"), ("two", SECRETS, "/v1/apps/first/secret")] {
        let created = nuon.call_with("POST", create, json!({"name": name, "value": "äöü"})).await;
        assert_eq!(created.status, 201);
        let body = created.json();
        let keys: Vec<&str> = body.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["id", "created_by_id", "created_at", "updated_at", "org_id", "app_id", "name"]);
        let id = body["id"].as_str().expect("an id");
        assert!(id.len() == 26 && id.starts_with("aps"), "{id}");
        let listed = nuon.call("GET", SECRETS).await.json();
        assert_eq!((&listed[0]["id"], &listed[0]["length"], listed[0].get("value")), (&body["id"], &json!(6), None));
        assert_eq!(nuon.call("DELETE", &format!("{delete}/{id}")).await.told(""), (200, json!(true)));
        assert_eq!(nuon.call("GET", SECRETS).await.told(""), (200, json!([])));
    }
}

#[tokio::test]
async fn a_duplicate_is_refused_as_documented_and_replaces_as_observed() {
    let nuon = Client::of("nuon", Documented).await;
    nuon.call_with("POST", SECRETS, json!({"name": "a", "value": "one"})).await;
    assert_eq!(nuon.call_with("POST", SECRETS, json!({"name": "a", "value": "three"})).await.told("/user_error"), (409, json!(true)));
    assert_eq!(nuon.call("GET", SECRETS).await.told("/0/length"), (200, json!(3)));

    let nuon = Client::of("nuon", Observed).await;
    let first = nuon.call_with("POST", SECRETS, json!({"name": "a", "value": "one"})).await;
    let second = nuon.call_with("POST", SECRETS, json!({"name": "a", "value": "three"})).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_ne!(first.json()["id"], second.json()["id"]);
    let listed = nuon.call("GET", SECRETS).await.json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!((&listed[0]["id"], &listed[0]["length"]), (&first.json()["id"], &json!(5)));
    // The id of the second answer is not stored: deleting it deletes nothing, and says `true`.
    let unseen = second.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(nuon.call("DELETE", &format!("{SECRETS}/{unseen}")).await.told(""), (200, json!(true)));
    assert_eq!(nuon.call("GET", SECRETS).await.json().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn lists_come_newest_first_in_pages_with_headers() {
    let nuon = Client::of("nuon", Documented).await;
    for number in 0..12 {
        nuon.call_with("POST", SECRETS, json!({"name": format!("n{number}"), "value": "v"})).await;
    }
    let names = |answer: &client::Answer| -> Vec<Value> {
        answer.json().as_array().expect("a list").iter().map(|item| item["name"].clone()).collect()
    };
    let first = nuon.call("GET", SECRETS).await;
    assert_eq!(names(&first).len(), 10);
    assert_eq!(names(&first)[0], "n11");
    assert_eq!((first.header("x-nuon-page-next"), first.header("x-nuon-page-limit")), (Some("true"), Some("10")));
    let second = nuon.call("GET", &format!("{SECRETS}?offset=10")).await;
    assert_eq!((names(&second), second.header("x-nuon-page-next")), (vec![json!("n1"), json!("n0")], Some("false")));
    let page = nuon.call("GET", &format!("{SECRETS}?limit=5&page=2&offset=1")).await;
    assert_eq!(
        (names(&page)[0].clone(), page.header("x-nuon-page-offset"), page.header("x-nuon-page-number")),
        (json!("n6"), Some("5"), Some("2"))
    );
}

#[tokio::test]
async fn refusals_have_nuons_form() {
    let nuon = Client::of("nuon", Documented).await;
    let invalid = nuon.call_with("POST", SECRETS, json!({"name": "Upper", "value": "v"})).await;
    assert_eq!(invalid.told("/error"), (400, json!("invalid input for Name")));
    assert_eq!(nuon.call("GET", "/v1/apps/nowhere/secrets").await.status, 404);
    let observed = Client::of("nuon", Observed).await;
    let missing = observed.call_with("POST", "/v1/apps/nowhere/secrets", json!({"name": "a", "value": "v"})).await;
    assert_eq!((missing.status, missing.json().get("user_error")), (500, None));
    let nobody = Client::of("nuon", Documented).await.without_credentials();
    assert_eq!(nobody.call("GET", SECRETS).await.told("/error"), (401, json!("auth token was empty")));
    let expired = Client::of("nuon", Documented).await.with_token("test-expired");
    assert_eq!(expired.call("GET", SECRETS).await.told("/error"), (401, json!("token is expired")));
    let reader = Client::of("nuon", Documented).await.with_token("test-reader");
    assert_eq!(reader.call("GET", SECRETS).await.status, 200);
    assert_eq!(reader.call_with("POST", SECRETS, json!({"name": "a", "value": "v"})).await.status, 403);
}
