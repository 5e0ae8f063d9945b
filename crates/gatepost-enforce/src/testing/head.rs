//! A request's head, as the tests make it.

use std::net::IpAddr;

use gatepost::{Denial, Given, RequestHead};

#[derive(Default)]
pub(crate) struct Head {
    pub(crate) params: Vec<(&'static str, &'static str)>,
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) query: Option<&'static str>,
    pub(crate) authority: Option<&'static str>,
    pub(crate) is_http_2: bool,
    pub(crate) peer: Option<IpAddr>,
}

impl Head {
    pub(crate) fn with(values: &[(&'static str, &[u8])]) -> Self {
        let headers = values.iter().map(|(name, value)| (*name, value.to_vec()));
        Self {
            headers: headers.collect(),
            ..Self::default()
        }
    }
}

impl RequestHead for Head {
    fn path_params(&mut self, each: &mut dyn FnMut(&str, &str)) -> Result<(), Denial> {
        for (name, value) in &self.params {
            each(name, value);
        }
        Ok(())
    }

    fn header(&self, name: &str) -> Given<'_> {
        let values = self.headers.iter().filter(|(other, _)| *other == name);
        Given::of(values.map(|(_, value)| &**value))
    }

    fn query(&self) -> Option<&str> {
        self.query
    }

    fn authority(&self) -> Option<&str> {
        self.authority
    }

    fn major_version(&self) -> u8 {
        if self.is_http_2 { 2 } else { 1 }
    }

    fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}
