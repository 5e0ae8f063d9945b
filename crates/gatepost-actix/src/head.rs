//! An actix request, as the sources see it.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::dev::{self, Path, ResourceDef, Url};
use actix_web::http::Version;
use actix_web::http::uri::Authority;
use gatepost::{Denial, Given, RequestHead};
use gatepost_enforce::is_well_encoded;
use percent_encoding::percent_decode_str;

/// The head of a request that was routed.
#[derive(Debug)]
pub(crate) struct Head<'a>(pub(crate) &'a HttpRequest);

impl RequestHead for Head<'_> {
    fn path_params(&mut self, each: &mut dyn FnMut(&str, &str)) -> Result<(), Denial> {
        visit(self.0.match_info(), each)
    }

    fn header(&self, name: &str) -> Given<'_> {
        header(self.0.head(), name)
    }

    fn query(&self) -> Option<&str> {
        self.0.uri().query()
    }

    fn authority(&self) -> Option<&str> {
        self.0.uri().authority().map(Authority::as_str)
    }

    fn major_version(&self) -> u8 {
        major(self.0.version())
    }

    fn peer(&self) -> Option<IpAddr> {
        self.0.peer_addr().map(|address| address.ip())
    }

    fn method(&self) -> Option<&str> {
        Some(self.0.method().as_str())
    }

    fn route(&self) -> Option<String> {
        self.0.match_pattern()
    }
}

/// The head of a request that is being routed, as a guard sees it: without path parameters, but for
/// those of the pattern that the guard was told.
#[derive(Debug)]
pub(crate) struct RoutingHead<'a> {
    pub(crate) head: &'a dev::RequestHead,
    pub(crate) pattern: Option<&'a ResourceDef>,
}

impl RequestHead for RoutingHead<'_> {
    fn path_params(&mut self, each: &mut dyn FnMut(&str, &str)) -> Result<(), Denial> {
        let mut path = Path::new(Url::new(self.head.uri.clone()));
        match self.pattern {
            Some(pattern) if pattern.capture_match_info(&mut path) => visit(&path, each),
            Some(_) | None => Ok(()),
        }
    }

    fn header(&self, name: &str) -> Given<'_> {
        header(self.head, name)
    }

    fn query(&self) -> Option<&str> {
        self.head.uri.query()
    }

    fn authority(&self) -> Option<&str> {
        self.head.uri.authority().map(Authority::as_str)
    }

    fn major_version(&self) -> u8 {
        major(self.head.version)
    }

    fn peer(&self) -> Option<IpAddr> {
        self.head.peer_addr.map(|address| address.ip())
    }

    fn method(&self) -> Option<&str> {
        Some(self.head.method.as_str())
    }
}

fn major(version: Version) -> u8 {
    match version {
        Version::HTTP_2 => 2,
        Version::HTTP_3 => 3,
        _ => 1,
    }
}

fn header<'h>(head: &'h dev::RequestHead, name: &str) -> Given<'h> {
    let values = head.headers().get_all(name);
    Given::of(values.map(actix_web::http::header::HeaderValue::as_bytes))
}

/// Visits what the router bound, decoded as `web::Path` decodes it.
///
/// The router matches on a path that is decoded but for `%25`, `%2F` and `%2B`, with a replacement for
/// what is not UTF-8; the rest is decoded here. Of a path in which every escape is one, and which is UTF-8,
/// the two steps come to the same as one.
fn visit(path: &Path<Url>, each: &mut dyn FnMut(&str, &str)) -> Result<(), Denial> {
    if path.segment_count() == 0 {
        return Ok(());
    }
    if !path.get_ref().uri().path().contains('%') {
        path.iter().for_each(|(name, value)| each(name, value));
        return Ok(());
    }
    let malformed = || Denial::bad_request("the path is not percent-encoded UTF-8");
    if !is_well_encoded(path.get_ref().uri().path()) {
        return Err(malformed());
    }
    for (name, value) in path.iter() {
        let value = percent_decode_str(value).decode_utf8();
        each(name, &value.map_err(|_| malformed())?);
    }
    Ok(())
}
