//! A connection: exchanges one after the other, until the client or the server has enough.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::exchange::{Broken, exchange};
use super::patience::{LARGEST_HEAD, PATIENCE, Patient};
use crate::host::Host;

/// Serves one connection, over TLS where that is asked for.
pub(super) async fn accept(stream: TcpStream, tls: Option<TlsAcceptor>, host: Arc<Host>, mut stop: watch::Receiver<()>) {
    // A socket that cannot be told so is slower, no more.
    let _ = stream.set_nodelay(true);
    // Of what has ended already nobody can tell where it came from.
    let near = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
    let Some(tls) = tls else { return serve(stream, |stream| stream, near, host, stop).await };
    tokio::select! {
        // Who does not get through the handshake was told why by it; who takes too long for it is not.
        shaken = timeout(PATIENCE, tls.accept(stream)) => if let Ok(Ok(stream)) = shaken {
            serve(stream, |stream| stream.get_ref().0, near, host, stop).await;
        },
        _ = stop.changed() => {}
    }
}

/// Serves what comes over a stream; when the server stops, the exchange that is going on is the last.
async fn serve<S>(stream: S, socket: fn(&S) -> &TcpStream, near: bool, host: Arc<Host>, mut stop: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let reset = AtomicBool::new(false);
    let service = service_fn(|request| {
        Box::pin(async {
            let answered = exchange(&host, near, request).await;
            reset.fetch_or(matches!(answered, Err(Broken::Reset)), Ordering::Relaxed);
            answered
        })
    });
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_header_size(LARGEST_HEAD);
    let mut connection = protocol.serve_connection(TokioIo::new(Patient::new(stream, PATIENCE)), service);
    // Whether the client keeps to the protocol or not: when this ends, the connection is over.
    let stopping = tokio::select! {
        _ = poll_fn(|context| connection.poll_without_shutdown(context)) => false,
        _ = stop.changed() => true,
    };
    if stopping {
        Pin::new(&mut connection).graceful_shutdown();
        let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    }
    let mut stream = connection.into_parts().io.into_inner().stream;
    if reset.load(Ordering::Relaxed) {
        // Without lingering a socket that is closed resets its connection (RFC 9293, section 3.5.3), which is what is wanted here.
        let _ = socket(&stream).set_zero_linger();
        return;
    }
    // Who has gone already cannot be told.
    let _ = stream.shutdown().await;
}
