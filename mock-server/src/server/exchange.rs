//! An exchange: one request and its answer.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use specs::wire::{Request, Response};

use crate::host::Host;

/// How much of a body that is too large is read to its end, in bytes: a client that is still sending would not hear the answer.
const DRAINED: u64 = 16 * 1024 * 1024;

/// A body as far as it matters.
enum Received {
    Whole(Bytes),
    TooLarge,
}

/// Answers a request. An error breaks the connection off: the client has gone before it had said everything.
pub(super) async fn exchange(host: &Host, incoming: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = incoming.into_parts();
    let mut request = Request::new(parts.method, parts.uri.path());
    request.query = parts.uri.query().map(str::to_owned);
    request.headers = parts.headers;
    let limit = host.largest_body(&request.path);
    let response = match receive(body, limit, awaits_permission(&request)).await? {
        Received::Whole(bytes) => {
            request.body = bytes;
            host.answer(request, seconds())
        }
        Received::TooLarge => host.refuse_too_large(request),
    };
    Ok(outgoing(response))
}

/// Whether the client sends its body only when it is told to (RFC 9110, section 10.1.1).
fn awaits_permission(request: &Request) -> bool {
    request.header("expect").is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue"))
}

/// Reads a body up to a limit. Of what is too large, a part is read and forgotten, unless the client has not begun to send it.
async fn receive(mut body: Incoming, limit: usize, awaits_permission: bool) -> Result<Received, hyper::Error> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    if awaits_permission && body.size_hint().lower() > most {
        return Ok(Received::TooLarge);
    }
    let (mut whole, mut length) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length += u64::try_from(data.len()).unwrap_or(u64::MAX);
        if length <= most {
            whole.extend_from_slice(&data);
        } else if length > most.saturating_add(DRAINED) {
            break;
        }
    }
    Ok(if length > most { Received::TooLarge } else { Received::Whole(whole.freeze()) })
}

fn outgoing(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut outgoing = hyper::Response::new(Full::new(response.body));
    *outgoing.status_mut() = response.status;
    *outgoing.headers_mut() = response.headers;
    outgoing
}

/// Seconds since 1970 by the machine's clock.
fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
