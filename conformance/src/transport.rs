//! The transport: requests out, responses in, with nothing that a client would do by itself: no redirects, no retries, no proxies.

use std::time::Duration;

use specs::wire::{Request, Response};

use crate::connection::{Connections, Reason};
use crate::manners::{MOST_RETRIES, Pace, Patience, Rate, asked_to_wait};
use crate::options::Target;

/// Sends requests to a target.
#[derive(Debug)]
pub(crate) struct Transport {
    /// Or why there can be none.
    connections: Result<Connections, Reason>,
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
    /// To the server of a target.
    pub(crate) fn new(rate: Option<Rate>, target: &Target) -> Self {
        Self { connections: Connections::new(target), pace: Pace::new(rate), patience: Patience::default() }
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
        let failed = |reason| Unreachable { url: target.url().to_owned(), reason };
        let connections = self.connections.as_ref().map_err(|reason| failed(reason.clone()))?;
        connections.ask(target.path(), request).await.map_err(failed)
    }
}
