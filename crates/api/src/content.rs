//! The body of a response: whole in memory, or pieces that come as things happen.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::sync::mpsc;

/// See the module.
#[derive(Debug)]
pub struct Content(Kind);

#[derive(Debug)]
enum Kind {
    /// Taken when it is sent.
    Whole(Option<Bytes>),
    /// Ends when the sender is dropped.
    Pieces(mpsc::Receiver<Bytes>),
}

impl Content {
    /// All of it.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self(Kind::Whole(if bytes.is_empty() { None } else { Some(bytes) }))
    }

    /// Whatever is sent, until the sender is dropped.
    pub(crate) fn pieces(receiver: mpsc::Receiver<Bytes>) -> Self {
        Self(Kind::Pieces(receiver))
    }

    /// What was not sent yet, if all of it is in memory.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Whole(bytes) => bytes.as_ref(),
            Kind::Pieces(_) => None,
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.0 {
            Kind::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Pieces(receiver) => {
                receiver.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Kind::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Kind::Pieces(_) => SizeHint::default(),
        }
    }
}
