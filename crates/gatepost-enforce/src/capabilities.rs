//! What a subject may do: every route and mode, by the requirement that enforces it.

use gatepost::{Denial, RequestHead, Subject};

use crate::answer::Answer;
use crate::enforcer::Enforcer;
use crate::registered::Registered;

/// Answers a subject what it may do on the routes of a service.
#[derive(Debug)]
pub struct Capabilities {
    groups: Vec<(Enforcer, Vec<Registered>)>,
}

impl Capabilities {
    /// Why the route is public at which it is asked.
    pub const WHY: &'static str = "answers whoever asks about himself";

    /// Over the routes of a service: those of each enforcer in a group.
    pub fn new(groups: Vec<(Enforcer, Vec<Registered>)>) -> Self {
        Self { groups }
    }

    /// The enforcers, in the order of the groups: a subject is found by the sources of each.
    pub fn enforcers(&self) -> impl Iterator<Item = &Enforcer> {
        self.groups.iter().map(|(enforcer, _)| enforcer)
    }

    /// Answers a request of these subjects, one for each group; the first is that of the route it came to.
    ///
    /// # Errors
    ///
    /// The [`Denial`] to answer with: nobody asks, the query names an org that is none, there is no policy.
    pub async fn answer(
        &self,
        subjects: Vec<Option<Subject>>,
        head: &impl RequestHead,
    ) -> Result<Answer, Denial> {
        let _ = (subjects, head, &self.groups);
        Err(Denial::new(gatepost::Code::PolicyUnavailable))
    }
}
