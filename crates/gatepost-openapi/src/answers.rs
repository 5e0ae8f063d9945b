//! The answers that a refusal may have, as they follow from what is required.

use gatepost::{PROBLEM_JSON, RequirementRecord};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Header, Ref, Response, ResponseBuilder};

use crate::problem;

/// The answers of a route that requires this, each with its status.
pub(crate) fn of(requires: &RequirementRecord) -> Vec<(&'static str, Response)> {
    let mut answers = vec![
        // Whoever asks is read from the request before anything can be hidden: a token given twice.
        (
            "400",
            refusal(
                "The request cannot be read as one that can be decided: it names no org or several, or what is read of it is given twice or ill-formed.",
            ),
        ),
        ("401", unauthenticated()),
    ];
    if !requires.hidden {
        answers.push((
            "403",
            refusal("Refused. `code` says why, and `remedy` who can change that."),
        ));
        if requires.body_limit.is_some() {
            answers.push(("413", refusal(&too_large(requires))));
        }
    }
    if requires.hidden || is_loaded(requires) {
        answers.push(("404", refusal(not_found(requires))));
    }
    answers.push(("503", unavailable()));
    answers
}

/// Adds to what an operation says itself of a status that a refusal has as well.
///
/// What it says stays. Where it tells of problem documents itself, nothing is added.
pub(crate) fn merge(there: &mut Response, refusal: Response) {
    let is_there = |name: &str| name.eq_ignore_ascii_case(PROBLEM_JSON);
    if there.content.keys().any(|name| is_there(name)) {
        return;
    }
    there.content.extend(refusal.content);
    for (name, header) in refusal.headers {
        let is_it = |there: &String| there.eq_ignore_ascii_case(&name);
        if !there.headers.keys().any(is_it) {
            there.headers.insert(name, header);
        }
    }
    add_paragraph(&mut there.description, &refusal.description);
}

/// Adds a paragraph of Markdown, unless it is there.
pub(crate) fn add_paragraph(text: &mut String, paragraph: &str) {
    if text.contains(paragraph) {
        return;
    }
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(paragraph);
}

/// Whether an object is loaded, which there may be none of.
fn is_loaded(requires: &RequirementRecord) -> bool {
    let owner = requires.owner.as_deref();
    owner.is_some_and(|owner| owner == "object" || owner == "object by body")
}

fn not_found(requires: &RequirementRecord) -> &'static str {
    if requires.hidden {
        "There is nothing here, or nothing that the subject may know of: the same answer for both."
    } else {
        "There is no such object."
    }
}

fn too_large(requires: &RequirementRecord) -> String {
    let limit = requires.body_limit.unwrap_or_default();
    format!("The body is larger than the {limit} bytes of it that are read to decide.")
}

/// Nobody was found who asks.
pub(crate) fn unauthenticated() -> Response {
    let challenge = header("How to say who asks (RFC 9110, 11.6.1).");
    let answer = refused("Nobody was found who asks.");
    answer.header("WWW-Authenticate", challenge).build()
}

/// No answer could be given.
pub(crate) fn unavailable() -> Response {
    let seconds = header("Seconds after which to ask again.");
    let answer = refused("It could not be decided. That is no refusal: ask again.");
    answer.header("Retry-After", seconds).build()
}

/// A problem document, and when there is one.
pub(crate) fn refusal(description: &str) -> Response {
    refused(description).build()
}

fn refused(description: &str) -> ResponseBuilder {
    let schema = Ref::from_schema_name(problem::NAME);
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, Content::new(Some(schema)))
}

fn header(description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(description))
        .build()
}
