//! What the sources of a requirement look at in a request.

use std::net::IpAddr;

use crate::denial::Denial;

/// A request's head, as an adapter shows it: the one thing that the sources know of a web framework.
///
/// ```
/// use std::net::IpAddr;
///
/// use gatepost::{Denial, Given, RequestHead};
///
/// /// A request for `/orgs/acme`.
/// struct Request;
///
/// impl RequestHead for Request {
///     fn path_params(&mut self, each: &mut dyn FnMut(&str, &str)) -> Result<(), Denial> {
///         each("org", "acme");
///         Ok(())
///     }
///     fn header(&self, _: &str) -> Given<'_> {
///         Given::Absent
///     }
///     fn query(&self) -> Option<&str> {
///         None
///     }
///     fn authority(&self) -> Option<&str> {
///         None
///     }
///     fn major_version(&self) -> u8 {
///         1
///     }
///     fn peer(&self) -> Option<IpAddr> {
///         None
///     }
/// }
///
/// let mut seen = Vec::new();
/// Request.path_params(&mut |name, value| seen.push(format!("{name}={value}"))).unwrap();
/// assert_eq!(seen, ["org=acme"]);
/// ```
pub trait RequestHead {
    /// Visits the path parameters that the router bound, percent-decoded, each as often as it was bound.
    ///
    /// # Errors
    ///
    /// `bad_request` when the path cannot be decoded.
    fn path_params(&mut self, each: &mut dyn FnMut(&str, &str)) -> Result<(), Denial>;

    /// The header of a name that is in lower case.
    fn header(&self, name: &str) -> Given<'_>;

    /// The query as it came, without the `?`.
    fn query(&self) -> Option<&str>;

    /// The authority of the request's target: of an absolute URI, or `:authority` in HTTP/2.
    fn authority(&self) -> Option<&str>;

    /// The major version of HTTP that the request came in: 1, 2 or 3.
    fn major_version(&self) -> u8;

    /// The address that the connection comes from, where the server knows it.
    fn peer(&self) -> Option<IpAddr>;

    /// The request's method; in gRPC `POST`. Whoever observes decisions is told it.
    fn method(&self) -> Option<&str> {
        None
    }

    /// The path that the route was registered with, such as `/orgs/{org}/chats`, where the router tells it: never the
    /// request's own. Whoever observes decisions is told it.
    fn route(&self) -> Option<String> {
        None
    }
}

/// What a request gives where one value is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "nothing, one, or more than one: there is nothing else"
)]
pub enum Given<'a> {
    /// Nothing.
    Absent,
    /// One value.
    Once(&'a [u8]),
    /// More than one.
    Repeated,
}

impl<'a> Given<'a> {
    /// What a run of values comes to.
    pub fn of(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::Once(value),
            (Some(_), Some(_)) => Self::Repeated,
        }
    }
}
