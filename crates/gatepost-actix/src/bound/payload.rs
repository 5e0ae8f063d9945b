//! The payload of a bound request.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;
use gatepost_enforce::Bond;

use super::Revoked;

/// What is read of a request while its permit holds. It never ends as if it had come whole.
struct BoundPayload {
    /// `None` once it is over.
    payload: Option<Payload>,
    bond: Bond,
}

pub(super) fn bind(request: &mut ServiceRequest, bond: &Bond) {
    let payload = match request.take_payload() {
        Payload::None => return,
        payload => payload,
    };
    let payload: Pin<Box<dyn Stream<Item = _>>> = Box::pin(BoundPayload {
        payload: Some(payload),
        bond: bond.again(),
    });
    request.set_payload(payload.into());
}

impl Stream for BoundPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let Some(payload) = &mut this.payload else {
            return Poll::Ready(None);
        };
        match ready!(this.bond.poll_holds(context)) {
            Ok(()) => Pin::new(payload).poll_next(context),
            Err(last) => {
                this.payload = None;
                let error = io::Error::other(Revoked::from(last));
                Poll::Ready(Some(Err(PayloadError::Io(error))))
            }
        }
    }
}
