//! Whether an answer is the one that a call expects.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use http::{HeaderMap, HeaderName, HeaderValue};
use prost::Message;
use serde_json::Value;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::load::{Call, Expect};
use super::service::Note;
use crate::served::Run;
use crate::wire::{Reply, TABLE};

/// What is wrong with an answer.
#[derive(Debug, Default)]
pub(super) struct Check {
    pub(super) faults: Vec<String>,
    /// The members of the refusal, where it is one.
    members: BTreeMap<String, String>,
}

/// A refusal as it stands on the wire.
#[derive(Debug)]
pub(super) struct Refused {
    /// The name of the `grpc-status`.
    pub(super) status: &'static str,
    /// The reason, which is empty where it is hidden.
    pub(super) reason: String,
    /// Whether one may ask again, and when.
    pub(super) retries: bool,
}

/// The refusal that an answer is, if it is one.
pub(super) fn refused(reply: &Reply) -> Option<Refused> {
    let status = status(reply)?;
    let info = status.get_details_error_info().expect("an `ErrorInfo`");
    Some(Refused {
        status: name(status.code()),
        reason: info.reason,
        retries: status.get_details_retry_info().is_some(),
    })
}

/// What a refusal tells, but for the id of its decision.
pub(super) fn told(
    reply: &Reply,
) -> Option<(&'static str, String, String, BTreeMap<String, String>)> {
    let status = status(reply)?;
    let info = status.get_details_error_info()?;
    let mut members: BTreeMap<_, _> = info.metadata.into_iter().collect();
    members.remove("decision");
    let message = status.message().to_owned();
    Some((name(status.code()), message, info.reason, members))
}

/// The status that stands in the head, where there is one: behind a message it is in the trailers.
fn status(reply: &Reply) -> Option<Status> {
    let headers = reply.headers.iter().map(|(name, value)| {
        let name = HeaderName::try_from(name).ok()?;
        Some((name, HeaderValue::try_from(value).ok()?))
    });
    Status::from_header_map(&headers.flatten().collect::<HeaderMap>())
}

impl Check {
    pub(super) fn of(call: &Call, reply: &Reply, runs: &[Run]) -> Self {
        let mut check = Self::default();
        let expect = &call.expect;
        check.equal("HTTP status", &reply.status, &200);
        let ran: Vec<_> = runs.iter().map(|run| &run.ran).collect();
        check.equal("ran", &ran, &expect.ran.iter().collect());
        for run in runs.iter().filter(|_| call.is_one_message()) {
            let sent = call.message.clone().unwrap_or_default().encode_to_vec();
            check.equal("message that the method got", &run.body, &sent);
        }
        match &expect.ran {
            Some(ran) => {
                check.equal(
                    "grpc-status",
                    &reply.header("trailer:grpc-status"),
                    &Some("0"),
                );
                let told = reply.body.get(5..).map(Note::decode);
                let told = told.and_then(Result::ok).map(|note| note.text.into_bytes());
                check.equal("answer", &told, &Some(ran.to_json()));
            }
            None => check.refusal(expect, reply),
        }
        check
    }

    fn refusal(&mut self, expect: &Expect, reply: &Reply) {
        let content_type = reply.header("content-type");
        self.equal("content-type", &content_type, &Some("application/grpc"));
        self.equal("body", &reply.body.len(), &0);
        let trailer = reply
            .headers
            .iter()
            .find(|(name, _)| name.starts_with("trailer:"));
        self.equal("trailers behind the head", &trailer, &None);
        let Some(status) = status(reply) else {
            return self.faults.push(format!("no status: {:?}", reply.headers));
        };
        self.equal("grpc-status", &name(status.code()), &&*expect.status);
        let Some(info) = status.get_details_error_info() else {
            return self.faults.push("no ErrorInfo".to_owned());
        };
        self.equal("domain", &&*info.domain, &"gatepost.dev");
        self.equal(
            "reason",
            &&*info.reason,
            &expect.code.as_deref().unwrap_or(""),
        );
        let retries = status.get_details_retry_info().is_some();
        self.equal("may ask again", &retries, &(expect.status == "UNAVAILABLE"));
        self.members = info.metadata.into_iter().collect();
        let decision = self.members.remove("decision").map(|id| id.len());
        self.equal("length of the decision's id", &decision, &Some(16));
        let Some(code) = &expect.code else {
            let members = [
                ("type", "about:blank"),
                ("title", "Not Found"),
                ("status", "404"),
            ];
            let hidden = members.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let given = std::mem::take(&mut self.members);
            self.equal("hidden members", &given, &hidden.into());
            self.members = given;
            return;
        };
        let (_, number, tier) = *TABLE.iter().find(|row| row.0 == code).unwrap();
        let always = HashMap::from([
            ("code", Some(code.clone())),
            ("status", Some(number.to_string())),
            ("tier", tier.map(str::to_owned)),
            ("type", Some(format!("https://gatepost.dev/codes/{code}"))),
        ]);
        for (member, value) in always {
            self.equal(member, &self.members.get(member).cloned(), &value);
        }
        for (member, value) in &expect.problem {
            let value = value.as_str().filter(|value| *value != "null");
            self.equal(
                member,
                &self.members.get(member).cloned(),
                &value.map(str::to_owned),
            );
        }
    }

    /// The answer to the row of the same name has the same members.
    pub(super) fn twin(&mut self, reply: &Reply) {
        let is_problem = reply.header("content-type") == Some("application/problem+json");
        let mut members = BTreeMap::new();
        if is_problem {
            for (name, value) in reply.problem() {
                match value {
                    Value::Object(parts) => {
                        members.extend(parts.into_iter().map(|(part, value)| {
                            (
                                format!("{name}_{part}"),
                                value.as_str().unwrap_or("").to_owned(),
                            )
                        }));
                    }
                    Value::String(text) => drop(members.insert(name, text)),
                    other => drop(members.insert(name, other.to_string())),
                }
            }
        }
        members.remove("decision");
        let own = std::mem::take(&mut self.members);
        self.equal("members, as those of its twin", &own, &members);
    }

    fn equal<T: PartialEq + Debug>(&mut self, what: &str, is: &T, must: &T) {
        if is != must {
            self.faults
                .push(format!("{what}: is {is:?}, must be {must:?}"));
        }
    }
}

fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::NotFound => "NOT_FOUND",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::Unauthenticated => "UNAUTHENTICATED",
        _ => "another one",
    }
}
