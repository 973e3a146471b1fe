//! The edges of HTTP and of a document that nobody made a pack for.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use std::path::PathBuf;

use client::{Answer, Client};
use mock_server::MockServer;
use serde_json::{Value, json};
use specs::{Profile, Spec};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const NOWHERE: &str = "/boxes/7c1b9f0e-1111-4222-8333-944444444444";

async fn boxes() -> Client {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents/boxes.yaml");
    let contract = Spec::File { path, overlay: None }.contract(Profile::Documented).expect("the document is valid");
    let name = contract.name.clone();
    Client::at_server(&name, MockServer::start(contract).await.expect("a free port"))
}

/// A new box: its path.
async fn made(boxes: &Client, name: &str) -> String {
    let answer = boxes.call_with("POST", "/boxes", json!({"name": name})).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    format!("/boxes/{}", answer.json()["id"].as_str().expect("an id"))
}

async fn put_in(boxes: &Client, a_box: &str, name: &str) -> u16 {
    boxes.call_with("POST", &format!("{a_box}/keys"), json!({"name": name, "value": "v"})).await.status
}

fn names(answer: &Answer) -> Vec<Value> {
    answer.json()["items"].as_array().expect("a list").iter().map(|item| item["name"].clone()).collect()
}

#[tokio::test]
async fn parents_that_never_were_that_are_gone_and_that_are_others() {
    let boxes = boxes().await;
    let (one, two) = (made(&boxes, "one").await, made(&boxes, "two").await);
    assert_eq!(put_in(&boxes, &one, "KEY").await, 201);
    assert_eq!(put_in(&boxes, NOWHERE, "KEY").await, 404);
    assert_eq!(boxes.call("GET", &format!("{NOWHERE}/keys")).await.status, 404);
    // The key of another parent is no key of this one.
    assert_eq!(boxes.call("GET", &format!("{two}/keys/KEY")).await.status, 404);
    assert_eq!(boxes.call("DELETE", &format!("{two}/keys/KEY")).await.status, 404);
    assert_eq!(boxes.call("GET", &format!("{one}/keys/KEY")).await.status, 200);
    assert_eq!(put_in(&boxes, &one, "KEY").await, 409);
    // What belongs to a deleted parent goes with it, and does not come back with another one of its name.
    assert_eq!(boxes.call("DELETE", &one).await.status, 204);
    for (method, path) in [("GET", "/keys"), ("GET", "/keys/KEY"), ("DELETE", "/keys/KEY"), ("DELETE", "")] {
        assert_eq!(boxes.call(method, &format!("{one}{path}")).await.status, 404, "{method} {path}");
    }
    assert_eq!(put_in(&boxes, &one, "KEY").await, 404);
    let again = made(&boxes, "one").await;
    assert_ne!(again, one);
    assert_eq!(names(&boxes.call("GET", &format!("{again}/keys")).await), Vec::<Value>::new());
}

#[tokio::test]
async fn pages_end_where_the_list_does() {
    let boxes = boxes().await;
    let one = made(&boxes, "one").await;
    for name in ["A", "B", "C"] {
        assert_eq!(put_in(&boxes, &one, name).await, 201);
    }
    let page = async |query: &str| boxes.call("GET", &format!("{one}/keys?{query}")).await;
    assert_eq!(names(&page("limit=2").await), ["A", "B"]);
    assert_eq!(names(&page("limit=2&offset=2").await), ["C"]);
    assert_eq!(names(&page("limit=100&offset=0").await), ["A", "B", "C"]);
    let beyond = page("offset=3").await;
    assert_eq!((names(&beyond), beyond.json()["total"].clone()), (Vec::new(), json!(3)));
    assert_eq!(names(&page("offset=2147483647").await), Vec::<Value>::new());
    for odd in ["limit=0", "limit=-1", "limit=101", "limit=99999999999999999999", "limit=ten", "limit=", "offset=-1", "limit=1.5"] {
        assert_eq!(page(odd).await.told("/code").0, 400, "{odd}");
    }
}

#[tokio::test]
async fn a_body_of_another_kind_is_not_taken() {
    let boxes = boxes().await;
    let one = made(&boxes, "one").await;
    let path = format!("{one}/keys");
    let body = |name: &str| json!({"name": name, "value": "v"}).to_string();
    let sent = async |kind: Option<&str>, text: String| {
        let request = boxes.request("POST", &path).body(text);
        boxes.send(kind.iter().fold(request, |request, kind| request.header("content-type", *kind))).await.status
    };
    assert_eq!(sent(Some("application/json; charset=utf-8"), body("A")).await, 201);
    assert_eq!(sent(Some("Application/JSON"), body("B")).await, 201);
    let multipart = "--x\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nC\r\n--x--\r\n".to_owned();
    assert_eq!(sent(Some("multipart/form-data; boundary=x"), multipart).await, 415);
    assert_eq!(sent(Some("application/x-www-form-urlencoded"), "name=C&value=v".to_owned()).await, 415);
    assert_eq!(sent(Some("text/plain"), body("C")).await, 415);
    assert_eq!(sent(Some("application/json"), body("C") + "}").await, 400);
    assert_eq!(sent(Some("application/json"), String::new()).await, 400);
    assert_eq!(names(&boxes.call("GET", &path).await), ["A", "B"]);
}

#[tokio::test]
async fn other_methods_are_refused_and_named() {
    let boxes = boxes().await;
    let one = made(&boxes, "one").await;
    let refused = boxes.call("PATCH", &one).await;
    assert_eq!((refused.status, refused.header("allow")), (405, Some("DELETE, GET, HEAD")));
    let asked = boxes.call("OPTIONS", &format!("{one}/keys")).await;
    assert_eq!((asked.status, asked.header("allow"), asked.text.as_str()), (204, Some("GET, HEAD, POST"), ""));
    let (read, head) = (boxes.call("GET", &one).await, boxes.call("HEAD", &one).await);
    assert_eq!((head.status, head.header("content-type"), head.text.as_str()), (200, read.header("content-type"), ""));
    assert_eq!(head.header("content-length"), Some(read.text.len().to_string().as_str()));
}

#[tokio::test]
async fn a_body_in_chunks_has_the_same_limit() {
    let boxes = boxes().await;
    let mut stream = TcpStream::connect(boxes.server.address()).await.expect("a connection");
    let credentials: Vec<String> = boxes.server.credentials("boxes").iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let credentials = credentials.concat();
    let head = format!(
        "POST /boxes HTTP/1.1\r\nhost: localhost\r\n{credentials}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let chunk = [b"100000\r\n".as_slice(), &vec![b'x'; 1 << 20], b"\r\n"].concat();
    // The whole body is written before anything is read: no broken pipe.
    for _ in 0..9 {
        stream.write_all(&chunk).await.expect("sent");
    }
    stream.write_all(b"0\r\n\r\nGET /boxes HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.expect("sent");
    let mut told = String::new();
    stream.read_to_string(&mut told).await.expect("answers");
    let statuses: Vec<&str> = told.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["413", "401"], "{told}");
}
