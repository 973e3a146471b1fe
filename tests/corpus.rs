//! Any document that is loaded can be served: every operation of drawn ones is answered, and what is answered fits.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use mock_server::MockServer;
use serde_json::Value;
use specs::contract::{Contract, Endpoint, Location, Schema, is_json, minimal, sample};
use specs::document::Document;

#[path = "../specs/tests/corpus/draw/mod.rs"]
mod draw;

use draw::{Draw, as_json, as_yaml, broken, cut};

/// How many documents are served.
const SERVED: u64 = 60;

/// A request as plain as can be, and its answer: status, media type and body.
fn ask(server: &MockServer, endpoint: &Endpoint) -> Option<(u16, String, String)> {
    let address = server.url().trim_start_matches("http://").to_owned();
    let operation = &endpoint.operation;
    let path = operation.template.fill(|_| "1".into()).replace(' ', "%20");
    let path: String = percent(&path);
    let queries = operation.parameters.iter().filter(|parameter| parameter.location == Location::Query && parameter.required);
    let query: Vec<String> = queries.map(|parameter| format!("{}=1", percent(&parameter.name))).collect();
    let headers = server.credentials("drawn").iter().fold(String::new(), |head, (name, value)| head + name + ": " + value + "\r\n");
    let media = operation.json_body();
    let body = media.and_then(|media| media.schema.as_ref()).map(|schema| minimal(schema.node()).to_string()).unwrap_or_default();
    let stated = if media.is_some() { "content-type: application/json\r\n" } else { "" };
    let method = operation.method.as_str();
    let query = if query.is_empty() { String::new() } else { format!("{}{}", if path.contains('?') { "&" } else { "?" }, query.join("&")) };
    let request = format!(
        "{method} {path}{query} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}{stated}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(&address).ok()?;
    stream.set_read_timeout(Some(Duration::from_mins(2))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let media_type = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-type: ").map(str::to_owned));
    Some((status, media_type.unwrap_or_default(), body.to_owned()))
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_graphic() && !b"\"<>{}|^`#".contains(&byte) {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

/// Whether a value is known that fits.
fn can_fit(schema: &Schema) -> bool {
    schema.accepts(&minimal(schema.node())) || schema.accepts(&sample(schema.node()))
}

/// What is wrong with an answer; nothing if it is a refusal, or fits.
fn wrong(endpoint: &Endpoint, answer: Option<(u16, String, String)>) -> Option<String> {
    let Some((status, media_type, body)) = answer else { return Some("no answer".to_owned()) };
    if status >= 500 && !endpoint.operation.names(status) {
        return Some(format!("{status}"));
    }
    let head = endpoint.operation.method == http::Method::HEAD;
    if status != endpoint.answer.status || head || !is_json(&media_type) {
        return None;
    }
    let schema = endpoint.answer.schema.as_ref()?;
    let value = serde_json::from_str::<Value>(&body).ok();
    let fits = value.as_ref().is_some_and(|value| schema.accepts(value));
    // What a document itself gives as an example is answered as it stands, whether it fits or not.
    let examples = endpoint.operation.responses.iter().flat_map(|response| &response.content).flat_map(|media| &media.examples);
    let given = value.is_some_and(|value| examples.into_iter().any(|example| *example == value));
    (!fits && !given && can_fit(schema)).then(|| format!("{status}, whose body does not fit {}: {body}", schema.pointer()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_any_document_is_answered() {
    let (mut asked, mut successes, mut failed) = (0, 0, Vec::new());
    for seed in 0..SERVED {
        let mut draw = Draw::new(seed);
        let mut document = draw.document();
        if seed % 4 == 3 {
            document = broken(&mut draw, &document);
        }
        let text = if seed % 2 == 0 { as_yaml(&document) } else { as_json(&document) };
        let text = if seed % 16 == 15 { cut(&mut draw, &text) } else { text };
        let Ok(contract) =
            Document::parse("drawn", &text).map_err(|fault| vec![fault]).and_then(|document| Contract::compile("drawn", &document))
        else {
            continue;
        };
        let server = MockServer::start(contract.clone()).await.expect("a free port");
        for endpoint in &contract.endpoints {
            let answer = tokio::task::block_in_place(|| ask(&server, endpoint));
            asked += 1;
            successes += usize::from(answer.as_ref().is_some_and(|(status, ..)| *status == endpoint.answer.status));
            failed.extend(wrong(endpoint, answer).map(|words| format!("{seed} {}: {words}", endpoint.name())));
        }
        server.stop().await;
    }
    assert!(failed.is_empty(), "{} of {asked}:\n{}", failed.len(), failed.join("\n"));
    assert!(asked > 200 && successes > asked / 8, "{successes} of {asked} succeeded");
}
