//! Path parameters as axum's router found them.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, MatchedPath, Path};
use gatepost::Denial;
use gatepost_enforce::is_well_encoded;
use http::request::Parts;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

/// Visits every path parameter, percent-decoded.
///
/// It goes by what the router bound to the route, not by the path's text, so a
/// `nest` that strips a prefix changes nothing.
pub(crate) fn path_params(
    request: &mut Parts,
    each: &mut dyn FnMut(&str, &str),
) -> Result<(), Denial> {
    if !is_well_encoded(request.uri.path()) {
        return Err(Denial::bad_request("the path is not percent-encoded UTF-8"));
    }
    let read = pin!(Path::<Noted>::from_request_parts(request, &()));
    // axum has them at hand: the future awaits nothing.
    match read.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(Path(Noted))) => NOTES.with(|notes| match notes.try_borrow() {
            Ok(notes) => {
                notes.visit(each);
                Ok(())
            }
            Err(_) => Err(Denial::new(gatepost::Code::PermitMissing)),
        }),
        // The route has none.
        Poll::Ready(Err(PathRejection::MissingPathParams(_))) => Ok(()),
        Poll::Ready(Err(_)) => Err(Denial::bad_request("a path parameter is not UTF-8")),
        Poll::Pending => Err(Denial::new(gatepost::Code::PermitMissing)),
    }
}

thread_local! {
    /// Where [`Noted`] writes.
    static NOTES: RefCell<Notes> = const { RefCell::new(Notes::NONE) };
}

/// axum's parameters: names and values, one behind the other.
#[derive(Default)]
struct Notes {
    text: String,
    /// Where each name and each value ends.
    ends: Vec<(usize, usize)>,
}

impl Notes {
    const NONE: Self = Self {
        text: String::new(),
        ends: Vec::new(),
    };

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn visit(&self, each: &mut dyn FnMut(&str, &str)) {
        let mut start = 0;
        for &(middle, end) in &self.ends {
            let name = self.text.get(start..middle).unwrap_or_default();
            let value = self.text.get(middle..end).unwrap_or_default();
            each(name, value);
            start = end;
        }
    }
}

/// Says that axum's parameters are noted.
///
/// axum shows them to nothing but a type that it makes of them, and hands that through four results: made of
/// texts, it is copied as often, each time before it is written, and costs 60 ns. So they are noted elsewhere.
struct Noted;

impl<'de> Deserialize<'de> for Noted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        NOTES.with(|notes| {
            let Ok(mut notes) = notes.try_borrow_mut() else {
                return Err(D::Error::custom("the notes are being read"));
            };
            notes.clear();
            from.deserialize_map(Note(&mut notes)).map(|()| Self)
        })
    }
}

struct Note<'n>(&'n mut Notes);

impl<'de> Visitor<'de> for Note<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("path parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Notes { text, ends } = self.0;
        while map.next_key_seed(Text(text))?.is_some() {
            let middle = text.len();
            map.next_value_seed(Text(text))?;
            ends.push((middle, text.len()));
        }
        Ok(())
    }
}

struct Text<'n>(&'n mut String);

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.push_str(text);
        Ok(())
    }
}

/// The path that the route was registered with, with all that it is nested under.
pub(crate) fn matched_path(request: &Parts) -> Option<String> {
    let matched = request.extensions.get::<MatchedPath>()?;
    Some(matched.as_str().to_owned())
}
