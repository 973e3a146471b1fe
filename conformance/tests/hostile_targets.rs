//! Targets that mean harm, byte by byte: a run ends with a report or one clear line, sends its credentials nowhere else, and stays small.

#[expect(dead_code, reason = "what is found does not matter here")]
mod judged;
#[expect(dead_code, reason = "its document and its callers are all that is needed here")]
mod vault;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conformance::{Format, Report, RunError, run};
use judged::options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vault::{contract, credentials, parameters};

/// What a target says to whatever it is asked.
type Say = fn(&str) -> Vec<u8>;

const SCRIPT: &str = "<script>alert(document.cookie)</script>";

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes(), body].concat()
}

fn json(body: &str) -> Vec<u8> {
    answer("200 OK\r\ncontent-type: application/json", body.as_bytes())
}

/// A target on loopback, how many connections it has had, and its URL.
async fn target(say: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> (Arc<AtomicUsize>, SocketAddr) {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (asked, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(say));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let say = Arc::clone(&counted);
            // Who breaks a connection off here has done what it is there for.
            tokio::spawn(async move { drop(tell(client, say.as_ref()).await) });
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
    let says: [(&str, Say); 14] = [
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
        ("a bomb", |_| {
            answer("200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff])
        }),
        ("far too much", |_| answer("200 OK\r\ncontent-type: application/json", &vec![b'['; 12 << 20])),
    ];
    for (name, say) in says {
        assert!(!output(say).await.is_empty(), "{name}");
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
