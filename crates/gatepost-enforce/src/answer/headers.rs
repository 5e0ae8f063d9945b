//! The headers of an answer: a few that are known, each there at most once, and none that is allocated for.

use std::borrow::Cow;

/// A header of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "an adapter has its framework's name for each"
)]
pub enum HeaderField {
    /// `Content-Type` (RFC 9110, 8.3).
    ContentType,
    /// `Cache-Control` (RFC 9111, 5.2).
    CacheControl,
    /// `Vary` (RFC 9110, 12.5.5).
    Vary,
    /// `ETag` (RFC 9110, 8.8.3).
    Etag,
    /// `Content-Language` (RFC 9110, 8.5).
    ContentLanguage,
    /// `WWW-Authenticate` (RFC 9110, 11.6.1).
    WwwAuthenticate,
    /// `Retry-After` (RFC 9110, 10.2.3).
    RetryAfter,
}

const FIELDS: usize = HeaderField::ALL.len();

impl HeaderField {
    /// All of them, in the order in which they are sent.
    pub const ALL: [Self; 7] = [
        Self::ContentType,
        Self::CacheControl,
        Self::Vary,
        Self::Etag,
        Self::ContentLanguage,
        Self::WwwAuthenticate,
        Self::RetryAfter,
    ];

    /// Its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ContentType => "content-type",
            Self::CacheControl => "cache-control",
            Self::Vary => "vary",
            Self::Etag => "etag",
            Self::ContentLanguage => "content-language",
            Self::WwwAuthenticate => "www-authenticate",
            Self::RetryAfter => "retry-after",
        }
    }
}

/// The headers of an answer.
///
/// ```
/// use gatepost_enforce::{HeaderField, Headers};
///
/// let headers = Headers::default().with(HeaderField::Vary, "*");
/// assert_eq!(headers.get(HeaderField::Vary), Some("*"));
/// assert_eq!(headers.iter().count(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers([Option<Cow<'static, str>>; FIELDS]);

impl Headers {
    /// These, and one more, or one in another's place.
    #[must_use]
    pub fn with(mut self, field: HeaderField, value: impl Into<Cow<'static, str>>) -> Self {
        self.set(field, value);
        self
    }

    /// Sets a header.
    pub fn set(&mut self, field: HeaderField, value: impl Into<Cow<'static, str>>) {
        if let Some(place) = self.0.get_mut(field as usize) {
            *place = Some(value.into());
        }
    }

    /// Removes a header.
    pub fn remove(&mut self, field: HeaderField) {
        if let Some(place) = self.0.get_mut(field as usize) {
            *place = None;
        }
    }

    /// A header's value, if it is there.
    pub fn get(&self, field: HeaderField) -> Option<&str> {
        self.0.get(field as usize)?.as_deref()
    }

    /// Those that are there.
    pub fn iter(&self) -> impl Iterator<Item = (HeaderField, &str)> {
        let values = HeaderField::ALL.into_iter().zip(&self.0);
        values.filter_map(|(field, value)| Some((field, value.as_deref()?)))
    }

    /// Those that are there, to be sent.
    pub fn into_values(self) -> impl Iterator<Item = (HeaderField, Cow<'static, str>)> {
        let values = HeaderField::ALL.into_iter().zip(self.0);
        values.filter_map(|(field, value)| Some((field, value?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_header_has_a_place_of_its_own() {
        for (place, field) in HeaderField::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, place);
            let mut headers = Headers::default().with(field, "one");
            headers.set(field, "two".to_owned());
            let all: Vec<_> = headers.iter().collect();
            assert_eq!(all, [(field, "two")]);
            headers.remove(field);
            assert_eq!(headers, Headers::default());
        }
    }
}
