//! A client that costs as little as possible: bytes that are ready before the clock starts, and answers that are only measured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What a turn has come to.
pub(crate) struct Measured {
    /// Requests per second.
    pub(crate) per_second: f64,
    /// The time that ninety-nine of a hundred requests took at most.
    pub(crate) slowest_hundredth: Duration,
}

/// The bytes of a request with this token.
pub(crate) fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let length =
        if body.is_empty() { String::new() } else { format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()) };
    format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: {token}\r\n{length}\r\n{body}").into_bytes()
}

/// Sends so many requests over so many connections, one at a time over each.
pub(crate) async fn measure(server: SocketAddr, requests: usize, connections: usize, make: impl Fn(usize) -> Vec<u8>) -> Measured {
    let mut shares: Vec<Vec<Vec<u8>>> = (0..connections).map(|_| Vec::new()).collect();
    (0..requests).for_each(|number| shares[number % connections].push(make(number)));
    let mut opened = Vec::new();
    for share in shares {
        let stream = TcpStream::connect(server).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket of the loopback interface");
        opened.push((stream, Arc::new(share)));
    }
    let began = Instant::now();
    let mut senders = JoinSet::new();
    for (stream, share) in opened {
        senders.spawn(send_all(stream, share));
    }
    let mut times: Vec<Duration> = senders.join_all().await.into_iter().flatten().collect();
    let took = began.elapsed();
    times.sort_unstable();
    let hundredth = times.len() - 1 - times.len() / 100;
    let count = u32::try_from(times.len()).expect("a turn is small");
    Measured { per_second: f64::from(count) / took.as_secs_f64(), slowest_hundredth: times[hundredth] }
}

async fn send_all(mut stream: TcpStream, requests: Arc<Vec<Vec<u8>>>) -> Vec<Duration> {
    let mut times = Vec::with_capacity(requests.len());
    let mut buffer = Vec::with_capacity(64 * 1024);
    for request in requests.iter() {
        let began = Instant::now();
        stream.write_all(request).await.expect("the server reads");
        receive(&mut stream, &mut buffer).await;
        times.push(began.elapsed());
    }
    times
}

/// Reads one answer, which must be a success: a refusal is no work.
async fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    loop {
        assert!(stream.read_buf(buffer).await.expect("the server answers") > 0, "the server has closed the connection");
        let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).expect("a head is ASCII");
        assert!(text.starts_with("HTTP/1.1 2"), "{text}");
        let length = text.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        let whole = head + 4 + length.expect("both servers tell the length");
        while buffer.len() < whole {
            assert!(stream.read_buf(buffer).await.expect("the server answers") > 0, "the server has closed the connection");
        }
        return;
    }
}
