//! The route at which a subject asks what it may do, as an operation.

use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, Object, ObjectBuilder, Schema, Type,
};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};

use crate::answers;
use crate::problem::{mode, object, of_type, one_of, reasons, text};

const ANSWER: &str = "Capabilities";
const ROW: &str = "Capability";

/// Adds the operation of a capabilities route, `GET` of this path, with the schemas of its answer.
///
/// The route is an adapter's own, so it has no handler of the service that could be described. Its subject says
/// who it is by the security scheme of this name, which is the one that [`describe`](crate::describe) is given.
pub fn add_capabilities(api: &mut OpenApi, path: &str, scheme_name: &str) {
    let schemas = &mut api.components.get_or_insert_default().schemas;
    schemas.insert(ANSWER.to_owned(), answer().into());
    schemas.insert(ROW.to_owned(), row().into());
    let operation = operation(scheme_name);
    let paths = &mut api.paths;
    paths.add_path_operation(path, vec![HttpMethod::Get], operation);
}

fn operation(scheme_name: &str) -> Operation {
    let unreadable = "The query or who asks cannot be read.";
    OperationBuilder::new()
        .summary(Some("What the subject may do"))
        .description(Some(
            "Every route and mode, with the outcome that a request would have now.",
        ))
        .operation_id(Some("capabilities"))
        .parameter(org())
        .security(SecurityRequirement::new(scheme_name, Vec::<String>::new()))
        .response("200", answered())
        .response(
            "304",
            Response::new("As it was: the `ETag` is the one that was sent."),
        )
        .response("400", answers::refusal(unreadable))
        .response("401", answers::unauthenticated())
        .response("503", answers::unavailable())
        .build()
}

fn org() -> Parameter {
    ParameterBuilder::new()
        .name("org")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(
            "The org in which; without it, what depends on one says so.",
        ))
        .schema(Some(of_type(Type::String, "The org's id.")))
        .build()
}

fn answered() -> Response {
    ResponseBuilder::new()
        .description("What the subject may do now.")
        .content(
            "application/json",
            Content::new(Some(Ref::from_schema_name(ANSWER))),
        )
        .build()
}

fn answer() -> Schema {
    let rows = ArrayBuilder::new().items(RefOr::from(Ref::from_schema_name(ROW)));
    object("What a subject may do.")
        .property("subject", text("Who asks."))
        .property(
            "acting_for",
            text("For whom, where the subject acts for somebody."),
        )
        .property("org", text("The org that was asked about."))
        .property("routes", rows)
        .required("subject")
        .required("routes")
        .build()
        .into()
}

fn row() -> Schema {
    let row = object("What a request of one route, in one mode, would come to.")
        .property("method", text("The method; `*` is every one."))
        .property("path", text("The path, with its parameters in braces."))
        .property("resource", text("What is asked for."))
        .property("action", text("What is to be done with it."))
        .property("mode", mode("How the work would run."))
        .property("when", when())
        .property(
            "public",
            of_type(Type::Boolean, "Whether nobody need ask.").build(),
        )
        .property("on", on())
        .property(
            "own",
            either("The outcome for an object of the subject's own."),
        )
        .property("other", either("The outcome for any other object."))
        .required("method")
        .required("path");
    outcome(row, &["allow", "deny", "depends"]).build().into()
}

/// What a request comes to, and why. A denial that is hidden says no more than `outcome`.
fn outcome(of: ObjectBuilder, outcomes: &[&str]) -> ObjectBuilder {
    let outcomes = outcomes.iter().copied();
    reasons(of)
        .property("outcome", one_of("What it comes to.", outcomes))
        .property("title", text("The kind of problem, in words."))
        .property("detail", text("What is to be said to the reader."))
        .required("outcome")
}

fn either(description: &str) -> Schema {
    outcome(object(description), &["allow", "deny"])
        .build()
        .into()
}

fn when() -> Schema {
    let description =
        "The values of path parameters that the row is about; a row without is about all others.";
    let values = AdditionalProperties::RefOr(RefOr::T(Object::with_type(Type::String).into()));
    object(description)
        .additional_properties(Some(values))
        .build()
        .into()
}

fn on() -> Schema {
    ArrayBuilder::new()
        .description(Some("What the outcome depends on."))
        .items(RefOr::T(one_of("One of them.", ["org", "owner"]).into()))
        .build()
        .into()
}
