//! Targets that mean harm, byte by byte: a run ends with a report or one clear line, sends its credentials nowhere else, and stays small.

#[expect(dead_code, reason = "what is found does not matter here")]
mod judged;
#[expect(dead_code, reason = "its document and its callers are all that is needed here")]
mod vault;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use conformance::{Format, Report, RunError, run};
use judged::options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vault::{contract, credentials, parameters};

/// What a target says to whatever it is asked.
type Say = fn(&str) -> Vec<u8>;

const SCRIPT: &str = "<script>alert(document.cookie)</script>";

/// Sixty-four mebibytes of blanks, packed three times: a parcel of 247 bytes, in base64.
const BOMB: &str = "H4sIAAAAAAACA5Pv5mAAASbmt3cW+jkVihx4uDrGbPlshwK25u2/2ETYJE6wnT3HbjCr1XDyzZ8sLHIHep/llDXdqmCYlKxy92q1/OP6ffpzax\
    7dvPn+S6H+6jdm1/InZ0mI++9PP/75Lw/QYI87P7Jv3VjZtuiPRGwMI1Bg5e5M2WdfAx88/5WSIQvkT9jTHrc9tp6j5v79Z9dACk5a31rH9lX3\
    wd6alzG32IECKu+DDUBudBIEGdgQwcIMpBTEDoLEONzAUkmEpdL25gXasm0xfxr7f89MoD0CJx8l7K2p/Sf/yb7oM8epx/8YGADfr8g5DQEAAA\
    ==";

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes(), body].concat()
}

fn json(body: &str) -> Vec<u8> {
    answer("200 OK\r\ncontent-type: application/json", body.as_bytes())
}

/// A target on loopback, how many connections it has had, and its URL.
async fn target(say: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> (Arc<AtomicUsize>, SocketAddr) {
    let say = Arc::new(say);
    connected(move |client| {
        let say = Arc::clone(&say);
        // Who breaks a connection off here has done what it is there for.
        async move { drop(tell(client, say.as_ref()).await) }
    })
    .await
}

/// A target that does with each connection as it likes.
async fn connected<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> (Arc<AtomicUsize>, SocketAddr) {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(client));
        }
    });
    (asked, address)
}

async fn tell(mut client: TcpStream, say: &(impl Fn(&str) -> Vec<u8> + Sync)) -> std::io::Result<()> {
    let mut request = vec![0; 64 * 1024];
    let size = client.read(&mut request).await?;
    let request = String::from_utf8_lossy(&request[..size]).into_owned();
    client.write_all(&say(&request)).await?;
    client.shutdown().await?;
    // What is still on its way is read: a reset would take the answer with it.
    while client.read(&mut [0; 4096]).await? > 0 {}
    Ok(())
}

async fn judged_target(address: SocketAddr) -> Result<Report, RunError> {
    let mut options = options(&format!("http://{address}/api"), &credentials(), parameters(), 0);
    options.max_requests = 20;
    run(&contract(), &options).await
}

/// A run's whole output, in every form, or its one line.
async fn output(say: Say) -> String {
    let (_, address) = target(say).await;
    match judged_target(address).await {
        Ok(report) => {
            let forms = [Format::Terminal, Format::Json, Format::Html, Format::Markdown, Format::Sarif, Format::Junit];
            let rendered = forms.map(|form| report.render(form).unwrap_or_else(|leak| leak.to_string()));
            rendered.concat()
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.contains('\n') && line.len() < 400, "{line}");
            line
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_target_says_a_run_ends_with_a_report_or_a_line() {
    let deep = |_: &str| json(&format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)));
    let says: [(&str, Say); 13] = [
        ("nothing", |_| Vec::new()),
        ("no HTTP", |_| b"\x16\x03\x01 SSH-2.0-target\r\n".to_vec()),
        ("a head without end", |_| [b"HTTP/1.1 200 OK\r\nx: ".as_slice(), &vec![b'x'; 2 << 20]].concat()),
        ("a thousand headers", |_| answer(&format!("200 OK{}", "\r\nx-many: 1".repeat(1_000)), b"{}")),
        ("a header that is none", |_| answer("200 OK\r\nno colon here", b"{}")),
        ("a length that lies", |_| b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{}".to_vec()),
        ("two lengths", |_| b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}".to_vec()),
        ("chunks that break", |_| b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}".to_vec()),
        ("a status that is none", |_| answer("999 Beyond", b"{}")),
        ("deep JSON", deep),
        ("numbers without end", |_| json(&format!("[{}]", "9".repeat(1 << 20)))),
        ("text that is none", |_| answer("200 OK\r\ncontent-type: application/json; charset=utf-7", &[0xff; 4096])),
        ("far too much", |_| answer("200 OK\r\ncontent-type: application/json", &vec![b'['; 12 << 20])),
    ];
    for (name, say) in says {
        assert!(!output(say).await.is_empty(), "{name}");
    }
}

/// An answer goes on until the client leaves: no run reads it to the end that it does not have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_without_end_is_left() {
    let left = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&left);
    let (asked, address) = connected(move |mut client| {
        let count = Arc::clone(&count);
        async move {
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
            let _ = client.read(&mut [0; 4096]).await;
            let chunk = [b"2000\r\n".as_slice(), &[b'['; 1 << 13], b"\r\n"].concat();
            let mut sent = client.write_all(head).await;
            while sent.is_ok() {
                sent = client.write_all(&chunk).await;
            }
            count.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let report = judged_target(address).await;
    assert!(report.as_ref().map_or(true, |report| !report.conforms()), "{report:?}");
    assert!(asked.load(Ordering::SeqCst) > 0);
    while left.load(Ordering::SeqCst) < asked.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
}

/// A target says half of an answer, closes its end, and listens on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_half_closed_ends() {
    let (asked, address) = connected(|client| async move {
        let (mut ear, mut mouth) = client.into_split();
        let _ = ear.read(&mut [0; 4096]).await;
        // Half an answer, and then no more of it.
        let _ = mouth.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 64\r\n\r\n{\"secrets\"").await;
        drop(mouth);
        while ear.read(&mut [0; 4096]).await.is_ok_and(|size| size > 0) {}
    })
    .await;
    let ended = judged_target(address).await;
    assert!(ended.as_ref().map_or(true, |report| !report.conforms()), "{ended:?}");
    assert!(asked.load(Ordering::SeqCst) > 0);
}

/// A body that says it is packed is judged as it came: nothing is unpacked, however small the parcel of something huge is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_unpacked() {
    let bomb = STANDARD.decode(BOMB).expect("base64");
    for coding in ["gzip, gzip, gzip", "gzip", "br", "deflate", "zstd"] {
        let bomb = bomb.clone();
        let packed = move |request: &str| {
            assert!(!request.to_lowercase().contains("accept-encoding"), "it has asked for it: {request}");
            answer(&format!("200 OK\r\ncontent-type: application/json\r\ncontent-encoding: {coding}"), &bomb)
        };
        let (asked, address) = target(packed).await;
        let ended = judged_target(address).await;
        assert!(ended.as_ref().map_or(true, |report| !report.conforms()), "{coding}: {ended:?}");
        assert!(asked.load(Ordering::SeqCst) > 0, "{coding}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_elsewhere_takes_no_credentials_along() {
    let (elsewhere, other) = target(|_| json("{}")).await;
    let leads = move |_: &str| answer(&format!("307 Temporary Redirect\r\nlocation: http://{other}/stolen"), b"");
    let (asked, address) = target(leads).await;
    let ended = judged_target(address).await;
    assert!(ended.as_ref().map_or(true, |report| !report.conforms()), "{ended:?}");
    assert!(asked.load(Ordering::SeqCst) > 0);
    assert_eq!(elsewhere.load(Ordering::SeqCst), 0, "it was followed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_in_answers_are_text_in_reports() {
    let told = output(|_| {
        let body = format!(r#"{{"{SCRIPT}":1,"id":"{SCRIPT}","name":"{SCRIPT}","secrets":[{{"{SCRIPT}":"{SCRIPT}"}}]}}"#);
        answer(&format!("200 {SCRIPT}\r\ncontent-type: application/json\r\nx-frame: {SCRIPT}"), body.as_bytes())
    })
    .await;
    let html = told.find("<!doctype html>").map_or_else(|| panic!("{told}"), |start| &told[start..]);
    assert!(!html.contains(SCRIPT), "it would run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_always_asks_to_wait_is_not_waited_for_without_end() {
    let (asked, address) = target(|_| answer("429 Too Many Requests\r\nretry-after: 0", b"{}")).await;
    let ended = judged_target(address).await;
    assert!(ended.as_ref().map_or(true, |report| !report.conforms()), "{ended:?}");
    assert!(asked.load(Ordering::SeqCst) < 1_000);
}
