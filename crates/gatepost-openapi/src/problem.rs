//! The problem document as a schema.

use gatepost::{Code, Mode, Tier, Who};
use serde_json::Value;
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, SchemaFormat, Type};

/// The name of the schema in the document.
pub(crate) const NAME: &str = "Problem";

/// The problem document (RFC 9457) of a refusal.
pub(crate) fn schema() -> Schema {
    let hidden = "A hidden refusal has `type`, `title`, `status` and `decision` alone.";
    let document = object(&format!("Why a request was not allowed. {hidden}"))
        .property("type", uri("Names the kind of problem."))
        .property("title", text("The kind of problem, in words."))
        .property("status", status())
        .property("detail", text("What is to be said to the reader."))
        .required("type")
        .required("title")
        .required("status");
    let asked = reasons(document)
        .property("resource", text("What was asked for."))
        .property("action", text("What was to be done with it."))
        .property("mode", mode("How the work would have run."))
        .property("org", text("The org that the request named."))
        .property("decision", text("The id that is also in the log."));
    asked.required("decision").build().into()
}

/// What says why: the code, its tier, and who can change it. A capability has the same.
pub(crate) fn reasons(object: ObjectBuilder) -> ObjectBuilder {
    object
        .property("code", code())
        .property("tier", tier())
        .property("whose", whose())
        .property(
            "required_role",
            text("The role that reaches the mode's floor."),
        )
        .property("remedy", remedy())
}

fn code() -> Object {
    let codes = Code::ALL.iter().map(|code| code.as_str());
    one_of("Why. It never changes and is never translated.", codes)
}

fn tier() -> Object {
    let tiers = [Tier::Identity, Tier::Site, Tier::Org, Tier::Mode];
    one_of("Where it was decided.", tiers.map(Tier::as_str))
}

pub(crate) fn mode(description: &str) -> Object {
    let modes = [Mode::Foreground, Mode::Background];
    one_of(description, modes.map(Mode::as_str))
}

fn whose() -> Object {
    let description = "Whose refusal it was, where the subject acts for somebody.";
    one_of(description, ["subject", "acting_for"])
}

fn remedy() -> Schema {
    let all = [Who::SiteAdmin, Who::OrgAdmin, Who::Requester];
    let all = all.map(|who| serde_json::to_value(who).unwrap_or_default());
    object("Who can change the answer, and how.")
        .property("who", one_of("Who.", all))
        .property("action", text("What to do."))
        .required("who")
        .required("action")
        .build()
        .into()
}

fn status() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("The HTTP status."))
        .minimum(Some(400))
        .maximum(Some(599))
        .build()
}

pub(crate) fn object(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(description))
}

pub(crate) fn text(description: &str) -> Object {
    of_type(Type::String, description).build()
}

fn uri(description: &str) -> Object {
    let format = SchemaFormat::Custom("uri-reference".to_owned());
    let uri = of_type(Type::String, description);
    uri.format(Some(format)).build()
}

pub(crate) fn one_of<W: Into<Value>>(
    description: &str,
    words: impl IntoIterator<Item = W>,
) -> Object {
    let text = of_type(Type::String, description);
    text.enum_values(Some(words)).build()
}

pub(crate) fn of_type(is: Type, description: &str) -> ObjectBuilder {
    let object = ObjectBuilder::new().schema_type(is);
    object.description(Some(description))
}
