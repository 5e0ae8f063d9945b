//! Why a request is answered as it is.

use std::sync::Arc;

use gatepost::{
    ChangePlace, Check, Code, ExplainedDecision, ExplainedLine, ExplainedPart, Explanation,
    OrgInput, Request, RequestDocument, Snapshot, Subject, SubjectId, explain,
};

use crate::asker::{Asker, Insight};
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::Scope;
use crate::views::{PlaceView, WhyChangeView, WhyLineView, WhyPartView, WhyView};

impl Kept {
    /// The fifteen checks of a request, by the live facts; of an org, only of requests in it.
    ///
    /// A request without a subject is one of whoever asks.
    pub(crate) async fn why(
        &self,
        asker: &Asker,
        scope: Scope<'_>,
        request: &RequestDocument,
    ) -> Result<WhyView, Fault> {
        let question = request.as_request();
        let subjects = asker.asked_about(question.subject.unwrap_or(asker.subject()));
        let subject = subjects.first().unwrap_or(asker.subject());
        let org = match question.org {
            OrgInput::Named(org) => Some(org),
            _ => None,
        };
        if let Scope::Org(path) = scope
            && org.is_none_or(|org| org.as_str() != path)
        {
            let why = "`org` is another one than that of the path";
            return Err(Fault::bad_request(why));
        }
        let of_subject = asker.must_ask_about(subject.id(), org).await?;
        let of_delegator = match subject.delegator() {
            None => Insight::Whole,
            Some(delegator) => match asker.must_ask_about(delegator, org).await {
                // Whoever acts for somebody may ask what that comes to.
                Err(fault) if !fault.is_error() && acts_for(asker, subject, delegator) => {
                    Insight::OfOrg
                }
                insight => insight?,
            },
        };
        let facts: Arc<Snapshot> = self.gate.snapshot()?;
        let explanation = explained(&facts, &question, &subjects);
        let mut view = told(&explanation);
        for part in &mut view.parts {
            let insight = match part.whose.as_str() {
                "acting_for" => of_delegator,
                _ => of_subject,
            };
            if insight == Insight::OfOrg {
                without_the_site(part);
            }
        }
        if of_subject.min(of_delegator) == Insight::OfOrg {
            view.changes.retain(|change| !is_of_the_site(change));
        }
        if is_unknown_org(&explanation) && !asker.may_audit_site().await? {
            return Ok(without_the_org(view));
        }
        Ok(view)
    }
}

fn acts_for(asker: &Asker, subject: &Subject, delegator: &SubjectId) -> bool {
    subject.id() == asker.id() && asker.subject().delegator() == Some(delegator)
}

/// What is answered; where several lists of scopes limit the subject, by one that lets nothing through if there is
/// one: but for what the scopes cover, each is answered the same.
fn explained(facts: &Snapshot, question: &Request<'_>, subjects: &[Subject]) -> Explanation {
    let mut first = None;
    for subject in subjects {
        let explanation = explain(facts, &question.subject(subject));
        let code = code(&explanation);
        if code == Some(Code::ScopeMissing) {
            return explanation;
        }
        first.get_or_insert(explanation);
    }
    first.unwrap_or_else(|| explain(facts, question))
}

fn code(explanation: &Explanation) -> Option<Code> {
    match &explanation.decision {
        ExplainedDecision::Deny { code, .. } | ExplainedDecision::Error(code) => Some(*code),
        _ => None,
    }
}

/// The admins of an org are told of another whether the checks before the org's were passed, and not by what the
/// site says of that subject.
fn without_the_site(part: &mut WhyPartView) {
    for line in &mut part.lines {
        if line.number < Check::OrgNamed.number() && line.outcome != "not_reached" {
            line.text = match &line.code {
                Some(code) => format!("{code}: the admins of the site are told why"),
                None => "passed".to_owned(),
            };
            line.is_routine = line.code.is_none();
        }
    }
}

/// Whether a change is made by the site: where the admins of an org see nothing of it.
fn is_of_the_site(change: &WhyChangeView) -> bool {
    change.places.iter().any(|place| {
        matches!(
            place,
            PlaceView::Site { .. }
                | PlaceView::SiteRoles
                | PlaceView::Subject { .. }
                | PlaceView::Orgs { .. }
        )
    })
}

fn is_unknown_org(explanation: &Explanation) -> bool {
    matches!(
        explanation.decision,
        ExplainedDecision::Deny {
            code: Code::NotAMember,
            ..
        }
    )
}

/// Whoever may not know an org gets the same answer whether it exists or not.
fn without_the_org(mut view: WhyView) -> WhyView {
    let number = usize::from(Check::OrgKnown.number());
    for line in view.parts.iter_mut().flat_map(|part| &mut part.lines) {
        let at = usize::from(line.number);
        if at == number && line.outcome == "failed" {
            "there is no such org, or none that the subject may know".clone_into(&mut line.text);
        } else if at > number {
            line.text.clear();
        }
    }
    view.changes = vec![WhyChangeView {
        text: "an admin of the org can change it, if there is one".to_owned(),
        places: Vec::new(),
    }];
    view
}

fn told(explanation: &Explanation) -> WhyView {
    let (decision, code, required_role) = match &explanation.decision {
        ExplainedDecision::Allow { .. } => ("allow", None, None),
        ExplainedDecision::Deny {
            code,
            required_role,
            ..
        } => ("deny", Some(*code), required_role.clone()),
        ExplainedDecision::Needs(_) => ("open", None, None),
        ExplainedDecision::Error(code) => ("error", Some(*code), None),
    };
    let changes = explanation.changes.iter().zip(&explanation.places);
    WhyView {
        version: explanation.version,
        decision: decision.to_owned(),
        text: explanation.decision.to_string(),
        code: code.map(|code| code.to_string()),
        tier: code.and_then(Code::tier).map(|tier| tier.to_string()),
        required_role,
        parts: explanation.parts.iter().map(part).collect(),
        changes: changes
            .map(|(text, places)| WhyChangeView {
                text: text.clone(),
                places: places.iter().map(place).collect(),
            })
            .collect(),
    }
}

fn part(part: &ExplainedPart) -> WhyPartView {
    WhyPartView {
        whose: part.whose.as_str().to_owned(),
        subject: part.subject.clone(),
        lines: part.lines.iter().map(line).collect(),
    }
}

fn line(line: &ExplainedLine) -> WhyLineView {
    WhyLineView {
        number: line.check.number(),
        tier: line.check.tier().to_string(),
        outcome: line.outcome.as_str().to_owned(),
        text: line.text.clone(),
        code: line.code.map(|code| code.to_string()),
        is_routine: line.routine,
    }
}

fn place(place: &ChangePlace) -> PlaceView {
    match place.clone() {
        ChangePlace::Site { resource } => PlaceView::Site { resource },
        ChangePlace::SiteRoles => PlaceView::SiteRoles,
        ChangePlace::Orgs { org } => PlaceView::Orgs { org },
        ChangePlace::Org { org, resource } => PlaceView::Org { org, resource },
        ChangePlace::Members { org } => PlaceView::Members { org },
        ChangePlace::OrgRoles { org } => PlaceView::OrgRoles { org },
        ChangePlace::Subject { subject } => PlaceView::Subject { subject },
        // What a newer release knows of is somewhere in the request until this one does.
        _ => PlaceView::Request,
    }
}
