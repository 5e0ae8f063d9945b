//! A requirement over `http` 1: what the layer does with a request's head.

#![allow(
    clippy::inline_always,
    reason = "measured: what is handed on instead is copied, and read back wider than it was written"
)]

use std::sync::Arc;

use bytes::Bytes;
use gatepost::{Denial, Passage, Permit, Requirement};
use gatepost_enforce::{Admitted, Begun, Entity, Met, RouteError, Watch, load_subject};
use http::Response;
use http::request::Parts;
use http_body::Body;

use crate::answer::response_in;
use crate::body::Lazy;
use crate::bound::Binding;
use crate::enforcer::{Enforcer, SubjectSource};
use crate::head::{Head, Hooks};

/// A requirement where it is enforced.
#[derive(Debug)]
pub(crate) struct Route {
    shared: gatepost_enforce::Route,
    subject: SubjectSource,
    hooks: Hooks,
}

impl Route {
    pub(crate) fn new(enforcer: Enforcer, requirement: Requirement) -> Result<Self, RouteError> {
        let Enforcer {
            shared,
            subject,
            hooks,
        } = enforcer;
        Ok(Self {
            shared: gatepost_enforce::Route::new(shared, requirement)?,
            subject,
            hooks,
        })
    }

    /// Tells whoever watches the request what it came to. True of a probe, which is not to be decided.
    #[inline]
    pub(crate) fn is_probed(&self, parts: &Parts) -> bool {
        let watch = parts.extensions.get::<Watch>();
        watch.is_some_and(|watch| watch.meet(Met::Required(self.shared.requirement())))
    }

    /// Decides as far as that goes without awaiting; on an allow the permit is in the request's extensions.
    pub(crate) fn begin(&self, parts: &mut Parts) -> Begun {
        let SubjectSource::Find(source) = &self.subject else {
            return Begun::Unknown;
        };
        self.shared.begin(
            &mut self.head(parts),
            |head| source.find(head.parts, head),
            |head, permit| leave(head.parts, permit, None),
        )
    }

    /// Awaits what the decision needs; on an allow the permit is in the request's extensions.
    pub(crate) async fn finish<B>(
        &self,
        mut begun: Begun,
        parts: &mut Parts,
        body: &mut Lazy<B>,
    ) -> Result<(), Denial>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut head = self.head(parts);
        if let (Begun::Unknown, SubjectSource::Load(source)) = (&begun, &self.subject) {
            let subject = load_subject(async { source.load(head.parts).await }).await;
            begun = self.shared.begin(
                &mut head,
                |_| subject,
                |head, permit| leave(head.parts, permit, None),
            );
        }
        if let Some(Admitted {
            passage, entity, ..
        }) = self.shared.finish(begun, &mut head, body).await?
        {
            match passage {
                Passage::Permitted(permit) if !self.shared.reports_only() => {
                    leave(parts, permit, entity);
                }
                passage => leave_passage(parts, passage, entity),
            }
        }
        Ok(())
    }

    /// What binds an admitted request, where the requirement binds it.
    pub(crate) fn bind(&self, permit: &Permit, parts: &mut Parts) -> Option<Binding> {
        let bond = self.shared.bond(permit, &self.head(parts))?;
        Some(Binding::new(bond, (self.hooks.connection)(parts)))
    }

    /// Tells whoever watches an admitted request that it is refused after all.
    pub(crate) fn refuse(&self, watch: Option<&Watch>) {
        if let Some(watch) = watch {
            watch.refuse(self.shared.requirement());
        }
    }

    /// The answer to a request that is refused, which whoever watches it is told of. It is the last that is done
    /// with the request's head.
    pub(crate) fn response<A: From<Vec<u8>>>(
        &self,
        denial: impl Into<Arc<Denial>>,
        parts: &mut Parts,
    ) -> Response<A> {
        let denial = denial.into();
        self.refuse(parts.extensions.get());
        let answer = self.shared.answer(&denial, &self.head(parts));
        response_in(parts, answer, denial)
    }

    fn head<'p>(&self, parts: &'p mut Parts) -> Head<'p> {
        Head {
            parts,
            hooks: self.hooks,
        }
    }
}

/// Leaves for the handler what the request was let in with, in place of what another route may have left:
/// a request can be handed on with its extensions.
#[inline(always)]
fn leave(parts: &mut Parts, permit: Permit, entity: Option<Entity>) {
    parts.extensions.insert(permit);
    leave_entity(parts, entity);
}

/// The same where the route only reports: no permit is left, be it that there is one, so that a handler that needs
/// proof does not run there at all.
#[cold]
fn leave_passage(parts: &mut Parts, passage: Passage, entity: Option<Entity>) {
    parts.extensions.remove::<Permit>();
    parts.extensions.insert(passage);
    leave_entity(parts, entity);
}

#[inline(always)]
fn leave_entity(parts: &mut Parts, entity: Option<Entity>) {
    match entity {
        Some(entity) => drop(parts.extensions.insert(entity)),
        None => drop(parts.extensions.remove::<Entity>()),
    }
}

impl<B> gatepost_enforce::BodySource for Lazy<B>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    async fn read(&mut self, limit: usize) -> Result<Bytes, Denial> {
        self.bytes(limit).await.cloned()
    }
}

impl std::fmt::Debug for SubjectSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubjectSource")
    }
}
