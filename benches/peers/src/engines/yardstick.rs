//! The store that one would write by hand for one service: three maps, and the checks in a row.

use gatepost_benches::population::Population;
use gatepost_benches::requests::Request;
use gatepost_benches::yardstick::{Answer, Yardstick};

use super::Engine;
use crate::contest::Failure;

impl Engine for Yardstick {
    type Asked<'a> = Request<'a>;

    fn load(population: &Population) -> Result<Self, Failure> {
        Ok(Self::load(population))
    }

    fn ask<'a>(&self, request: &Request<'a>) -> Result<Request<'a>, Failure> {
        Ok(*request)
    }

    fn decide(&mut self, asked: &Request<'_>) -> Option<bool> {
        let Request {
            subject,
            org,
            permission,
            mode,
        } = *asked;
        let answer = Self::decide(self, subject, org, permission, mode);
        Some(answer == Answer::Allow)
    }
}
