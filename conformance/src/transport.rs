//! The transport: requests out, responses in, with nothing that a client would do by itself: no redirects, no retries, no proxies.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use specs::wire::{Request, Response};

use crate::manners::{MOST_RETRIES, Pace, Patience, Rate, asked_to_wait};
use crate::options::Target;

/// A body longer than this is cut: a hostile target must not fill the memory.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// Sends requests to a target.
#[derive(Debug)]
pub(crate) struct Transport {
    client: reqwest::Client,
    pace: Pace,
    patience: Patience,
}

/// Why no response came.
#[derive(Debug, thiserror::Error)]
#[error("{url} does not answer: {reason}; is it running there, and is the address right?")]
pub struct Unreachable {
    url: String,
    reason: String,
}

impl Transport {
    /// For a target that is asked over TLS, if it is `secure`.
    pub(crate) fn new(rate: Option<Rate>, secure: bool) -> Self {
        // A second installation is refused and needless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder();
        // Reading the system's certificates takes longer than many a run; a target without TLS needs none.
        let client = if secure { client } else { client.tls_certs_only([]) };
        let client = client
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .build()
            .expect("the client's settings are constant");
        Self { client, pace: Pace::new(rate), patience: Patience::default() }
    }

    /// Sends a request; one that came too soon is sent again when the target wants it.
    pub(crate) async fn send(&self, target: &Target, request: &Request) -> Result<Response, Unreachable> {
        Ok(self.send_and_tell(target, request).await?.0)
    }

    /// The same, with whether it was sent again after a failure: of a 503 nobody can say whether it was carried out all the same (RFC 9110,
    /// section 15.6.4).
    pub(crate) async fn send_and_tell(&self, target: &Target, request: &Request) -> Result<(Response, bool), Unreachable> {
        let mut doubtful = false;
        for _ in 0..MOST_RETRIES {
            let response = self.send_once(target, request).await?;
            let Some(wait) = asked_to_wait(&response) else { return Ok((response, doubtful)) };
            doubtful |= response.status.is_server_error();
            self.wait(target, wait).await?;
        }
        Ok((self.send_once(target, request).await?, doubtful))
    }

    /// Sends a request for which it matters that it is carried out once: again only if it was refused because it came too soon.
    pub(crate) async fn send_in_race(&self, target: &Target, request: &Request) -> Result<Response, Unreachable> {
        for _ in 0..MOST_RETRIES {
            let response = self.send_once(target, request).await?;
            match asked_to_wait(&response).filter(|_| !response.status.is_server_error()) {
                Some(wait) => self.wait(target, wait).await?,
                None => return Ok(response),
            }
        }
        self.send_once(target, request).await
    }

    /// Waits as the target wishes, as long as patience lasts.
    async fn wait(&self, target: &Target, wait: Duration) -> Result<(), Unreachable> {
        if !self.patience.lasts(wait) {
            let reason = "it has asked to be left alone for more than an hour in all; `--rate` sends less at a time".to_owned();
            return Err(Unreachable { url: target.url().to_owned(), reason });
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    async fn send_once(&self, target: &Target, request: &Request) -> Result<Response, Unreachable> {
        self.pace.wait().await;
        let url = format!("{}{}", target.url(), request.target());
        let failed = |error: &reqwest::Error| Unreachable { url: target.url().to_owned(), reason: innermost(error) };
        let outgoing = self.client.request(request.method.clone(), &url).headers(request.headers.clone()).body(request.body.clone());
        let mut incoming = outgoing.send().await.map_err(|error| failed(&error))?;
        let mut response = Response::new(incoming.status().as_u16());
        response.headers = incoming.headers().clone();
        let mut body = BytesMut::new();
        while let Some(chunk) = incoming.chunk().await.map_err(|error| failed(&error))? {
            body.extend_from_slice(&chunk[..chunk.len().min(LONGEST_BODY - body.len())]);
            if body.len() == LONGEST_BODY {
                break;
            }
        }
        response.body = Bytes::from(body);
        Ok(response)
    }
}

/// The cause behind the causes: the URL in between is the user's own and may hold a secret.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.is_timeout() { "it took too long".to_owned() } else { cause.to_string() }
}
