//! Several evaluations in one request (section 7).

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use gatepost::Gate;
use serde::Serialize;
use serde_json::Value;

use super::decision::Answer;
use super::entity::Entities;
use super::evaluation::evaluate;
use super::json::{Object, member, object_in, text};
use super::read;
use super::refusal::Refusal;
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;

/// The most evaluations of one request.
const MOST: usize = 1_000;

#[derive(Serialize)]
struct Answers {
    evaluations: Vec<Answer>,
}

/// When a request is answered before all of it is evaluated (section 7.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Semantic {
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

pub(super) async fn evaluations(
    State(kept): State<Kept>,
    asker: Result<Asker, Fault>,
    request: Request,
) -> Result<Response, Refusal> {
    let asker = asker?;
    let body = read(request).await?;
    let items = match member(&body, "evaluations") {
        None => &[][..],
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Refusal::bad_request("`evaluations` is no list")),
    };
    let semantic = Semantic::of(&body)?;
    let defaults = Entities::of(&body);
    if items.is_empty() {
        let answer = evaluate(&kept.gate, &asker, defaults).await?;
        return Ok(answer.into_response());
    }
    if items.len() > MOST {
        return Err(Refusal::bad_request(format!(
            "`evaluations` has more than {MOST} of them"
        )));
    }
    defaults.check_defaults()?;
    let mut answers = Vec::with_capacity(items.len());
    for item in items {
        let answer = one(&kept.gate, &asker, item, defaults).await;
        let decision = answer.decision;
        answers.push(answer);
        if semantic.ends_with(decision) {
            break;
        }
    }
    let evaluations = answers;
    Ok(Json(Answers { evaluations }).into_response())
}

/// One of several; that it cannot be evaluated is told in its place, and is no permit.
async fn one(gate: &Gate, asker: &Asker, item: &Value, defaults: Entities<'_>) -> Answer {
    let Some(item) = item.as_object() else {
        return Answer::failed(Refusal::bad_request("the evaluation is no object"));
    };
    let entities = Entities::of(item).or(defaults);
    let answer = evaluate(gate, asker, entities).await;
    answer.unwrap_or_else(Answer::failed)
}

impl Semantic {
    fn of(body: &Object) -> Result<Self, Refusal> {
        let Some(options) = object_in(body, "options", "options")? else {
            return Ok(Self::ExecuteAll);
        };
        match text(options, "options", "evaluations_semantic")? {
            None | Some("execute_all") => Ok(Self::ExecuteAll),
            Some("deny_on_first_deny") => Ok(Self::DenyOnFirstDeny),
            Some("permit_on_first_permit") => Ok(Self::PermitOnFirstPermit),
            Some(_) => Err(Refusal::bad_request(
                "`options.evaluations_semantic` is none of `execute_all`, `deny_on_first_deny` and \
                 `permit_on_first_permit`",
            )),
        }
    }

    fn ends_with(self, decision: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !decision,
            Self::PermitOnFirstPermit => decision,
        }
    }
}
