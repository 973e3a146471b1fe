//! What only a server of bare bytes sends: HTTP libraries do not let a server go so wrong.

mod judged;
#[expect(dead_code, reason = "the vault is right here, and what stands before it is not")]
mod vault;

use std::net::SocketAddr;

use judged::{found, options, told};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vault::{Defect, contract, credentials, parameters, start};

/// How a 204 begins, and what makes one of it that announces a body.
const PLAIN: &[u8] = b"HTTP/1.1 204 No Content\r\n";
const ANNOUNCED: &[u8] = b"HTTP/1.1 204 No Content\r\nconnection: close\r\ncontent-length: 2\r\n";

/// Stands before a server and adds a body to each of its 204s.
async fn before(server: &str) -> String {
    let address: SocketAddr = server.trim_start_matches("http://").trim_end_matches("/api").parse().expect("an address");
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a free port");
    let url = format!("http://{}/api", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(async move { carry(client, address).await });
        }
    });
    url
}

/// Carries one connection's bytes, until a 204 ends it.
async fn carry(client: TcpStream, address: SocketAddr) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(address).await?.into_split();
    let forth = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut answer = vec![0; 64 * 1024];
    loop {
        let size = from_server.read(&mut answer).await?;
        if size == 0 {
            break;
        }
        if let Some(rest) = answer[..size].strip_prefix(PLAIN) {
            to_client.write_all(&[ANNOUNCED, rest, b"{}"].concat()).await?;
            break;
        }
        to_client.write_all(&answer[..size]).await?;
    }
    to_client.shutdown().await?;
    forth.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_behind_a_204_is_told() {
    let server = start(Defect::Nothing).await;
    let report = found(&contract(), &options(&before(&server.url).await, &credentials(), parameters(), 0)).await;
    assert_eq!(told(&report), ["http/no-content-has-no-body 1"], "{report}");
    assert!(server.names().is_empty(), "what was made is removed");
}
