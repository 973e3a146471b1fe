//! TLS: for clients that insist on https.

use mock_server::{Builder, MockServer, Rule, StartError, Tls, TlsError};
use reqwest::{Certificate, Client, Version};
use specs::{Profile, Spec};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn spice() -> Builder {
    // Another test of this program may have chosen it already, and it is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    MockServer::builder().contract(Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid"))
}

fn trusting(certificate: &str) -> Client {
    let certificate = Certificate::from_pem(certificate.as_bytes()).expect("a certificate");
    Client::builder().no_proxy().tls_certs_only([certificate]).build().expect("a client")
}

#[tokio::test]
async fn a_certificate_that_is_made_is_good_for_the_loopback_names() {
    let server = spice().tls(Tls::made()).start().await.expect("a free port");
    let client = trusting(server.certificate().expect("one was made"));
    assert!(server.url().starts_with("https://127.0.0.1:"));
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{}/v1/health", server.address().port());
        let answer = client.get(url).send().await.expect("an answer");
        assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_11));
    }
    let other = spice().tls(Tls::made()).start().await.expect("a free port");
    let suspicious = trusting(other.certificate().expect("one was made"));
    suspicious.get(server.url()).send().await.expect_err("each server has an issuer of its own");
}

#[tokio::test]
async fn who_speaks_no_tls_gets_no_answer_and_the_server_goes_on() {
    let server = spice().tls(Tls::made()).start().await.expect("a free port");
    let mut stream = TcpStream::connect(server.address()).await.expect("a connection");
    stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("sent");
    let mut told = Vec::new();
    // The connection may end in order or not; it ends.
    let _ = stream.read_to_end(&mut told).await;
    assert!(!told.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&told));
    let client = trusting(server.certificate().expect("one was made"));
    assert_eq!(client.get(format!("{}/v1/health", server.url())).send().await.expect("an answer").status().as_u16(), 200);
    server.stop().await;
}

#[tokio::test]
async fn a_certificate_of_the_users_own_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("a certificate");
    let (certificate, key) = (folder.path().join("own.crt"), folder.path().join("own.key"));
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let server = spice().tls(Tls::files(&certificate, &key)).start().await.expect("a free port");
    assert_eq!(server.certificate(), None);
    let answer = trusting(&made.cert.pem()).get(format!("{}/v1/health", server.url())).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    let unfit = spice().tls(Tls::files(&certificate, folder.path().join("none.key"))).start().await.expect_err("there is no such file");
    assert!(matches!(unfit, StartError::Tls(TlsError::Unreadable { .. })), "{unfit}");
}

#[tokio::test]
async fn the_bad_day_is_the_same_over_tls() {
    let rule = |text: &str| text.parse::<Rule>().expect("a rule");
    let server = spice().tls(Tls::made()).fault(rule("reset-after,next=1")).fault(rule("truncated-body,next=2")).start().await;
    let server = server.expect("a free port");
    let client = trusting(server.certificate().expect("one was made"));
    let url = format!("{}/v1/health", server.url());
    client.get(&url).send().await.expect_err("it is reset");
    client.get(&url).send().await.expect("the head comes").bytes().await.expect_err("the body does not");
    assert_eq!(client.get(&url).send().await.expect("an answer").status().as_u16(), 200);
}
