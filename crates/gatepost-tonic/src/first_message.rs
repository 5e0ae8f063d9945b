//! Reading the first message of a body: no more of it than was declared, and no byte of it twice.
//!
//! A message is framed by a flag, which says whether it is compressed, and its length in four bytes
//! ([gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md)). The body of a
//! client's stream goes on for as long as the client likes: it is never awaited whole.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use gatepost::{Code, Denial};
use gatepost_enforce::BodySource;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;

/// The flag and the length in front of a message.
const HEADER: usize = 5;

/// A request's body, of which the first message is read where a decision depends on it.
pub(crate) struct FirstMessage<B> {
    read: BytesMut,
    rest: B,
}

impl<B> FirstMessage<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    pub(crate) fn new(body: B) -> Self {
        Self {
            read: BytesMut::new(),
            rest: body,
        }
    }

    /// The body as the client sent it: what was read, then the rest.
    pub(crate) fn into_body(self) -> Replayed<B> {
        Replayed {
            read: self.read.freeze(),
            rest: self.rest,
        }
    }

    /// Reads until this many bytes are there.
    async fn fill(&mut self, wanted: usize) -> Result<(), Denial> {
        while self.read.len() < wanted {
            let Some(frame) = self.rest.frame().await else {
                return Err(Denial::bad_request(if self.read.is_empty() {
                    "there is no message, and the decision depends on it"
                } else {
                    "the message is cut short"
                }));
            };
            let frame = frame.map_err(|_| Denial::bad_request("the body could not be read"))?;
            // Trailers are the body's end, and the next frame says so.
            if let Ok(data) = frame.into_data() {
                self.read.extend_from_slice(&data);
            }
        }
        Ok(())
    }
}

impl<B> BodySource for FirstMessage<B>
where
    B: Body<Data = Bytes> + Unpin + Send,
    B::Error: Send,
{
    async fn read(&mut self, limit: usize) -> Result<Bytes, Denial> {
        self.fill(HEADER).await?;
        let length = match *self.read {
            [0, a, b, c, d, ..] => u32::from_be_bytes([a, b, c, d]),
            [1, ..] => {
                return Err(Denial::bad_request(
                    "the message is compressed, and the decision depends on it",
                ));
            }
            _ => return Err(Denial::bad_request("the body is no gRPC message")),
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > limit {
            return Err(Denial::new(Code::BodyTooLarge));
        }
        let end = HEADER.saturating_add(length);
        self.fill(end).await?;
        let message = self.read.get(HEADER..end);
        Ok(message.map(Bytes::copy_from_slice).unwrap_or_default())
    }
}

/// A body of which the first bytes have been read: they come first.
pub(crate) struct Replayed<B> {
    read: Bytes,
    rest: B,
}

impl<B> Body for Replayed<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if !self.read.is_empty() {
            let read = std::mem::take(&mut self.read);
            return Poll::Ready(Some(Ok(Frame::data(read))));
        }
        Pin::new(&mut self.rest).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.read.len() as u64;
        let mut hint = self.rest.size_hint();
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(read));
        }
        hint.set_lower(hint.lower().saturating_add(read));
        hint
    }
}

#[cfg(test)]
mod tests;
