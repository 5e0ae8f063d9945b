//! Requests, drawn before the timing starts.

use std::ops::Range;

use fastrand::Rng;

use crate::permission::{Mode, Permission};
use crate::population::{Membership, Population};

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Who asks.
    pub subject: &'a str,
    /// In which org.
    pub org: &'a str,
    /// For what.
    pub permission: Permission,
    /// How it would run.
    pub mode: Option<Mode>,
}

/// Requests with their texts one after the other.
///
/// A service reads a request from a buffer that it has just filled. Texts that
/// lay where the population keeps them would add two cache misses a decision
/// that no service has; in drawing order the processor fetches them ahead.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    text: String,
    drawn: Vec<Drawn>,
}

#[derive(Debug, Clone)]
struct Drawn {
    subject: Range<usize>,
    org: Range<usize>,
    permission: Permission,
    mode: Option<Mode>,
}

/// How many draws may miss, for each request wanted, before a draw gives up.
const PATIENCE: usize = 1000;

impl Requests {
    /// Draws `count` requests that `wanted` accepts: a membership, a permission
    /// and a mode, each by chance. Fewer where hardly any is accepted.
    pub fn draw(
        population: &Population,
        seed: u64,
        count: usize,
        wanted: impl Fn(&Request<'_>) -> bool,
    ) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let permissions: Vec<_> = Permission::all().collect();
        let mut requests = Self::default();
        for _ in 0..count.saturating_mul(PATIENCE) {
            if requests.drawn.len() == count {
                break;
            }
            let membership = rng.choice(&population.memberships);
            let request =
                membership
                    .zip(rng.choice(&permissions))
                    .and_then(|(membership, permission)| {
                        let mode =
                            *rng.choice(&[None, Some(Mode::Foreground), Some(Mode::Background)])?;
                        request(population, *membership, *permission, mode)
                    });
            if let Some(request) = request.filter(&wanted) {
                requests.push(request);
            }
        }
        requests
    }

    /// Keeps a copy of `request`.
    pub fn push(&mut self, request: Request<'_>) {
        let Request {
            subject,
            org,
            permission,
            mode,
        } = request;
        let (subject, org) = (self.keep(subject), self.keep(org));
        self.drawn.push(Drawn {
            subject,
            org,
            permission,
            mode,
        });
    }

    fn keep(&mut self, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }

    /// All of them, in the order they were drawn.
    pub fn list(&self) -> Vec<Request<'_>> {
        let text = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default();
        self.drawn
            .iter()
            .map(|drawn| Request {
                subject: text(&drawn.subject),
                org: text(&drawn.org),
                permission: drawn.permission,
                mode: drawn.mode,
            })
            .collect()
    }
}

fn request(
    population: &Population,
    of: Membership,
    permission: Permission,
    mode: Option<Mode>,
) -> Option<Request<'_>> {
    let subject = population.subjects.get(of.subject as usize)?;
    let org = population.orgs.get(of.org as usize)?;
    Some(Request {
        subject: &subject.id,
        org: &org.id,
        permission,
        mode,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_requests() {
        let population = Population::generate(100);
        let [one, two, other] =
            [1, 1, 2].map(|seed| Requests::draw(&population, seed, 20, |_| true));
        assert_eq!(one.list().len(), 20);
        assert_eq!(one.list(), two.list());
        assert_ne!(one.list(), other.list());
    }

    #[test]
    fn only_what_is_wanted_is_drawn() {
        let population = Population::generate(100);
        let requests = Requests::draw(&population, 1, 20, |request| request.mode.is_none());
        assert!(requests.list().iter().all(|request| request.mode.is_none()));
        assert!(
            Requests::draw(&population, 1, 20, |_| false)
                .list()
                .is_empty()
        );
    }
}
