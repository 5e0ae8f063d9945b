//! One of those whose answers flip, and which.

use super::flips::{Flip, Question};
use crate::id::{OrgId, SubjectId};
use crate::matrix::MatrixCell;

/// Somebody of whom something is answered otherwise: a subject in an org, or by itself.
#[derive(Clone, Copy, Debug)]
pub struct ImpactMember<'i> {
    pub(super) subject: &'i SubjectId,
    pub(super) org: Option<&'i OrgId>,
    pub(super) flips: &'i [Flip],
    pub(super) asked: &'i [Question<'i>],
}

/// What is answered otherwise of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImpactFlip<'i> {
    /// The route's method.
    pub method: &'i str,
    /// Its path.
    pub path: &'i str,
    /// `chat:create#foreground`
    pub asks: &'i str,
    /// What was answered.
    pub before: MatrixCell,
    /// What is answered.
    pub after: MatrixCell,
}

impl<'i> ImpactMember<'i> {
    /// Who asks.
    pub fn subject(&self) -> &'i SubjectId {
        self.subject
    }

    /// In which org, where the request names one.
    pub fn org(&self) -> Option<&'i OrgId> {
        self.org
    }

    /// What is answered otherwise: at least one thing, in the order of the routes.
    pub fn flips(&self) -> impl Iterator<Item = ImpactFlip<'i>> + use<'i> {
        let asked = self.asked;
        self.flips.iter().filter_map(move |flip| {
            let question = asked.get(flip.question)?;
            Some(ImpactFlip {
                method: question.method,
                path: question.path,
                asks: &question.asks,
                before: flip.before,
                after: flip.after,
            })
        })
    }
}

impl ImpactFlip<'_> {
    /// Whether something is let through no more.
    ///
    /// Whoever may from then on do with the objects of others what it might do with its own loses and gains.
    pub fn loses(&self) -> bool {
        self.before.is_laxer_than(self.after)
    }

    /// Whether something is let through that was not.
    pub fn gains(&self) -> bool {
        self.after.is_laxer_than(self.before)
    }
}
