//! The matrix by subjects: what those whom a policy names may do in the orgs that they are members of.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::axis::{ELSEWHERE, NO_ORG};
use super::roles::org_in;
use super::{AskedIn, By, Label, Matrix, MatrixCell, MatrixError, Strip, asked, bounded};
use crate::id::{OrgId, SubjectId};
use crate::inventory::Inventory;
use crate::policy::PolicyDocument;
use crate::snapshot::Snapshot;
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::vocabulary::Kind;

impl Matrix {
    /// Asks for each subject that the policy names, or that is a member somewhere, in each org that it is a member
    /// of, its descendants among them; for one that is a member of none, in an org of strangers that has switched
    /// everything on. A route whose requests name no org is asked once for each subject.
    ///
    /// Agents act for `acting_for`; without it they are answered that they act for nobody.
    ///
    /// # Errors
    ///
    /// [`MatrixError`] where the policy is refused, or would make too large a matrix.
    pub fn of_subjects(
        document: &PolicyDocument,
        routes: &Inventory,
        acting_for: Option<&SubjectId>,
        at: Timestamp,
    ) -> Result<Self, MatrixError> {
        Snapshot::compile(document, 0)?;
        let asks = asked(routes).max(1);
        let members = members(document, asks)?;
        let mut elsewhere = "elsewhere".to_owned();
        while document.orgs.contains_key(&elsewhere) {
            elsewhere.push('-');
        }
        let mut document = document.clone();
        let stranger = org_in("on", &document);
        document.orgs.insert(elsewhere.clone(), stranger);
        let facts = Snapshot::compile(&document, 0)?;

        let mut subjects: Vec<SubjectId> = facts.subjects().collect();
        subjects.sort_unstable();
        let mut orgs: Vec<&OrgId> = facts
            .orgs()
            .filter(|org| org.as_str() != elsewhere)
            .collect();
        orgs.sort_unstable();
        let row_of: HashMap<&str, usize> = (orgs.iter().enumerate())
            .map(|(row, org)| (org.as_str(), row))
            .collect();
        let (no_org, strangers) = (orgs.len(), orgs.len() + 1);
        let mut places: Vec<Label> = orgs.iter().map(|org| Label::named(org.as_str())).collect();
        places.extend([NO_ORG, ELSEWHERE]);
        orgs.extend(facts.orgs().filter(|org| org.as_str() == elsewhere));
        orgs.extend(orgs.last().copied());

        let known = |id: &SubjectId| {
            let subject = Subject::new(id.clone());
            let kind = document.subjects.get(id.as_str()).and_then(|it| it.kind);
            match acting_for {
                Some(delegator) if kind == Some(Kind::Agent) => {
                    subject.acting_for(delegator.clone())
                }
                _ => subject,
            }
        };
        let asked: Vec<(Subject, Vec<usize>)> = subjects
            .iter()
            .map(|id| {
                let of = members.get(id.as_str()).into_iter().flatten();
                let mut of: Vec<_> = of.filter_map(|org| row_of.get(org).copied()).collect();
                of.sort_unstable();
                if of.is_empty() {
                    of.push(strangers);
                }
                (known(id), of)
            })
            .collect();
        bounded([asks, asked.iter().map(|(_, of)| of.len() + 1).sum()])?;

        let rows = Self::rows(routes, |ask| {
            let mut strips = Vec::new();
            for (who, (subject, of)) in asked.iter().enumerate() {
                let (in_orgs, is_unnamed) = match ask.asked_in() {
                    AskedIn::Named => (&**of, false),
                    AskedIn::NamedOrDefault => (&**of, true),
                    AskedIn::Default | AskedIn::NoOrg => (&[][..], true),
                };
                for place in in_orgs {
                    let Some(org) = orgs.get(*place) else {
                        continue;
                    };
                    let cell = ask.answer(&facts, subject, org, Some(at));
                    strips.push(Strip::of_one(who, *place, cell));
                }
                if is_unnamed {
                    let cell = ask.answer_unnamed(&facts, subject, Some(at));
                    strips.push(Strip::of_one(who, no_org, cell));
                }
            }
            strips
        });
        let matrix = Self {
            by: By::Subjects,
            whos: subjects
                .iter()
                .map(|id| Label::named(id.as_str()))
                .collect(),
            places,
            columns: vec![Label::named("")],
            rows,
        };
        Ok(matrix.with_what_is_used())
    }

    /// Without the subjects and orgs of which nothing is said, and the others in order.
    pub(super) fn with_what_is_used(mut self) -> Self {
        let strips = || self.rows.iter().flat_map(|row| &row.strips);
        let whos = used(&self.whos, strips().map(|strip| strip.who));
        let places = used(&self.places, strips().map(|strip| strip.place));
        for strip in self.rows.iter_mut().flat_map(|row| &mut row.strips) {
            strip.who = whos.1.get(&strip.who).copied().unwrap_or_default();
            strip.place = places.1.get(&strip.place).copied().unwrap_or_default();
        }
        for row in &mut self.rows {
            row.strips.sort_by_key(|strip| (strip.who, strip.place));
        }
        (self.whos, self.places) = (whos.0, places.0);
        self
    }
}

impl Strip<MatrixCell> {
    /// Of a matrix that has one column.
    fn of_one(who: usize, place: usize, cell: MatrixCell) -> Self {
        Self {
            who,
            place,
            cells: vec![cell],
        }
    }
}

/// The labels that are used, in order, and where each now is.
fn used(labels: &[Label], at: impl Iterator<Item = usize>) -> (Vec<Label>, HashMap<usize, usize>) {
    let at: BTreeSet<usize> = at.collect();
    let mut kept: Vec<(&Label, usize)> = at
        .into_iter()
        .filter_map(|at| labels.get(at).map(|label| (label, at)))
        .collect();
    kept.sort_unstable();
    let moved = kept.iter().enumerate().map(|(now, (_, then))| (*then, now));
    let moved = moved.collect();
    (
        kept.into_iter().map(|(label, _)| label.clone()).collect(),
        moved,
    )
}

/// The orgs that each is a member of, those under them among them.
pub(super) fn members(
    document: &PolicyDocument,
    asks: usize,
) -> Result<BTreeMap<&str, Vec<&str>>, MatrixError> {
    let mut all: HashMap<&str, Rc<BTreeSet<&str>>> = HashMap::new();
    let (mut kept, mut orgs_of) = (0_usize, BTreeMap::<&str, Vec<&str>>::new());
    for id in document.orgs.keys() {
        let mut path = Vec::new();
        let mut next = Some(id.as_str());
        // The policy has been compiled: no org lies under itself.
        while let Some(org) = next.filter(|org| !all.contains_key(org)) {
            path.push(org);
            next = document.orgs.get(org).and_then(|org| org.parent.as_deref());
        }
        let mut above = next
            .and_then(|org| all.get(org))
            .cloned()
            .unwrap_or_default();
        for org in path.into_iter().rev() {
            let own = document.orgs.get(org).map(|org| &org.members);
            if let Some(own) = own.filter(|own| !own.is_empty()) {
                let mut both = BTreeSet::clone(&above);
                both.extend(own.keys().map(String::as_str));
                above = Rc::new(both);
            }
            kept = kept.saturating_add(above.len());
            bounded([asks, kept])?;
            for member in above.iter() {
                orgs_of.entry(member).or_default().push(org);
            }
            all.insert(org, Rc::clone(&above));
        }
    }
    Ok(orgs_of)
}
