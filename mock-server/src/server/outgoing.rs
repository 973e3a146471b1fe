//! A body on its way out: in one piece, in many, or broken off.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// In how many pieces a slow body comes at most.
const PIECES: usize = 16;

/// How long a truncated body waits before it breaks off, so that what there is of it has gone out.
const BEFORE_THE_END: Duration = Duration::from_millis(5);

/// What is left of a body.
pub(super) struct Outgoing {
    rest: Bytes,
    /// How much of it is promised, in bytes.
    promised: usize,
    /// The size of a piece, in bytes.
    piece: usize,
    /// How long each piece, and the breaking off, takes.
    pause: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

/// The body has ended before it was whole, as it was to.
#[derive(Debug, thiserror::Error)]
#[error("the body is broken off")]
pub(super) struct BrokenOff;

impl Outgoing {
    pub(super) fn whole(body: Bytes) -> Self {
        let length = body.len();
        Self { rest: body, promised: length, piece: length, pause: Duration::ZERO, sleep: None }
    }

    /// The first half.
    pub(super) fn truncated(body: &Bytes) -> Self {
        let half = body.len() / 2;
        Self { promised: body.len(), piece: half, pause: BEFORE_THE_END, rest: body.slice(..half), sleep: None }
    }

    /// Small pieces, the last of them after so long.
    pub(super) fn slow(body: Bytes, time: Duration) -> Self {
        let piece = body.len().div_ceil(PIECES).max(1);
        let pieces = u32::try_from(body.len().div_ceil(piece)).unwrap_or(1).max(1);
        Self { promised: body.len(), piece, pause: time / pieces, rest: body, sleep: None }
    }

    fn is_over(&self) -> bool {
        self.promised == 0
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if self.is_over() {
            return Poll::Ready(None);
        }
        if !self.pause.is_zero() {
            let pause = self.pause;
            ready!(self.sleep.get_or_insert_with(|| Box::pin(sleep(pause))).as_mut().poll(context));
            self.sleep = None;
        }
        if self.rest.is_empty() {
            return Poll::Ready(Some(Err(BrokenOff)));
        }
        let size = self.piece.min(self.rest.len());
        self.promised -= size;
        let piece = self.rest.split_to(size);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.promised).unwrap_or(u64::MAX))
    }
}
