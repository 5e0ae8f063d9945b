//! The body of a bound response.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::ResponseHead;
use actix_web::http::header::{
    AsHeaderName, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, UPGRADE,
};
use actix_web::http::{ConnectionType, StatusCode};
use bytes::{BufMut, Bytes, BytesMut};
use gatepost_enforce::{Bond, LastWord};
use pin_project_lite::pin_project;

use super::Revoked;
use crate::connection::{Connection, Watch};

pin_project! {
    /// What is sent while the permit holds, the last word, and nothing behind it.
    struct BoundBody<B> {
        // `None` once it is over.
        #[pin]
        body: Option<B>,
        end: End,
        bond: Bond,
        // The server asks for nothing where the peer does not read.
        watch: Option<Watch>,
    }
}

/// How a body ends whose permit was revoked.
#[derive(Clone, Copy, Debug)]
enum End {
    /// With the last event of an event stream (HTML, 9.2).
    Event,
    /// With the close frame of a WebSocket (RFC 6455, 5.5.1).
    CloseFrame,
    /// With an error, lest it be taken for a whole one.
    BrokenOff,
}

/// Binds a response's body, where there is anything still to come of it.
pub(crate) fn bind<B: MessageBody + 'static>(
    head: &mut ResponseHead,
    body: B,
    bond: Bond,
    connection: Option<Connection>,
) -> EitherBody<B> {
    if body.size().is_eof() {
        return EitherBody::left(body);
    }
    let end = End::of(head);
    let watch = connection.and_then(|connection| connection.watch(&bond));
    if matches!(end, End::Event) {
        // A length that was told could not be kept.
        head.headers_mut().remove(CONTENT_LENGTH);
        head.no_chunking(false);
        if watch.is_some() {
            // Else nobody could tell when the last word was taken.
            head.set_connection_type(ConnectionType::Close);
        }
    }
    EitherBody::right(BoxBody::new(BoundBody {
        body: Some(body),
        end,
        bond,
        watch,
    }))
}

impl End {
    fn of(head: &ResponseHead) -> Self {
        if head.status == StatusCode::SWITCHING_PROTOCOLS && begins(head, UPGRADE, "websocket") {
            Self::CloseFrame
        } else if begins(head, CONTENT_TYPE, "text/event-stream")
            && !head.headers().contains_key(CONTENT_ENCODING)
        {
            Self::Event
        } else {
            Self::BrokenOff
        }
    }

    fn say(self, last: LastWord) -> Result<Bytes, Revoked> {
        match self {
            Self::Event => Ok(last.event()),
            Self::CloseFrame => Ok(close_frame(&last)),
            Self::BrokenOff => Err(last.into()),
        }
    }
}

/// Whether a header is this, whatever parameters follow.
fn begins(head: &ResponseHead, name: impl AsHeaderName, word: &str) -> bool {
    let value = head
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok());
    let first = value.and_then(|value| value.split(';').next());
    first.is_some_and(|first| first.trim().eq_ignore_ascii_case(word))
}

/// A server's frame is not masked, and a control frame has at most 125 bytes.
fn close_frame(last: &LastWord) -> Bytes {
    const FINAL_CLOSE: u8 = 0x88;
    let mut data = BytesMut::new();
    data.put_u16(last.close_code());
    data.extend_from_slice(last.close_reason().as_bytes());
    data.truncate(125);
    let mut frame = BytesMut::new();
    frame.put_u8(FINAL_CLOSE);
    frame.put_u8(u8::try_from(data.len()).unwrap_or(125));
    frame.extend_from_slice(&data);
    frame.freeze()
}

impl<B: MessageBody> MessageBody for BoundBody<B> {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        match (self.end, &self.body) {
            (End::BrokenOff, Some(body)) => body.size(),
            _ => BodySize::Stream,
        }
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let mut this = self.project();
        let Some(body) = this.body.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        Poll::Ready(match ready!(this.bond.poll_holds(context)) {
            Ok(()) => ready!(body.poll_next(context)).map(|frame| frame.map_err(Into::into)),
            Err(last) => {
                this.body.set(None);
                if let Some(watch) = this.watch.take() {
                    watch.outlive_the_body();
                }
                Some(this.end.say(last).map_err(Into::into))
            }
        })
    }
}
