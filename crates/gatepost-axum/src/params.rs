//! Path parameters as axum's router found them, and the address of a connection as its server did.

use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, FromRequestParts, Path};
use gatepost::Denial;
use gatepost_enforce::is_well_encoded;
use http::request::Parts;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use smallvec::SmallVec;
use smol_str::SmolStr;

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
    let read = pin!(Path::<Params>::from_request_parts(request, &()));
    // axum has them at hand: the future awaits nothing.
    match read.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(Path(Params(params)))) => {
            for (name, value) in &params {
                each(name, value);
            }
            Ok(())
        }
        // The route has none.
        Poll::Ready(Err(PathRejection::MissingPathParams(_))) => Ok(()),
        Poll::Ready(Err(_)) => Err(Denial::bad_request("a path parameter is not UTF-8")),
        Poll::Pending => Err(Denial::new(gatepost::Code::PermitMissing)),
    }
}

/// The address that the connection comes from, where the service was made with
/// [`into_make_service_with_connect_info`](axum::Router::into_make_service_with_connect_info).
pub(crate) fn peer(request: &Parts) -> Option<IpAddr> {
    let connected = request.extensions.get::<ConnectInfo<SocketAddr>>();
    connected.map(|ConnectInfo(address)| address.ip())
}

/// axum's parameters, copied: as short as names and ids mostly are, without an allocation.
struct Params(SmallVec<[(SmolStr, SmolStr); 4]>);

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Params;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("path parameters")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Params, A::Error> {
                let mut params = SmallVec::new();
                while let Some(Text(name)) = map.next_key()? {
                    let Text(value) = map.next_value()?;
                    params.push((name, value));
                }
                Ok(Params(params))
            }
        }

        from.deserialize_map(Each)
    }
}

struct Text(SmolStr);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Str;

        impl Visitor<'_> for Str {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(SmolStr::new(text)))
            }
        }

        from.deserialize_str(Str)
    }
}
