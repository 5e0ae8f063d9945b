//! One evaluation (section 6).

use axum::extract::{Request, State};

use super::decision::Answer;
use super::entity::Entities;
use super::inquiry::{AskedAbout, Inquiry, may_ask};
use super::question::Question;
use super::read;
use super::refusal::Refusal;
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use gatepost::{Gate, Timestamp};

pub(super) async fn evaluation(
    State(kept): State<Kept>,
    asker: Result<Asker, Fault>,
    request: Request,
) -> Result<Answer, Refusal> {
    let asker = asker?;
    let body = read(request).await?;
    evaluate(&kept.gate, &asker, Entities::of(&body)).await
}

/// Evaluates one request.
pub(super) async fn evaluate(
    gate: &Gate,
    asker: &Asker,
    entities: Entities<'_>,
) -> Result<Answer, Refusal> {
    let question = Question::of(entities)?;
    let Some(id) = &question.subject.id else {
        return Err(Refusal::bad_request("`subject.id` is missing"));
    };
    if !may_ask(asker, &question.subject, id, question.scene.org.as_ref()).await? {
        return Err(Refusal::about_others());
    }
    let mut inquiry = Inquiry::new(gate)?;
    if question.subject.kind.is_none() {
        return Ok(Answer::of_no_kind(inquiry.facts().version()));
    }
    let about = AskedAbout::new(&question.subject, id, asker);
    let scene = &question.scene;
    let request = scene.request(&question.resource, &question.action, None, Timestamp::now());
    Answer::of(inquiry.ask(&about, &request).await)
}
