//! Reading a body that a decision depends on: whole, once, and no more of it than was declared.

use bytes::Bytes;
use gatepost::{Code, Denial};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// A request's body: as it came, or read.
pub(crate) enum Lazy<B> {
    Unread(Option<B>),
    Read(Bytes),
}

impl<B> Lazy<B>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub(crate) fn new(body: B) -> Self {
        Self::Unread(Some(body))
    }

    /// The body's bytes, if there are at most `limit`.
    pub(crate) async fn bytes(&mut self, limit: usize) -> Result<&Bytes, Denial> {
        if let Self::Unread(body) = self {
            let Some(body) = body.take() else {
                // An earlier reading failed, and its denial ended the request.
                return Err(Denial::bad_request("the body could not be read"));
            };
            // What the client declares is believed where it declares too much.
            if body.size_hint().lower() > limit as u64 {
                return Err(Denial::new(Code::BodyTooLarge));
            }
            let read = Limited::new(body, limit).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Denial::new(Code::BodyTooLarge)
                } else {
                    Denial::bad_request("the body could not be read")
                }
            })?;
            *self = Self::Read(read.to_bytes());
        }
        match self {
            Self::Read(bytes) if bytes.len() <= limit => Ok(bytes),
            Self::Read(_) | Self::Unread(_) => Err(Denial::new(Code::BodyTooLarge)),
        }
    }

    /// The body for the handler: as it came, or all that was read of it.
    pub(crate) fn into_body(self) -> Option<B>
    where
        B: From<Bytes>,
    {
        match self {
            Self::Unread(body) => body,
            Self::Read(bytes) => Some(B::from(bytes)),
        }
    }
}
