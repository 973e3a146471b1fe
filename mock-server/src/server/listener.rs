//! The listener: accepts connections until the server stops.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::connection;
use super::patience::MOST_CONNECTIONS;
use crate::host::Host;

/// How long answers on their way may take when the server stops.
const GRACE: Duration = Duration::from_secs(1);

/// How long the listener rests when the system has no room for another connection.
const REST: Duration = Duration::from_millis(50);

/// Serves until the other end of `stop` is dropped; then no connection is taken any more, and those there are end.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, host: Arc<Host>, mut stop: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection::accept(stream, tls.clone(), Arc::clone(&host), stop.clone()))),
                Err(error) => rest_after(&error).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    // What has not ended by then is broken off with the set.
    let _ = tokio::time::timeout(GRACE, all).await;
}

/// A connection that its client gave up is nothing to the others; where the system is short of something, others may give it back.
async fn rest_after(error: &io::Error) {
    let given_up = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionReset];
    if !given_up.contains(&error.kind()) {
        tokio::time::sleep(REST).await;
    }
}
