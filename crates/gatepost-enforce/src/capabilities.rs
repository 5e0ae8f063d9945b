//! What a subject may do: every route and mode, by the requirement that enforces it.

mod ask;
mod document;
mod row;

use gatepost::{Code, Denial, OrgId, RequestHead, Subject, Timestamp};

use crate::answer::Answer;
use crate::caught::caught_async;
use crate::enforcer::Enforcer;
use crate::event;
use crate::param;
use crate::registered::Registered;
use crate::source::SourceError;

use document::{Document, not_modified, send};
use row::Group;

/// Answers a subject what it may do on the routes of a service.
///
/// The query names the org, `?org=acme`, wherever a route takes it from. Each route is asked by its own
/// gate and requirement, in each mode and for each resource that it can have; all that were registered with
/// one gate and one source of subjects are asked by one policy version. What depends on whose object it is, or on an
/// org that was not named, is told as that. A route that only reports is told as it will be once it enforces.
#[derive(Debug)]
pub struct Capabilities {
    groups: Vec<Group>,
}

impl Capabilities {
    /// Why the route is public at which it is asked.
    pub const WHY: &'static str = "answers each subject about itself alone";

    /// Over the routes of a service: those of each enforcer in a group.
    pub fn new(groups: Vec<(Enforcer, Vec<Registered>)>) -> Self {
        let groups = groups.into_iter();
        Self {
            groups: groups.map(|(by, routes)| Group::new(by, routes)).collect(),
        }
    }

    /// The enforcers, in the order of the groups: a subject is found by the sources of each.
    pub fn enforcers(&self) -> impl Iterator<Item = &Enforcer> {
        self.groups.iter().map(|group| &group.enforcer)
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
        let answered = caught_async(self.try_answer(&subjects, head)).await;
        let answered = answered.unwrap_or_else(|panicked| {
            // A source of memberships is the service's own.
            Err(SourceError::unavailable(panicked).into_denial())
        });
        answered.inspect_err(|denial| {
            let subject = subjects.iter().flatten().next();
            event::rejected(denial, "capabilities", "read", subject, None);
        })
    }

    async fn try_answer(
        &self,
        subjects: &[Option<Subject>],
        head: &impl RequestHead,
    ) -> Result<Answer, Denial> {
        let Some(asker) = subjects.first().and_then(Option::as_ref) else {
            return Err(Denial::new(Code::Unauthenticated));
        };
        let org = param::query(head.query(), "org")?.map(OrgId::new);
        let org = org
            .transpose()
            .map_err(|_| Denial::bad_request("the org named is not a well-formed id"))?;
        let at = Timestamp::now();
        let mut document = Document::of(asker, org.as_ref());
        let mut own = None;
        for (position, group) in self.groups.iter().enumerate() {
            let subject = subjects.get(position).and_then(Option::as_ref);
            let language = group.enforcer.answers().language(head);
            own.get_or_insert(language);
            let lines = group.ask(subject, org.as_ref(), at, language).await?;
            document.routes.extend(lines);
        }
        let answer = send(&document, own)?;
        Ok(not_modified(answer, head))
    }
}

#[cfg(test)]
mod tests;
