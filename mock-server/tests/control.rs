//! The control plane: health, reset, the journal, the clock, the metrics; and who may use them.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::{Answer, Client};
use mock_server::MockServer;
use serde_json::{Value, json};
use specs::Profile::Documented;
use specs::Spec;

const SECRETS: &str = "/v1/apps/1/secrets";
const HUSH: &str = "kX93hd7Qw2ZpLm5T";

async fn spice() -> Client {
    Client::of("spice", Documented).await
}

/// The journal's entries that fit a query.
async fn journal(client: &Client, query: &str) -> Value {
    client.call("GET", &format!("/_lockstep/requests{query}")).await.json()
}

#[tokio::test]
async fn the_journal_answers_whether_something_was_called() {
    let spice = spice().await;
    spice.call_with("POST", SECRETS, json!({"name": "KEY", "value": HUSH})).await;
    spice.call("GET", &format!("{SECRETS}/KEY")).await;
    spice.call("DELETE", &format!("{SECRETS}/KEY")).await;
    spice.call("DELETE", &format!("{SECRETS}/KEY")).await;
    let counts = [
        ("", 4),
        ("?method=DELETE", 2),
        ("?method=delete&status=404", 1),
        ("?status=2xx", 3),
        ("?path=*/secrets/KEY", 3),
        ("?path=/v1/apps/1/secrets", 1),
        ("?operation=GET%20/v1/apps/%7BappId%7D/secrets/%7BsecretName%7D", 1),
        ("?caller=admin", 4),
        ("?caller=reader", 0),
        ("?since=3", 1),
    ];
    for (query, count) in counts {
        assert_eq!(journal(&spice, query).await["count"], count, "{query}");
    }
    let newest = journal(&spice, "?limit=1").await;
    assert_eq!((&newest["count"], newest["requests"].as_array().map(Vec::len)), (&json!(4), Some(1)));
    let entry = &newest["requests"][0];
    assert_eq!((&entry["sequence"], &entry["status"], &entry["situation"]), (&json!(4), &json!(404), &json!("not-found")));
    assert_eq!((&entry["api"], &entry["sandbox"], &entry["path"]), (&json!("spice"), &json!(""), &json!("/v1/apps/1/secrets/KEY")));
    assert!(entry["time"].as_str().is_some_and(|time| time.starts_with("2026-01-01T")), "{entry}");
    for wrong in ["?hush=1", "?status=20", "?limit=all"] {
        let refused = spice.call("GET", &format!("/_lockstep/requests{wrong}")).await;
        assert!(refused.status == 400 && !refused.text.contains("hush"), "{}", refused.text);
    }
    assert_eq!(spice.call("DELETE", "/_lockstep/requests").await.status, 204);
    assert_eq!((&journal(&spice, "").await["count"], &journal(&spice, "").await["dropped"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn the_journal_of_a_sandbox_is_its_own_and_a_reset_begins_it_anew() {
    let root = spice().await;
    root.call("GET", SECRETS).await;
    let url = root.server.url();
    let one = root.at("/~one");
    assert_eq!(journal(&one, "").await["count"], 0);
    one.call("GET", SECRETS).await;
    assert_eq!(journal(&one, "").await["requests"][0]["sandbox"], "one");
    one.call("POST", "/_lockstep/reset").await;
    assert_eq!(journal(&one, "").await["count"], 0);
    assert_eq!(journal(&one.called_at(&url), "").await["count"], 1);
}

#[tokio::test]
async fn what_is_in_the_wrong_place_is_masked() {
    let spice = spice().await;
    for (method, path) in [
        ("GET", format!("{SECRETS}/{HUSH}")),
        ("GET", format!("/{HUSH}/x")),
        ("GET", format!("/v1/apps/{HUSH}/secrets")),
        ("GET", format!("{SECRETS}?{HUSH}=1&visibility={HUSH}")),
        (HUSH, SECRETS.to_owned()),
    ] {
        spice.call(method, &path).await;
    }
    let odd = spice.request("POST", SECRETS).header("content-type", HUSH).body(HUSH);
    spice.send(odd).await;
    let told = spice.call("GET", "/_lockstep/requests").await;
    assert!(!told.text.to_lowercase().contains(&HUSH.to_lowercase()), "{}", told.text);
    let entries = told.json();
    assert_eq!(entries["requests"][0]["path"], "/v1/apps/1/secrets/***");
    assert_eq!(entries["requests"][1]["path"], "/***/***");
    assert_eq!(entries["requests"][3]["query"], "***=***&***=***");
    assert_eq!((&entries["requests"][4]["method"], &entries["requests"][5]["requestType"]), (&json!("***"), &json!("***")));
}

#[tokio::test]
async fn queries_show_names_and_choices_and_never_secrets() {
    let client = Client::of("voximplant", Documented).await;
    let path = "/platform_api/AddSecret";
    client.call("GET", &format!("{path}?application_id=1&secret_name=KEY&secret_value={HUSH}&account_id=9")).await;
    client.call("GET", "/platform_api/?cmd=GetSecrets&application_id=1&count=10").await;
    let told = client.call("GET", "/_lockstep/requests").await;
    assert!(!told.text.contains(HUSH), "{}", told.text);
    let query = |index: usize| told.json()["requests"][index]["query"].as_str().unwrap_or_default().to_owned();
    assert!(query(0).contains("secret_name=KEY&secret_value=***"), "{}", query(0));
    assert!(query(1).contains("cmd=GetSecrets"), "{}", query(1));
}

#[tokio::test]
async fn the_clock_is_put_forward_and_tokens_expire_by_it() {
    let spice = spice().await;
    let form = "grant_type=client_credentials&client_id=test-client&client_secret=test-client-secret";
    let ask = spice.request("POST", "/api/oauth/token").header("content-type", "application/x-www-form-urlencoded").body(form);
    let issued = spice.send(ask).await;
    let token = issued.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", issued.status)).to_owned();
    let spice = spice.with_token(&token);
    assert_eq!(spice.call("GET", SECRETS).await.status, 200);
    let before = spice.call("GET", "/_lockstep/clock").await.json()["now"].clone();
    let later = spice.call_with("POST", "/_lockstep/clock", json!({"advance": "59m 59s"})).await;
    assert_eq!(later.status, 200, "{}", later.text);
    assert_ne!(later.json()["apis"]["spice"], before);
    assert_eq!(spice.call("GET", SECRETS).await.status, 200);
    spice.call_with("POST", "/_lockstep/clock", json!({"advance": "1s"})).await;
    assert_eq!(spice.call("GET", SECRETS).await.status, 401);
    let put = spice.call_with("PUT", "/_lockstep/clock", json!({"now": "2027-01-01T00:00:00Z"})).await;
    assert_eq!(put.told("/now"), (200, json!("2027-01-01T00:00:00.000Z")));
    let spice = spice.with_token("test-admin");
    let stored = spice.call_with("POST", SECRETS, json!({"name": "KEY", "value": "v"})).await;
    assert!(stored.text.contains("2027-01-01"), "{}", stored.text);
    for (method, body) in [
        ("PUT", json!({"now": "2026-06-01T00:00:00Z"})),
        ("PUT", json!({"now": "soon"})),
        ("PUT", json!({"advance": "1h"})),
        ("PUT", json!({"now": "9999-12-31T00:00:00Z"})),
        ("POST", json!({"advance": "-1h"})),
        ("POST", json!({"advance": "1h", "more": 1})),
    ] {
        let refused = spice.call_with(method, "/_lockstep/clock", body.clone()).await;
        assert!(refused.status == 400 && refused.json()["hint"].is_string(), "{body} {}", refused.text);
    }
    spice.call("POST", "/_lockstep/reset").await;
    assert_eq!(spice.call("GET", "/_lockstep/clock").await.told("/now"), (200, json!("2026-01-01T00:00:00.000Z")));
}

#[tokio::test]
async fn metrics_count_by_operation_and_class() {
    let spice = spice().await;
    spice.call_with("POST", SECRETS, json!({"name": "KEY", "value": "v"})).await;
    spice.call("GET", &format!("{SECRETS}/KEY")).await;
    spice.call("GET", &format!("{SECRETS}/NONE")).await;
    spice.call("GET", "/nowhere").await;
    let metrics = spice.call("GET", "/_lockstep/metrics").await;
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let read = "operation=\"GET /v1/apps/{appId}/secrets/{secretName}\"";
    for line in [
        "lockstep_up 1".to_owned(),
        format!("lockstep_requests_total{{api=\"spice\",{read},status=\"2xx\"}} 1"),
        format!("lockstep_requests_total{{api=\"spice\",{read},status=\"4xx\"}} 1"),
        "lockstep_requests_total{api=\"spice\",operation=\"none\",status=\"4xx\"} 1".to_owned(),
        "lockstep_sandboxes{api=\"spice\"} 1".to_owned(),
        "lockstep_things{api=\"spice\"} 4".to_owned(),
        "lockstep_journal_entries{api=\"spice\"} 4".to_owned(),
    ] {
        assert!(metrics.text.lines().any(|own| own == line), "{line} in {}", metrics.text);
    }
}

#[tokio::test]
async fn things_are_shown_by_name_and_sandboxes_are_listed() {
    let spice = spice().await.at("/~one");
    spice.call_with("POST", SECRETS, json!({"name": "KEY", "value": HUSH})).await;
    let things = spice.call("GET", "/_lockstep/things").await;
    assert!(!things.text.contains(HUSH));
    let things = things.json()["apis"]["spice"]["things"].as_array().cloned().unwrap_or_default();
    let secret = things.iter().find(|thing| thing["resource"] == "secret").expect("it is shown");
    assert_eq!((&secret["identity"], &secret["in"], &secret["name"]), (&json!("KEY"), &json!([["app", "1"]]), &json!("KEY")));
    let sandboxes = spice.call("GET", "/_lockstep/sandboxes").await;
    assert_eq!(sandboxes.told("/apis/spice/sandboxes"), (200, json!(["one"])));
}

#[tokio::test]
async fn unknown_controls_and_wrong_methods_say_what_there_is() {
    let spice = spice().await;
    let unknown = spice.call("GET", "/_lockstep/nothing").await;
    assert_eq!(unknown.told("/error").0, 404);
    for control in ["health", "ready", "reset", "requests", "clock", "metrics"] {
        assert!(unknown.text.contains(&format!("/_lockstep/{control}")), "{control} in {}", unknown.text);
    }
    let wrong = spice.call("PATCH", "/_lockstep/requests").await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD, DELETE")));
    assert_eq!(spice.call("HEAD", "/_lockstep/ready").await.status, 200);
}

/// What a browser would send on behalf of a page.
async fn browsed(client: &Client, method: &str, control: &str, headers: &[(&str, &str)]) -> Answer {
    let request = client.request(method, &format!("/_lockstep/{control}"));
    client.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[tokio::test]
async fn a_web_page_elsewhere_does_not_drive_the_server() {
    let spice = spice().await;
    spice.call_with("POST", SECRETS, json!({"name": "KEY", "value": "v"})).await;
    let rebound = [("host", "evil.example:4010")];
    let foreign = [("origin", "http://evil.example")];
    for (method, control) in [("POST", "reset"), ("GET", "requests"), ("DELETE", "requests"), ("POST", "clock"), ("GET", "things")] {
        for headers in [&rebound[..], &foreign[..], &[("sec-fetch-site", "cross-site")]] {
            let refused = browsed(&spice, method, control, headers).await;
            assert!(refused.status == 403 && refused.json()["hint"].is_string(), "{method} {control} {headers:?}");
        }
    }
    assert_eq!(spice.call("GET", &format!("{SECRETS}/KEY")).await.status, 200, "nothing was reset");
    let own = spice.server.url();
    assert_eq!(browsed(&spice, "GET", "requests", &[("origin", &own)]).await.status, 200);
    // Probes and scrapers know a server by any name, and learn nothing that matters.
    for control in ["health", "ready", "metrics"] {
        assert_eq!(browsed(&spice, "GET", control, &rebound).await.status, 200, "{control}");
    }
}

#[tokio::test]
async fn a_control_token_is_asked_for_and_the_api_needs_none() {
    let contract = Spec::Vendor("spice".to_owned()).contract(Documented).expect("the pack is valid");
    let server = MockServer::builder().contract(contract).control_token("t0ken").start().await.expect("a free port");
    let spice = Client::at_server("spice", server);
    let refused = spice.call("GET", "/_lockstep/state").await;
    assert_eq!((refused.status, refused.header("www-authenticate").is_some()), (401, true));
    assert!(!refused.text.contains("t0ken"));
    assert_eq!(spice.call("GET", "/_lockstep/health").await.status, 200);
    assert_eq!(spice.call("GET", "/v1/health").await.status, 200);
    let spice = spice.with_token("t0ken");
    assert_eq!(spice.call("GET", "/_lockstep/state").await.status, 200);
    assert_eq!(spice.call("GET", SECRETS).await.status, 401, "it is the token of the control plane alone");
}
