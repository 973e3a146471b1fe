//! What every mock does, whosever API it serves.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use client::Client;
use mock_server::{Caller, MockServer, SeedThing, World};
use serde_json::{Map, json};
use specs::{Profile, Spec, vendors};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SECRETS: &str = "/v1/apps/1/secrets";

/// A few answers of a fresh mock, every byte of them.
async fn transcript(seed: u64) -> Vec<String> {
    let contract = Spec::Vendor("nuon".to_owned()).contract(Profile::Documented).expect("the pack is valid");
    let server = MockServer::builder().contract(contract).seed(seed).start().await.expect("a free port");
    let nuon = Client::of("nuon", Profile::Documented).await.called_at(&server.url());
    let mut told = Vec::new();
    for name in ["one", "two", "one", "Bad Name"] {
        told.push(nuon.call_with("POST", "/v1/apps/first/secrets", json!({"name": name, "value": "v"})).await);
    }
    told.push(nuon.call("GET", "/v1/apps/first/secrets").await);
    told.into_iter().map(|answer| format!("{} {:?} {}", answer.status, answer.headers, answer.text)).collect()
}

#[tokio::test]
async fn one_seed_gives_the_same_bytes_and_another_gives_others() {
    assert_eq!(transcript(7).await, transcript(7).await);
    assert_ne!(transcript(7).await, transcript(8).await);
}

#[tokio::test]
async fn sandboxes_know_nothing_of_each_other_and_reset_alone() {
    let root = Client::of("spice", Profile::Documented).await;
    root.call_with("POST", SECRETS, json!({"name": "KEY", "value": "v"})).await;
    let root_url = root.server.url();
    assert_eq!(root.call("GET", &format!("/~one{SECRETS}/KEY")).await.status, 404);
    let one = root.at("/~one");
    assert_eq!(one.call_with("POST", SECRETS, json!({"name": "KEY", "value": "v"})).await.status, 200);
    assert_eq!(one.call("POST", "/_lockstep/reset").await.status, 204);
    assert_eq!(one.call("GET", &format!("{SECRETS}/KEY")).await.status, 404);
    let root = one.called_at(&root_url);
    assert_eq!(root.call("GET", &format!("{SECRETS}/KEY")).await.status, 200);
    assert_eq!(root.call("GET", "/_lockstep/health").await.status, 200);
    assert_eq!(root.call("POST", "/_lockstep/reset").await.status, 204);
    assert_eq!(root.call("GET", &format!("{SECRETS}/KEY")).await.status, 404);
    let unknown = root.call("GET", "/_lockstep/nothing").await;
    assert!(unknown.status == 404 && unknown.text.contains("/_lockstep/reset"), "{}", unknown.text);
    let wrong = root.call("GET", "/_lockstep/reset").await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("POST")));
}

#[tokio::test]
async fn several_apis_are_served_each_below_its_name() {
    let builder = vendors().into_iter().fold(MockServer::builder(), |builder, vendor| {
        builder.contract(Spec::Vendor(vendor).contract(Profile::Documented).expect("the packs are valid"))
    });
    let server = builder.start().await.expect("a free port");
    let anyone = Client::of("spice", Profile::Documented).await.called_at(&server.url());
    assert_eq!(anyone.call("GET", "/spice/v1/apps/1/secrets").await.status, 200);
    assert_eq!(anyone.call("GET", "/~mine/spice/v1/apps/1/secrets").await.status, 200);
    assert_eq!(anyone.call("GET", "/bridgeport/api/environments/first/secrets").await.status, 200);
    let nowhere = anyone.call("GET", "/v1/apps/1/secrets").await;
    assert!(nowhere.status == 404 && nowhere.text.contains("/spice/"), "{}", nowhere.text);
}

#[tokio::test]
async fn a_request_target_may_be_absolute() {
    let spice = Client::of("spice", Profile::Documented).await;
    let mut stream = TcpStream::connect(spice.server.address()).await.expect("a connection");
    let request = "GET http://api.spice.ai/v1/health HTTP/1.1\r\nhost: api.spice.ai\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_tunnel_is_refused_and_the_server_goes_on() {
    let builder = vendors().into_iter().fold(MockServer::builder(), |builder, vendor| {
        builder.contract(Spec::Vendor(vendor).contract(Profile::Documented).expect("the packs are valid"))
    });
    let server = builder.start().await.expect("a free port");
    let mut stream = TcpStream::connect(server.address()).await.expect("a connection");
    let request = "CONNECT example.invalid:443 HTTP/1.1\r\nhost: example.invalid:443\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    let anyone = Client::of("spice", Profile::Documented).await.called_at(&server.url());
    assert_eq!(anyone.call_with("POST", "/_lockstep/reset", json!({})).await.status, 204);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_the_connection_goes_on() {
    let bridgeport = Client::of("bridgeport", Profile::Documented).await;
    let path = "/api/environments/first/secrets";
    let large = json!({"key": "KEY", "value": "v".repeat(2 << 20)});
    assert_eq!(bridgeport.call_with("POST", path, large).await.told("/code"), (413, json!("VALIDATION_ERROR")));
    assert_eq!(bridgeport.call_with("POST", path, json!({"key": "KEY", "value": "v".repeat(100_000)})).await.status, 200);
}

#[tokio::test]
async fn only_pinned_tokens_are_accepted_where_some_are_pinned() {
    let contract = Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid");
    let builder = MockServer::builder().contract(contract).token("mine", None).token("looker", Some("reader".to_owned()));
    let server = builder.start().await.expect("a free port");
    let anyone = Client::of("spice", Profile::Documented).await.called_at(&server.url());
    assert_eq!(anyone.call("GET", SECRETS).await.status, 401);
    let mine = anyone.with_token("mine");
    assert_eq!(mine.call_with("POST", SECRETS, json!({"name": "KEY", "value": "v"})).await.status, 200);
    let looker = mine.with_token("looker");
    assert_eq!(looker.call("GET", SECRETS).await.status, 200);
    assert_eq!(looker.call("DELETE", &format!("{SECRETS}/KEY")).await.status, 403);
}

#[tokio::test]
async fn a_world_of_ones_own_takes_the_place_of_the_usual_one() {
    let spice = || Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid");
    let caller = Caller { token: "mine".to_owned(), name: "me".to_owned(), role: "admin".to_owned(), ..Caller::default() };
    let app = json!({"id": 41, "name": "an app of mine"});
    let thing = SeedThing { resource: "app".to_owned(), scope: Map::new(), fields: app.as_object().cloned().expect("an object") };
    let world = World { callers: vec![caller], things: vec![thing], ..World::default() };
    let server = MockServer::builder().contract(spice()).world("spice", world.clone()).start().await.expect("a free port");
    let mine = Client::of("spice", Profile::Documented).await.with_token("mine").called_at(&server.url());
    assert_eq!(mine.call("GET", "/v1/apps").await.told("/apps/0/id"), (200, json!(41)));
    assert_eq!(mine.call("GET", "/v1/apps/41/secrets").await.status, 200);
    assert_eq!(mine.with_token("test-admin").call("GET", "/v1/apps").await.status, 401);
    let refused = MockServer::builder().contract(spice()).world("spcie", world).start().await.expect_err("no such spec").to_string();
    assert_eq!(refused, "a world was given for `spcie`, which is not served; served are: spice");
}
