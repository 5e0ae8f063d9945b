//! An `http` 1 request, as the sources see it.

use std::net::IpAddr;

use gatepost::{Denial, Given, RequestHead};
use http::Version;
use http::request::Parts;

use crate::severable::Connection;

/// What `http` does not know of a request: what a router and a server have found out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hooks {
    pub(crate) path_params: fn(&mut Parts, &mut dyn FnMut(&str, &str)) -> Result<(), Denial>,
    pub(crate) peer: fn(&Parts) -> Option<IpAddr>,
    pub(crate) matched_path: fn(&Parts) -> Option<String>,
    pub(crate) connection: fn(&Parts) -> Option<Connection>,
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            path_params: |_, _| Ok(()),
            peer: |_| None,
            matched_path: |_| None,
            connection: |parts| parts.extensions.get().cloned(),
        }
    }
}

/// A request's head, as the sources see it: what `http` knows of it, and what the router and the server do.
#[derive(Debug)]
pub struct Head<'a> {
    pub(crate) parts: &'a mut Parts,
    pub(crate) hooks: Hooks,
}

impl RequestHead for Head<'_> {
    fn path_params(&mut self, each: &mut dyn FnMut(&str, &str)) -> Result<(), Denial> {
        (self.hooks.path_params)(self.parts, each)
    }

    fn header(&self, name: &str) -> Given<'_> {
        let values = self.parts.headers.get_all(name);
        Given::of(values.iter().map(http::HeaderValue::as_bytes))
    }

    fn query(&self) -> Option<&str> {
        self.parts.uri.query()
    }

    fn authority(&self) -> Option<&str> {
        self.parts.uri.authority().map(http::uri::Authority::as_str)
    }

    fn major_version(&self) -> u8 {
        match self.parts.version {
            Version::HTTP_2 => 2,
            Version::HTTP_3 => 3,
            _ => 1,
        }
    }

    fn peer(&self) -> Option<IpAddr> {
        (self.hooks.peer)(self.parts)
    }

    fn method(&self) -> Option<&str> {
        Some(self.parts.method.as_str())
    }

    fn route(&self) -> Option<String> {
        (self.hooks.matched_path)(self.parts)
    }
}
