//! What every connection to a mock may rely on, byte by byte.

use mock_server::MockServer;
use specs::{Profile, Spec};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const HEALTH: &str = "GET /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n";
const SECRETS: &str = "/v1/apps/1/secrets";

async fn spice() -> MockServer {
    let contract = Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid");
    MockServer::start(contract).await.expect("a free port")
}

async fn connect(server: &MockServer) -> TcpStream {
    TcpStream::connect(server.address()).await.expect("a connection")
}

/// Reads until these words have come.
async fn read_to(stream: &mut TcpStream, words: &str) -> String {
    let mut told = Vec::new();
    while !String::from_utf8_lossy(&told).contains(words) {
        let read = stream.read_buf(&mut told).await.expect("bytes");
        assert_ne!(read, 0, "the connection ended before `{words}`: {}", String::from_utf8_lossy(&told));
    }
    String::from_utf8_lossy(&told).into_owned()
}

fn create(length: usize, more: &str) -> String {
    let head = "host: localhost\r\nauthorization: Bearer test-admin\r\ncontent-type: application/json";
    format!("POST {SECRETS} HTTP/1.1\r\n{head}\r\ncontent-length: {length}\r\n{more}\r\n")
}

/// The names of the secrets that there are.
async fn listed(server: &MockServer) -> String {
    let mut stream = connect(server).await;
    let head = "host: localhost\r\nauthorization: Bearer test-admin\r\nconnection: close";
    stream.write_all(format!("GET {SECRETS} HTTP/1.1\r\n{head}\r\n\r\n").as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn a_body_that_is_too_large_is_read_to_its_end_and_the_connection_goes_on() {
    let server = spice().await;
    let mut stream = connect(&server).await;
    let body = vec![b'x'; 9 << 20];
    stream.write_all(create(body.len(), "").as_bytes()).await.expect("sent");
    // The whole body is written before anything is read: no broken pipe.
    stream.write_all(&body).await.expect("sent");
    // The document names no 413: the status is the nearest that it names.
    assert!(read_to(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    stream.write_all(HEALTH.as_bytes()).await.expect("the same connection");
    read_to(&mut stream, "HTTP/1.1 200").await;
}

#[tokio::test]
async fn who_asks_before_sending_is_told_before_sending() {
    let server = spice().await;
    let mut stream = connect(&server).await;
    stream.write_all(create(9 << 20, "expect: 100-continue\r\n").as_bytes()).await.expect("sent");
    assert!(read_to(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    let mut stream = connect(&server).await;
    let body = r#"{"name":"KEY","value":"v"}"#;
    stream.write_all(create(body.len(), "expect: 100-continue\r\n").as_bytes()).await.expect("sent");
    read_to(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n").await;
    stream.write_all(body.as_bytes()).await.expect("sent");
    read_to(&mut stream, "HTTP/1.1 200").await;
}

#[tokio::test]
async fn a_request_that_breaks_off_changes_nothing() {
    let server = spice().await;
    let mut stream = connect(&server).await;
    let body = r#"{"name":"KEY","value":"v"}"#;
    stream.write_all(create(body.len() + 1, "").as_bytes()).await.expect("sent");
    stream.write_all(body.as_bytes()).await.expect("sent");
    stream.shutdown().await.expect("half of the connection is closed");
    let mut told = String::new();
    stream.read_to_string(&mut told).await.expect("the end");
    assert_eq!(told, "");
    assert!(!listed(&server).await.contains("KEY"));
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_the_server_goes_on() {
    let server = spice().await;
    let mut stream = connect(&server).await;
    stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n").await.expect("sent");
    let mut told = Vec::new();
    stream.read_to_end(&mut told).await.expect("the end");
    assert!(told.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&told));
    assert!(listed(&server).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn requests_in_one_go_are_answered_one_after_the_other() {
    let server = spice().await;
    let mut stream = connect(&server).await;
    stream.write_all(format!("{HEALTH}{HEALTH}GET /v1/nothing HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await.expect("sent");
    let told = read_to(&mut stream, "HTTP/1.1 404").await;
    assert_eq!(told.matches("HTTP/1.1 200").count(), 2, "{told}");
}

#[tokio::test]
async fn a_stopped_server_ends_its_connections_and_frees_its_port() {
    let server = spice().await;
    let address = server.address();
    let mut idle = connect(&server).await;
    idle.write_all(HEALTH.as_bytes()).await.expect("sent");
    read_to(&mut idle, "HTTP/1.1 200").await;
    server.stop().await;
    idle.read_to_end(&mut Vec::new()).await.expect("the connection has ended");
    TcpListener::bind(address).await.expect("the port is free");
}

#[tokio::test]
async fn a_dropped_server_ends_its_connections() {
    let server = spice().await;
    let mut idle = connect(&server).await;
    idle.write_all(HEALTH.as_bytes()).await.expect("sent");
    read_to(&mut idle, "HTTP/1.1 200").await;
    drop(server);
    idle.read_to_end(&mut Vec::new()).await.expect("the connection has ended");
}

/// Sends bytes that are no whole request, or too much of one, and reads what comes back until the connection ends.
async fn refused(server: &MockServer, bytes: &[u8]) -> String {
    let mut stream = connect(server).await;
    // The server may end the connection before it has read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut told = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut told).await {}
    String::from_utf8_lossy(&told).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn heads_and_targets_have_a_limit_and_the_server_goes_on() {
    let server = spice().await;
    let head = |more: &str| format!("GET /v1/health HTTP/1.1\r\nhost: localhost\r\n{more}\r\n");
    let large = head(&format!("x-large: {}\r\n", "x".repeat(140_000)));
    assert_eq!(refused(&server, large.as_bytes()).await, "HTTP/1.1 431 Request Header Fields Too Large");
    let many = "x-many: x\r\n".repeat(200);
    assert_eq!(refused(&server, head(&many).as_bytes()).await, "HTTP/1.1 431 Request Header Fields Too Large");
    let endless = format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "x".repeat(65_535));
    assert_eq!(refused(&server, endless.as_bytes()).await, "HTTP/1.1 414 URI Too Long");
    let long = format!("GET /v1/{}/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", "x/".repeat(20_000));
    assert_eq!(refused(&server, long.as_bytes()).await, "HTTP/1.1 404 Not Found");
    assert!(listed(&server).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn json_that_is_nested_without_end_is_a_bad_request() {
    let server = spice().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let body = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        let mut stream = connect(&server).await;
        stream.write_all(create(body.len(), "").as_bytes()).await.expect("sent");
        stream.write_all(body.as_bytes()).await.expect("sent");
        assert!(read_to(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 400"), "{open}");
    }
    assert!(listed(&server).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn lengths_that_lie_and_chunks_that_break_change_nothing() {
    let server = spice().await;
    let head = "host: localhost\r\nauthorization: Bearer test-admin\r\ncontent-type: application/json";
    let body = r#"{"name":"KEY","value":"v"}"#;
    for lie in [
        format!("POST {SECRETS} HTTP/1.1\r\n{head}\r\ncontent-length: 5\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
        format!("POST {SECRETS} HTTP/1.1\r\n{head}\r\ncontent-length: -1\r\n\r\n{body}"),
        format!("POST {SECRETS} HTTP/1.1\r\n{head}\r\ncontent-length: 99999999999999999999999\r\n\r\n{body}"),
        format!("POST {SECRETS} HTTP/1.1\r\n{head}\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n{body}\r\n0\r\n\r\n"),
        format!("POST {SECRETS} HTTP/1.1\r\n{head}\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{body}"),
        format!("POST {SECRETS} HTTP/1.1\r\n{head}\r\ntransfer-encoding: gzip\r\n\r\n{body}"),
        format!("POST {SECRETS} HTTP/1.1\r\n{head}\r\ncontent-length: 5\r\n\r\n{body}"),
    ] {
        let told = refused(&server, lie.as_bytes()).await;
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 4"), "{told} for {lie}");
    }
    assert!(!listed(&server).await.contains("KEY"));
}

/// What a connection gets for bytes that are drawn by chance from the words of HTTP, from what stands in requests, and from nothing.
#[tokio::test]
async fn no_bytes_end_the_server() {
    let server = spice().await;
    let words: [&[u8]; 22] = [
        b"GET ",
        b"POST ",
        b"PUT",
        b"/v1/apps/1/secrets",
        b"/~one/",
        b"/_lockstep/",
        b"state",
        b"?limit=",
        b"%00%ff%2e%2e/",
        b" HTTP/1.1\r\n",
        b"HTTP/1.0",
        b"\r\n",
        b"\r\n\r\n",
        b"host: localhost\r\n",
        b"content-length: 7\r\n",
        b"transfer-encoding: chunked\r\n",
        b"authorization: Bearer test-admin\r\n",
        b"content-type: application/json\r\n",
        b"{\"name\":\"A\",\"value\":",
        b"\xff\xfe\x00",
        b"7\r\n",
        b"[[[[[[",
    ];
    let mut seed: u64 = 1;
    let mut draw = |most: usize| {
        // Knuth's multiplier: any sequence will do, the same in every run.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % most
    };
    for _ in 0..1_500 {
        let bytes: Vec<u8> = (0..draw(24)).flat_map(|_| words[draw(words.len())].iter().copied()).collect();
        let told = refused(&server, &bytes).await;
        assert!(told.is_empty() || told.starts_with("HTTP/1."), "{told}");
        assert!(!told.contains(" 500 "), "{}", String::from_utf8_lossy(&bytes));
    }
    assert!(listed(&server).await.starts_with("HTTP/1.1 200"));
}
