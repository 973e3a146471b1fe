//! The bad day: what a client meets when the server is right and the day is not.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::Client;
use mock_server::{Disturbance, Fault, MockServer, Rule, StartError};
use serde_json::{Value, json};
use specs::{Profile, Spec};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SECRETS: &str = "/v1/apps/1/secrets";

/// A mock of a vendor with these faults, and its owner.
async fn with(vendor: &str, rules: &[&str]) -> Client {
    let contract = Spec::Vendor(vendor.to_owned()).contract(Profile::Documented).expect("the pack is valid");
    let rules = rules.iter().map(|rule| rule.parse::<Rule>().expect("a rule"));
    let builder = rules.fold(MockServer::builder().contract(contract), mock_server::Builder::fault);
    Client::at_server(vendor, builder.start().await.expect("a free port"))
}

async fn create(client: &Client, name: &str) -> client::Answer {
    client.call_with("POST", SECRETS, json!({"name": name, "value": "v"})).await
}

/// Whether the connection broke before an answer had come.
async fn breaks(client: &Client, method: &str, path: &str, body: Value) -> bool {
    let request = client.request(method, path).header("content-type", "application/json").body(body.to_string());
    request.send().await.is_err()
}

#[tokio::test]
async fn a_lost_acknowledgement_is_met_by_a_conflict() {
    let nuon = with("nuon", &["reset-after,on=POST *,next=1"]).await;
    let body = json!({"name": "key", "value": "v"});
    assert!(breaks(&nuon, "POST", "/v1/apps/first/secrets", body.clone()).await);
    assert_eq!(nuon.call_with("POST", "/v1/apps/first/secrets", body).await.status, 409);
    assert_eq!(nuon.call("GET", "/v1/apps/first/secrets").await.json().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_request_that_is_lost_changes_nothing() {
    let nuon = with("nuon", &["reset-before,on=POST *,next=1"]).await;
    let body = json!({"name": "key", "value": "v"});
    assert!(breaks(&nuon, "POST", "/v1/apps/first/secrets", body.clone()).await);
    assert_eq!(nuon.call_with("POST", "/v1/apps/first/secrets", body).await.status, 201);
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let spice = with("spice", &["reset-after"]).await;
    let mut stream = TcpStream::connect(spice.server.address()).await.expect("a connection");
    stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("sent");
    let error = stream.read_to_end(&mut Vec::new()).await.expect_err("no orderly end");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn any_documented_status_has_the_vendors_form_and_changes_nothing() {
    let nuon = with("nuon", &["status=409,on=CreateAppSecretV2", "status=500,on=GET *,next=1"]).await;
    let refused = nuon.call_with("POST", "/v1/apps/first/secrets", json!({"name": "key", "value": "v"})).await;
    assert!(refused.status == 409 && refused.json()["error"].is_string(), "{}", refused.text);
    assert_eq!(nuon.call("GET", "/v1/apps/first/secrets").await.told("/error"), (500, json!("internal server error")));
    assert_eq!(nuon.call("GET", "/v1/apps/first/secrets").await.json(), json!([]));
    // What an operation does not document it does not answer, and what any gateway answers it does.
    let spice = with("spice", &["status=503,next=1", "status=403,on=*ecret*"]).await;
    let down = create(&spice, "KEY").await;
    assert!(down.status == 503 && down.json()["error"].is_string(), "{}", down.text);
    assert_eq!(spice.call("GET", "/v1/health").await.status, 200);
}

#[tokio::test]
async fn a_rule_that_fits_nothing_is_refused_at_the_start() {
    for (rule, told) in [
        ("status=418", "no operation documents status 418"),
        ("latency=1s,on=POST /v1/apps/{appId}/secret", "did you mean `POST /v1/apps/{appId}/secrets`?"),
    ] {
        let contract = Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid");
        let builder = MockServer::builder().contract(contract).fault(rule.parse::<Rule>().expect("a rule"));
        let error = builder.start().await.expect_err("it fits nothing");
        assert!(matches!(error, StartError::Fault { .. }) && error.to_string().contains(told), "{error}");
    }
}

#[tokio::test]
async fn a_limited_client_is_told_when_to_come_again_and_is_let_in_then() {
    let spice = with("spice", &["rate-limit=2/1s"]).await;
    assert_eq!(create(&spice, "ONE").await.status, 200);
    assert_eq!(create(&spice, "TWO").await.status, 200);
    let refused = create(&spice, "THREE").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")));
    assert!(refused.json()["error"].is_string(), "{}", refused.text);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(create(&spice, "THREE").await.status, 200);
}

#[tokio::test]
async fn an_outage_says_how_long_it_lasts_and_can_be_cut_short() {
    let bridgeport = with("bridgeport", &["unavailable=1m,next=2"]).await;
    for _ in 0..2 {
        let down = bridgeport.call("GET", "/api/environments/first/secrets").await;
        assert_eq!(down.header("retry-after"), Some("60"));
        assert_eq!(down.told("/code"), (503, json!("SERVICE_UNAVAILABLE")));
    }
    assert_eq!(bridgeport.call("GET", "/api/environments/first/secrets").await.status, 200);
}

#[tokio::test]
async fn a_body_can_break_off_and_can_come_in_pieces() {
    let spice = with("spice", &["truncated-body,on=GET */health,next=1", "slow-body=20ms"]).await;
    let cut = spice.request("GET", "/v1/health").send().await.expect("the head comes");
    let promised = cut.content_length().expect("a length is promised");
    assert!(promised > 0 && cut.bytes().await.is_err(), "less than {promised} bytes came");
    let slow = spice.call("GET", "/v1/health").await;
    assert_eq!((slow.status, slow.text.len() as u64), (200, promised));
}

#[tokio::test]
async fn valid_credentials_expire_after_so_many_requests() {
    let nuon = with("nuon", &["expire-token=1"]).await;
    assert_eq!(nuon.call("GET", "/v1/apps/first/secrets").await.status, 200);
    let refused = nuon.call("GET", "/v1/apps/first/secrets").await;
    let expired = with("nuon", &[]).await.with_token("test-expired");
    let known = expired.call("GET", "/v1/apps/first/secrets").await;
    assert_eq!((refused.status, refused.json()), (known.status, known.json()));
    assert_eq!(nuon.call("POST", "/_lockstep/reset").await.status, 204);
    assert_eq!(nuon.call("GET", "/v1/apps/first/secrets").await.status, 200);
}

#[tokio::test]
async fn reads_are_stale_for_a_while() {
    let spice = with("spice", &["stale-reads=1m,next=2"]).await;
    assert_eq!(create(&spice, "KEY").await.status, 200);
    assert_eq!(spice.call("GET", &format!("{SECRETS}/KEY")).await.status, 404);
    assert!(!spice.call("GET", SECRETS).await.text.contains("KEY"));
    // The two that were to be stale have been.
    assert_eq!(spice.call("GET", &format!("{SECRETS}/KEY")).await.status, 200);
    let fresh = with("spice", &["stale-reads=0ms"]).await;
    assert_eq!(create(&fresh, "KEY").await.status, 200);
    assert_eq!(fresh.call("GET", &format!("{SECRETS}/KEY")).await.status, 200);
}

#[tokio::test]
async fn pages_can_have_no_end() {
    let northflank = with("northflank", &["endless-pages"]).await;
    let path = "/v1/projects/first/secrets";
    let body = json!({"name": "one", "secretType": "environment", "priority": 1, "secrets": {"variables": {"A": "b"}}});
    let created = northflank.call_with("POST", path, body).await;
    assert!(created.status < 300, "{}", created.text);
    let mut cursors = Vec::new();
    let mut next = format!("{path}?per_page=1");
    for _ in 0..5 {
        let page = northflank.call("GET", &next).await.json();
        assert_eq!(page.pointer("/pagination/hasNextPage"), Some(&json!(true)), "{page}");
        assert_eq!(page.pointer("/pagination/count"), Some(&json!(1)), "{page}");
        let cursor = page.pointer("/pagination/cursor").and_then(Value::as_str).expect("a cursor").to_owned();
        next = format!("{path}?per_page=1&cursor={cursor}");
        assert!(!cursors.contains(&cursor), "{cursors:?}");
        cursors.push(cursor);
    }
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed_and_changes_no_id() {
    let statuses = async |rules: &[&str]| {
        let nuon = with("nuon", rules).await;
        let mut told = Vec::new();
        for number in 0..12 {
            let body = json!({"name": format!("key{number}"), "value": "v"});
            let answer = nuon.call_with("POST", "/v1/apps/first/secrets", body).await;
            told.push((answer.status, answer.json()["id"].clone()));
        }
        told
    };
    let (one, two) = (statuses(&["status=503,chance=0.5"]).await, statuses(&["status=503,chance=0.5"]).await);
    assert_eq!(one, two);
    let failed = one.iter().filter(|(status, _)| *status == 503).count();
    assert!((1..12).contains(&failed), "{failed} of 12");
    // The first that is stored has the first id, whatever chance has done before.
    let plain = statuses(&[]).await;
    let ids = |told: &[(u16, Value)]| told.iter().filter(|(status, _)| *status == 201).map(|(_, id)| id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&one)[..], ids(&plain)[..ids(&one).len()]);
}

#[tokio::test]
async fn defects_keep_to_the_same_limits() {
    let nuon = with("nuon", &["forget-create,sandbox=b", "odd-status,on=GetAppSecrets,next=1"]).await;
    let body = json!({"name": "key", "value": "v"});
    let path = "/v1/apps/first/secrets";
    assert_eq!(nuon.call_with("POST", &format!("/~a{path}"), body.clone()).await.status, 201);
    assert_eq!(nuon.call_with("POST", &format!("/~b{path}"), body).await.status, 201);
    let listed = async |sandbox: &str| nuon.call("GET", &format!("/~{sandbox}{path}")).await;
    assert_eq!((listed("a").await.status, listed("b").await.status), (207, 207));
    let (a, b) = (listed("a").await, listed("b").await);
    assert_eq!((a.status, a.json().as_array().map(Vec::len)), (200, Some(1)));
    assert_eq!((b.status, b.json().as_array().map(Vec::len)), (200, Some(0)));
}

#[tokio::test]
async fn rules_are_read_and_replaced_through_the_control_plane() {
    let spice = with("spice", &["latency=1ms"]).await;
    assert_eq!(spice.call("GET", "/_lockstep/faults").await.json(), json!([{"spec": "spice", "fault": "latency", "value": "1ms"}]));
    let rules = json!([{"fault": "status", "value": "503", "on": "GET *", "next": 2, "chance": 1.0}]);
    let told = spice.call_with("PUT", "/_lockstep/faults", rules).await;
    assert_eq!(told.told("/0/left"), (200, json!(2)));
    assert_eq!(spice.call("GET", SECRETS).await.status, 503);
    assert_eq!(spice.call("GET", "/_lockstep/faults").await.told("/0/left"), (200, json!(1)));
    // Another sandbox counts for itself; one with rules of its own follows those alone.
    assert_eq!(spice.call("GET", "/~a/_lockstep/faults").await.told("/0/left"), (200, json!(2)));
    assert_eq!(spice.call_with("PUT", "/~a/_lockstep/faults", json!([])).await.json(), json!([]));
    assert_eq!(spice.call("GET", &format!("/~a{SECRETS}")).await.status, 200);
    assert_eq!(spice.call("GET", &format!("/~b{SECRETS}")).await.status, 503);
    assert_eq!(spice.call("DELETE", "/_lockstep/faults").await.json(), json!([]));
    assert_eq!(spice.call("GET", SECRETS).await.status, 200);
}

#[tokio::test]
async fn wrong_rules_are_refused_with_their_place_and_change_nothing() {
    let spice = with("spice", &["latency=1ms"]).await;
    for (body, at, told) in [
        (json!([{"fault": "latency", "value": "1ms"}, {"fault": "latncy", "value": "1ms"}]), "/1", "did you mean `latency`?"),
        (json!([{"fault": "latency", "value": "soon"}]), "/0", "does not take `soon`"),
        (json!([{"fault": "latency", "value": "1ms", "on": "GET /nowhere"}]), "/0", "no operation is called `GET /nowhere`"),
        (json!([{"fault": "status", "value": "418"}]), "/0", "no operation documents status 418"),
        (json!([{"fault": "latency", "value": "1ms", "nxt": 1}]), "/0", "unknown field `nxt`"),
        (json!([{"fault": "latency", "value": "1ms", "chance": 2.0}]), "/0", "a probability from 0 to 1"),
    ] {
        let refused = spice.call_with("PUT", "/_lockstep/faults", body).await;
        assert_eq!(refused.told("/at"), (400, json!(at)), "{}", refused.text);
        assert!(refused.json()["error"].as_str().is_some_and(|error| error.contains(told)), "{}", refused.text);
    }
    assert_eq!(spice.call_with("PUT", "/_lockstep/faults", json!({"fault": "latency"})).await.status, 400);
    assert_eq!(spice.call("GET", "/_lockstep/faults").await.told("/0/value"), (200, json!("1ms")));
}

#[tokio::test]
async fn a_request_may_prefer_its_answer() {
    let nuon = with("nuon", &[]).await;
    let prefer = async |method: &str, preference: &str| {
        let request = nuon.request(method, "/v1/apps/first/secrets").header("prefer", preference);
        nuon.send(request.header("content-type", "application/json").body(r#"{"name":"key","value":"v"}"#)).await
    };
    let conflict = prefer("POST", "code=409").await;
    assert_eq!((conflict.status, conflict.header("preference-applied")), (409, Some("code=409")));
    assert!(conflict.json()["error"].is_string(), "{}", conflict.text);
    let created = prefer("POST", "code=201").await;
    assert!(created.status == 201 && created.json().is_object(), "{}", created.text);
    assert_eq!(nuon.call("GET", "/v1/apps/first/secrets").await.json(), json!([]), "a forced answer changes nothing");
    let late = prefer("GET", "delay=1, return=minimal").await;
    assert_eq!((late.status, late.header("preference-applied")), (200, Some("delay=1")));
    for (preference, told) in [("code=418", "does not document this status"), ("code=x", "a status from 200 to 599")] {
        let refused = prefer("GET", preference).await;
        assert!(refused.status == 400 && refused.text.contains(told), "{}", refused.text);
    }
}

#[tokio::test]
async fn faults_are_given_as_values_too() {
    let contract = Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid");
    let builder = MockServer::builder().contract(contract).fault(Fault::OddStatus).fault(Disturbance::ExpireToken(1));
    let spice = Client::at_server("spice", builder.start().await.expect("a free port"));
    assert_eq!(create(&spice, "KEY").await.status, 207);
    assert_eq!(create(&spice, "KEY").await.status, 401);
}
