//! Northflank, as its facts page has it.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::Client;
use serde_json::{Value, json};
use specs::Profile::Documented;

const SECRETS: &str = "/v1/projects/first/secrets";

fn group(name: &str) -> Value {
    json!({"name": name, "secretType": "environment", "priority": 10, "secrets": {"variables": {"KEY": "one"}}})
}

#[tokio::test]
async fn a_group_is_made_read_changed_and_deleted() {
    let northflank = Client::of("northflank", Documented).await;
    let created = northflank.call_with("POST", SECRETS, group("My Group")).await;
    assert_eq!(created.told("/data/id"), (200, json!("my-group")));
    assert!(created.json()["data"].get("projectId").is_none());
    let path = format!("{SECRETS}/my-group");
    let listed = northflank.call("GET", SECRETS).await;
    assert_eq!((&listed.json()["data"]["secrets"][0]["projectId"], listed.text.contains("one")), (&json!("first"), false));
    assert_eq!(northflank.call("GET", &path).await.told("/data/secrets/variables/KEY"), (200, json!("one")));
    let patched = northflank.call_with("PATCH", &path, json!({"secrets": {"variables": {"OTHER": "two"}}})).await;
    assert_eq!(patched.told("/data/secrets/variables"), (200, json!({"OTHER": "two"})));
    assert_eq!(patched.json()["data"]["priority"], 10);
    assert_eq!(northflank.call_with("POST", &path, json!({"priority": 20})).await.told("/data"), (200, json!({})));
    assert_eq!(northflank.call("GET", &path).await.told("/data/priority"), (200, json!(20)));
    let put = northflank.call_with("PUT", SECRETS, group("my group")).await;
    assert_eq!(put.told("/data/id"), (200, json!("my-group")));
    assert_eq!(northflank.call("GET", &path).await.told("/data/secrets/variables"), (200, json!({"KEY": "one"})));
    assert_eq!(northflank.call("DELETE", &path).await.told(""), (200, json!({"data": {}})));
    assert_eq!(northflank.call("GET", &path).await.told("/error/status"), (404, json!(404)));
    assert_eq!(northflank.call("DELETE", &path).await.status, 404);
}

#[tokio::test]
async fn names_that_make_one_id_collide() {
    let northflank = Client::of("northflank", Documented).await;
    northflank.call_with("POST", SECRETS, group("Foo Bar")).await;
    assert_eq!(northflank.call_with("POST", SECRETS, group("foo-bar")).await.told("/error/status"), (409, json!(409)));
    assert_eq!(northflank.call("GET", SECRETS).await.told("/data/secrets/0/name"), (200, json!("Foo Bar")));
    // Another project, and the project of that name in a team, are other places.
    assert_eq!(northflank.call_with("POST", "/v1/projects/second/secrets", group("Foo Bar")).await.status, 200);
    let team = "/v1/teams/test-team/projects/first/secrets";
    assert_eq!(northflank.call_with("POST", team, group("Foo Bar")).await.status, 200);
    assert_eq!(northflank.call("DELETE", &format!("{team}/foo-bar")).await.status, 200);
    assert_eq!(northflank.call("GET", &format!("{SECRETS}/foo-bar")).await.status, 200);
}

#[tokio::test]
async fn lists_come_in_pages_until_there_is_no_cursor() {
    let northflank = Client::of("northflank", Documented).await;
    for number in 0..5 {
        northflank.call_with("POST", SECRETS, group(&format!("group {number}"))).await;
    }
    let mut names = Vec::new();
    let mut path = format!("{SECRETS}?per_page=2");
    for page in 0..3 {
        let answer = northflank.call("GET", &path).await.json();
        names.extend(answer["data"]["secrets"].as_array().expect("a list").iter().map(|item| item["name"].clone()));
        let pagination = answer["pagination"].as_object().expect("pagination");
        assert_eq!(pagination["hasNextPage"], json!(page < 2));
        match pagination.get("cursor") {
            Some(cursor) => path = format!("{SECRETS}?per_page=2&cursor={}", cursor.as_str().expect("text")),
            None => assert_eq!(page, 2, "{pagination:?}"),
        }
    }
    assert_eq!(names, (0..5).map(|number| json!(format!("group {number}"))).collect::<Vec<_>>());
}

#[tokio::test]
async fn addons_lend_their_values_to_a_group() {
    let northflank = Client::of("northflank", Documented).await;
    northflank.call_with("POST", SECRETS, group("linked")).await;
    let link = format!("{SECRETS}/linked/addons/test-addon");
    let before = northflank.call("GET", &link).await;
    assert_eq!((before.told("/data/linked").1, before.told("/data/availableKeys").1), (json!(false), json!(["USERNAME", "PASSWORD"])));
    let linked = northflank.call_with("POST", &link, json!({"keys": [{"keyName": "USERNAME", "aliases": ["DB_USER"]}]})).await;
    assert_eq!(linked.told("/data/keys/0/defaultKey"), (200, json!("NF_TEST-ADDON_USERNAME")));
    let shown = |show: &'static str| format!("{SECRETS}/linked?show={show}");
    let variables = |answer: client::Answer| answer.json()["data"]["secrets"]["variables"].clone();
    assert_eq!(variables(northflank.call("GET", &shown("this")).await), json!({"KEY": "one"}));
    let inherited = variables(northflank.call("GET", &shown("inherited")).await);
    assert!(inherited.get("KEY").is_none() && inherited.as_object().is_some_and(|own| !own.is_empty()), "{inherited}");
    let details = northflank.call("GET", &format!("{SECRETS}/linked/details")).await;
    assert_eq!(details.told("/data/addonSecrets/0/id"), (200, json!("test-addon")));
    assert_eq!(northflank.call("DELETE", &link).await.told("/data"), (200, json!({})));
    assert_eq!(northflank.call("GET", &link).await.told("/data/linked"), (200, json!(false)));
}

#[tokio::test]
async fn every_answer_is_json_and_errors_say_what_is_wrong() {
    let northflank = Client::of("northflank", Documented).await;
    assert_eq!(northflank.call("GET", "/v1/login").await.status, 200);
    let invalid = northflank.call_with("POST", SECRETS, json!({"name": "x", "secretType": "no", "priority": 101})).await;
    assert_eq!(invalid.told("/error/status"), (400, json!(400)));
    assert!(invalid.json()["error"]["message"].is_string());
    assert_eq!(northflank.call("GET", "/v1/projects/nowhere/secrets").await.told("/error/status"), (404, json!(404)));
    let nobody = Client::of("northflank", Documented).await.without_credentials();
    assert_eq!(nobody.call("GET", SECRETS).await.told("/error/status"), (401, json!(401)));
    let other = Client::of("northflank", Documented).await.with_token("test-other");
    assert!(matches!(other.call("GET", SECRETS).await.status, 403 | 404));
}
