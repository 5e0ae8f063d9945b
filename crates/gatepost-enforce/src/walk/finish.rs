//! A request whose decision has to be awaited, until it is taken.

use std::sync::Arc;

use gatepost::{Code, Denial, Passage, Permit, RequestHead};

use super::{Admitted, BodySource, LookedUp, Wait, Walk};
use crate::caught::caught_async;
use crate::entity::{Entity, NotThere};
use crate::event;
use crate::observe::Verdict;
use crate::route::Route;
use crate::source::SourceError;

impl Walk {
    /// Awaits what is needed until the request is decided.
    ///
    /// After each wait all checks are made anew by the newest policy, from the first to the last: one snapshot
    /// decides, and a client that sends its body slowly does not outwait a kill.
    ///
    /// # Errors
    ///
    /// The [`Denial`] to answer with.
    pub(crate) async fn finish(
        mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<Admitted, Denial> {
        let decided = caught_async(async {
            match self.decide(route, head, body).await {
                Ok(passage) => Ok(self.admit(route, passage)),
                Err(denial) => Err(self.refuse(route, denial)),
            }
        });
        match decided.await {
            Ok(decided) => decided,
            Err(panicked) => Err(match self.evaluation.take_denied() {
                Some(denied) => {
                    // The log has it, be it that it is not what is answered.
                    drop(SourceError::unavailable(panicked).into_denial());
                    self.refuse(route, denied)
                }
                None => self.panicked(route, panicked),
            }),
        }
    }

    async fn decide(
        &mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<Passage, Denial> {
        let decided = self.decide_in_earnest(route, head, body).await;
        // What was denied already, and would have gone on had this been read: it does not. The same where the policy
        // went stale meanwhile: were nothing reported, this had been answered before.
        decided.map_err(|denial| self.evaluation.take_denied().unwrap_or(denial))
    }

    async fn decide_in_earnest(
        &mut self,
        route: &Route,
        head: &mut impl RequestHead,
        body: &mut impl BodySource,
    ) -> Result<Passage, Denial> {
        let gate = route.enforcer().gate().clone();
        loop {
            let facts = gate.snapshot().map_err(Denial::new)?;
            self.evaluation.forget_overtaken(&gate, &facts);
            let is_logged = route.requirement().is_logged();
            let asked = is_logged.then(|| self.evaluation.clone());
            let advanced = self.advance(route, &facts, head, |_, permit| permit);
            match advanced.map_err(Arc::unwrap_or_clone)? {
                Ok(permit) => {
                    return match asked {
                        Some(asked) => self.write_down(route, permit, &asked).await,
                        None => Ok(Passage::Permitted(permit)),
                    };
                }
                Err(Wait::Nothing(unenforced)) => return Ok(Passage::Unenforced(unenforced)),
                Err(Wait::Org) => self.await_org(route, head, body).await?,
                Err(Wait::Mode) => self.await_mode(route, head, body).await?,
                Err(Wait::Owner(org)) => self.await_owner(route, org, head, body).await?,
                Err(Wait::Memberships(subject)) => {
                    let loaded = self.loads.load(&gate, &subject).await?;
                    self.evaluation.memberships(loaded);
                }
            }
        }
    }

    /// Has an admission written down before it is one. What the policy has become meanwhile is looked at again.
    async fn write_down(
        &mut self,
        route: &Route,
        permit: Permit,
        asked: &gatepost::Evaluation,
    ) -> Result<Passage, Denial> {
        let (Some(journal), Some(seen)) = (route.enforcer().journal(), &self.seen) else {
            return Err(Denial::new(Code::PolicyUnavailable));
        };
        let version = Some(permit.version());
        let decided = seen.decided(route, Verdict::Allow(&permit), Some(asked), version);
        if let Err(error) = journal.write(&decided).await {
            event::not_written(&permit, &error);
            return Err(Denial::new(Code::PolicyUnavailable));
        }
        permit.ensure_fresh().await?;
        event::admitted(&permit);
        self.tell(route, Verdict::Allow(&permit), Some(asked));
        Ok(Passage::Permitted(permit))
    }

    fn admit(&mut self, route: &Route, passage: Passage) -> Admitted {
        let decision = passage.decision();
        let entity = self.looked_up.take().map(|looked_up| {
            Entity::new(match *looked_up {
                LookedUp::Found(found) => Ok(found.object),
                LookedUp::Missing => {
                    let answer = route.enforcer().answers().not_found(decision);
                    Err(Arc::new(NotThere::new(answer, decision)))
                }
            })
        });
        Admitted { passage, entity }
    }

    fn refuse(&self, route: &Route, denial: Denial) -> Denial {
        Arc::unwrap_or_clone(self.reject(route, Arc::new(denial)))
    }

    /// What a request gets on whose way something panicked.
    fn panicked(&self, route: &Route, panicked: crate::caught::Panicked) -> Denial {
        let mut denial = route.panicked(panicked);
        self.evaluation.tell(&mut denial);
        self.tell(route, Verdict::Refuse(&denial), Some(&self.evaluation));
        denial
    }
}
