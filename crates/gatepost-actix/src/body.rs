//! Reading a payload that a decision depends on: whole, once, and no more of it than was declared.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use bytes::{Bytes, BytesMut};
use futures_util::future::ready;
use futures_util::stream::once;
use futures_util::{Stream, StreamExt};
use gatepost::{Code, Denial};
use gatepost_enforce::BodySource;

/// A request's payload: as it came, or read.
pub(crate) struct Lazy {
    state: State,
    declared: Option<u64>,
}

enum State {
    Unread(Payload),
    Read(Bytes),
    /// Reading it failed, and that denial ended the request.
    Broken,
}

impl Lazy {
    pub(crate) fn new(payload: Payload, headers: &HeaderMap) -> Self {
        let declared = headers.get(CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()?.parse().ok());
        Self {
            state: State::Unread(payload),
            declared,
        }
    }

    /// The payload for the handler: as it came, or all that was read of it.
    pub(crate) fn into_payload(self) -> Payload {
        match self.state {
            State::Unread(payload) => payload,
            State::Read(bytes) => {
                let whole: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> =
                    Box::pin(once(ready(Ok(bytes))));
                Payload::from(whole)
            }
            State::Broken => Payload::None,
        }
    }
}

impl BodySource for Lazy {
    async fn read(&mut self, limit: usize) -> Result<Bytes, Denial> {
        match std::mem::replace(&mut self.state, State::Broken) {
            State::Unread(mut payload) => {
                // What the client declares is believed where it declares too much.
                if self.declared.is_some_and(|length| length > limit as u64) {
                    return Err(Denial::new(Code::BodyTooLarge));
                }
                let mut read = BytesMut::new();
                while let Some(chunk) = payload.next().await {
                    let broken = |_| Denial::bad_request("the body could not be read");
                    let chunk = chunk.map_err(broken)?;
                    if read.len() + chunk.len() > limit {
                        return Err(Denial::new(Code::BodyTooLarge));
                    }
                    read.extend_from_slice(&chunk);
                }
                self.state = State::Read(read.freeze());
            }
            read @ (State::Read(_) | State::Broken) => self.state = read,
        }
        match &self.state {
            State::Read(bytes) if bytes.len() <= limit => Ok(bytes.clone()),
            State::Read(_) => Err(Denial::new(Code::BodyTooLarge)),
            State::Unread(_) | State::Broken => {
                Err(Denial::bad_request("the body could not be read"))
            }
        }
    }
}
