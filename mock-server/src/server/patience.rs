//! Patience with clients: how long the server waits for one of them, and for how many of them it has room.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// So many connections are served at a time; who comes next waits until one of them ends.
pub(super) const MOST_CONNECTIONS: usize = 4_096;

/// So long a client may take for the head of a request, for each part of its body, and for taking in a part of an answer. A connection on
/// which nothing is asked ends after it as well.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// The largest head of a request, in bytes; what is larger is refused with 431 (RFC 6585, section 5). A target of more than 64 KiB is refused
/// with 414 (RFC 9110, section 15.5.15) before that.
pub(super) const LARGEST_HEAD: usize = 128 * 1024;

/// A stream that gives up when its peer takes in nothing for too long.
#[derive(Debug)]
pub(super) struct Patient<S> {
    pub(super) stream: S,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(super) const fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, waiting: None }
    }

    /// Passes on what came of a write, unless it has been waited for too long.
    fn waited<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        waiting.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.waited(context, written)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.waited(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.waited(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.waited(context, shut)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn who_takes_nothing_in_is_given_up() {
        let (near, far) = duplex(4);
        let mut patient = Patient::new(near, Duration::from_millis(1));
        let given_up = patient.write_all(b"more than there is room for").await.expect_err("nobody reads");
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
        drop(far);
    }

    #[tokio::test]
    async fn who_takes_it_in_piece_by_piece_gets_all_of_it() {
        let (near, mut far) = duplex(4);
        let mut patient = Patient::new(near, PATIENCE);
        let reader = tokio::spawn(async move {
            let mut told = String::new();
            far.read_to_string(&mut told).await.expect("text");
            told
        });
        patient.write_all(b"slowly, but it gets there").await.expect("somebody reads");
        drop(patient);
        assert_eq!(reader.await.expect("it has read"), "slowly, but it gets there");
    }
}
