//! Voximplant, as its facts page has it.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::{Answer, Client};
use serde_json::{Value, json};
use specs::Profile::{Documented, Observed};

const FORM: &str = "application/x-www-form-urlencoded";

/// A call in the form that the documents show: everything in the query.
async fn call(voximplant: &Client, method: &str, query: &str) -> Answer {
    voximplant.call("POST", &format!("/platform_api/{method}?application_id=1&{query}")).await
}

async fn added(voximplant: &Client, name: &str) -> Value {
    call(voximplant, "AddSecret", &format!("secret_name={name}&secret_value=v-{name}")).await.json()["result"]["secret_id"].clone()
}

#[tokio::test]
async fn a_call_means_the_same_in_all_four_forms() {
    let voximplant = Client::of("voximplant", Documented).await;
    let arguments = |name: &str| format!("application_id=1&secret_name={name}&secret_value=hidden-{name}");
    let multipart = |cmd: &str, name: &str| {
        let part = |name: &str, value: &str| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let parts =
            [("application_id", "1"), ("secret_name", name), ("secret_value", "hidden-value")].map(|(name, value)| part(name, value));
        format!("{cmd}{}--b--\r\n", parts.concat())
    };
    let command = "--b\r\ncontent-disposition: form-data; name=\"cmd\"\r\n\r\nAddSecret\r\n";
    let boundary = "multipart/form-data; boundary=b";
    let forms = [
        voximplant
            .request("POST", &format!("/platform_api/AddSecret?{}", arguments("query")))
            .header("content-type", "application/json")
            .body("{}"),
        voximplant.request("POST", "/platform_api").header("content-type", FORM).body(format!("{}&cmd=AddSecret", arguments("form"))),
        voximplant.request("POST", "/platform_api").header("content-type", boundary).body(multipart(command, "parts")),
        voximplant.request("POST", "/platform_api/AddSecret").header("content-type", boundary).body(multipart("", "parts_below")),
        voximplant.request("GET", &format!("/platform_api/AddSecret/?{}", arguments("get"))),
        voximplant.request("POST", &format!("/AddSecret?{}", arguments("without_base"))),
    ];
    let mut ids = Vec::new();
    for form in forms {
        ids.push(voximplant.send(form).await.told("/result/secret_id"));
    }
    assert_eq!(ids, (101..107).map(|id| (200, json!(id))).collect::<Vec<_>>());
    let revealed = call(&voximplant, "GetSecretValue", "secret_name=form").await;
    assert_eq!(revealed.told("/result/secret_value"), (200, json!("hidden-form")));
    let listed = call(&voximplant, "GetSecrets", "").await;
    assert_eq!((listed.told("/total_count"), listed.text.contains("hidden")), ((200, json!(6)), false));
}

#[tokio::test]
async fn one_two_or_all_are_deleted() {
    let voximplant = Client::of("voximplant", Documented).await;
    for name in ["a", "b", "c", "d", "e"] {
        added(&voximplant, name).await;
    }
    assert_eq!(call(&voximplant, "DelSecret", "secret_id=101%3B102").await.told("/result"), (200, json!(1)));
    assert_eq!(call(&voximplant, "DelSecret", "secret_name=c").await.told("/result"), (200, json!(1)));
    let left = call(&voximplant, "GetSecrets", "").await;
    assert_eq!((left.told("/count").1, left.told("/result/0/secret_name").1), (json!(2), json!("d")));
    assert_eq!(call(&voximplant, "DelSecret", "secret_id=all").await.told("/result"), (200, json!(1)));
    assert_eq!(call(&voximplant, "GetSecrets", "").await.told("/result"), (200, json!([])));
}

#[tokio::test]
async fn descriptions_are_cut_and_names_change() {
    let voximplant = Client::of("voximplant", Documented).await;
    let query = format!("secret_name=first&secret_value=v&description={}", "d".repeat(250));
    call(&voximplant, "AddSecret", &query).await;
    let listed = call(&voximplant, "GetSecrets", "").await.json();
    assert_eq!(listed["result"][0]["description"].as_str().map(str::len), Some(200));
    let created = listed["result"][0]["created"].as_str().expect("a time").to_owned();
    assert!(created.len() == 19 && created.as_bytes()[10] == b' ', "{created}");
    assert_eq!(call(&voximplant, "SetSecretInfo", "secret_name=first&new_secret_name=second").await.told("/result"), (200, json!(1)));
    assert_eq!(call(&voximplant, "GetSecretValue", "secret_name=first").await.told("/error/code").0, 200);
    assert_eq!(call(&voximplant, "GetSecretValue", "secret_name=second").await.told("/result/secret_value"), (200, json!("v")));
    added(&voximplant, "third").await;
    assert_eq!(call(&voximplant, "GetSecrets", "secret_name_part=hir").await.told("/total_count"), (200, json!(1)));
    assert_eq!(call(&voximplant, "GetSecrets", "count=1&offset=1").await.told("/result/0/secret_name"), (200, json!("third")));
}

#[tokio::test]
async fn refusals_are_in_the_body_of_a_200() {
    let voximplant = Client::of("voximplant", Documented).await;
    added(&voximplant, "taken").await;
    let code = |answer: Answer| {
        assert!(answer.status == 200 && answer.json().get("result").is_none());
        answer.json()["error"]["code"].as_i64().expect("a code")
    };
    assert_eq!(code(call(&voximplant, "AddSecret", "secret_name=taken&secret_value=v").await), 493);
    assert_eq!(code(call(&voximplant, "AddSecret", "secret_name=1st&secret_value=v").await), 496);
    assert_eq!(code(call(&voximplant, "GetSecretValue", "").await), 101);
    assert_eq!(code(voximplant.call("POST", "/platform_api/GetSecrets").await), 101);
    assert_eq!(code(voximplant.call("POST", "/platform_api/GetSecrets?application_id=99").await), 558);
    assert_eq!(code(voximplant.call("POST", "/platform_api/DoThings").await), 103);
    assert_eq!(code(voximplant.call("POST", "/platform_api").await), 102);
    let nobody = Client::of("voximplant", Documented).await.without_credentials();
    assert_eq!(code(call(&nobody, "GetSecrets", "").await), 100);
}

#[tokio::test]
async fn results_are_arrays_where_the_node_client_wants_them() {
    let voximplant = Client::of("voximplant", Observed).await;
    assert_eq!(call(&voximplant, "AddSecret", "secret_name=a&secret_value=v").await.told("/result/0/secret_id"), (200, json!(101)));
    assert_eq!(call(&voximplant, "GetSecretValue", "secret_id=101").await.told("/result/0/secret_value"), (200, json!("v")));
    assert_eq!(call(&voximplant, "DelSecret", "secret_id=101").await.told("/result"), (200, json!(1)));
}
