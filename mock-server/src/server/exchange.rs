//! An exchange: one request and its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use specs::wire::Request;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::outgoing::Outgoing;
use super::patience::PATIENCE;
use crate::delivery::{Delivery, Manner, Reply};
use crate::host::{Host, plain};

/// How much of a body that is too large is read to its end, in bytes: a client that is still sending would not hear the answer.
const DRAINED: u64 = 16 * 1024 * 1024;

/// A body as far as it matters.
enum Received {
    Whole(Bytes),
    TooLarge,
}

/// Why a connection is broken off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The client has gone before it had said everything.
    #[error(transparent)]
    Client(#[from] hyper::Error),
    /// The client takes too long.
    #[error("the client sends nothing any more")]
    Slow(#[from] Elapsed),
    /// The server is to do so.
    #[error("the connection is to be reset")]
    Reset,
}

/// Answers a request, which comes from this machine or not, or breaks the connection off.
pub(super) async fn exchange(host: &Host, near: bool, incoming: hyper::Request<Incoming>) -> Result<hyper::Response<Outgoing>, Broken> {
    let (parts, body) = incoming.into_parts();
    let mut request = Request::new(parts.method, parts.uri.path());
    request.query = parts.uri.query().map(str::to_owned);
    request.headers = parts.headers;
    let limit = host.largest_body(&request.path);
    let reply = match receive(body, limit, awaits_permission(&request)).await? {
        Received::Whole(bytes) => {
            request.body = bytes;
            let glimpse = host.glimpse(&request).await;
            guarded(|| host.answer(request, near, millis(), glimpse.as_ref()))
        }
        Received::TooLarge => guarded(|| host.refuse_too_large(request, millis())),
    };
    deliver(reply).await
}

/// An answer, or, if the server itself fails over this request, a 500 (RFC 9110, section 15.6.1): the others are still served.
fn guarded(answer: impl FnOnce() -> Reply) -> Reply {
    // No lock is lost to a panic: each is taken over as it was left.
    catch_unwind(AssertUnwindSafe(answer))
        .unwrap_or_else(|_| plain(500, "a fault of the mock's own; its error stream tells where\n").into())
}

/// Brings an answer to the client as it is to be brought.
async fn deliver(reply: Reply) -> Result<hyper::Response<Outgoing>, Broken> {
    let Delivery { delay, manner } = reply.delivery;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let body = match manner {
        Manner::Lost | Manner::Reset => return Err(Broken::Reset),
        Manner::Whole => Outgoing::whole(reply.response.body),
        Manner::Truncated => Outgoing::truncated(&reply.response.body),
        Manner::Slow(time) => Outgoing::slow(reply.response.body, time),
    };
    let mut outgoing = hyper::Response::new(body);
    *outgoing.status_mut() = reply.response.status;
    *outgoing.headers_mut() = reply.response.headers;
    Ok(outgoing)
}

/// Whether the client sends its body only when it is told to (RFC 9110, section 10.1.1).
fn awaits_permission(request: &Request) -> bool {
    request.header("expect").is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue"))
}

/// Reads a body up to a limit. Of what is too large, a part is read and forgotten, unless the client has not begun to send it.
async fn receive(mut body: Incoming, limit: usize, awaits_permission: bool) -> Result<Received, Broken> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    if awaits_permission && body.size_hint().lower() > most {
        return Ok(Received::TooLarge);
    }
    let (mut first, mut rest, mut length) = (Bytes::new(), BytesMut::new(), 0);
    while let Some(frame) = timeout(PATIENCE, body.frame()).await? {
        let Ok(data) = frame?.into_data() else { continue };
        length += u64::try_from(data.len()).unwrap_or(u64::MAX);
        if length <= most && first.is_empty() {
            first = data;
        } else if length <= most {
            rest.extend_from_slice(&data);
        } else if length > most.saturating_add(DRAINED) {
            break;
        }
    }
    if length > most {
        return Ok(Received::TooLarge);
    }
    if rest.is_empty() {
        // Most bodies come in one piece, and stay where they are.
        return Ok(Received::Whole(first));
    }
    let mut whole = BytesMut::from(first);
    whole.unsplit(rest);
    Ok(Received::Whole(whole.freeze()))
}

/// Milliseconds since 1970 by the machine's clock.
pub(super) fn millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_its_own_is_a_500_that_tells_nothing() {
        let value = "kX93hd7Qw2Z".to_owned();
        let reply = guarded(|| panic!("no room for {value}"));
        assert_eq!(reply.response.status.as_u16(), 500);
        assert!(!String::from_utf8_lossy(&reply.response.body).contains(&value));
    }
}
