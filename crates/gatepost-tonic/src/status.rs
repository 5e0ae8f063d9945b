//! A problem document as a gRPC status.

use std::collections::BTreeMap;

use gatepost::{Code, ProblemDocument};
use prost::Message;
use prost_types::Any;
use serde_json::Value;
use tonic_types::pb::{RetryInfo, Status as RpcStatus};

/// The `domain` of the [`ErrorInfo`](tonic_types::ErrorInfo) in an answer.
pub const DOMAIN: &str = "gatepost.dev";

/// Seconds after which a client may ask again what could not be answered.
const RETRY_SECONDS: i64 = 1;

/// The gRPC status that a client gets.
///
/// Its details are one `google.rpc.ErrorInfo` with the code as its `reason`, and the members of the
/// document as its `metadata`: what is no string there is written as one, and the two members of `remedy` are
/// `remedy_who` and `remedy_action`. What may be asked again has a `google.rpc.RetryInfo` beside it.
///
/// ```
/// use gatepost::{Code, DecisionId, Denial, ProblemDocument};
/// use tonic_types::StatusExt;
///
/// let status = gatepost_tonic::status(&Denial::new(Code::OrgOff).asked("chat", "create").problem());
/// assert_eq!(status.code(), tonic::Code::PermissionDenied);
/// let info = status.get_details_error_info().ok_or("no info")?;
/// assert_eq!(info.reason, "org_off");
/// assert_eq!(info.metadata["remedy_who"], "org_admin");
///
/// // There is no such object: what a hidden denial is answered with, too.
/// let missing = gatepost_tonic::status(&ProblemDocument::not_found(DecisionId::new()));
/// assert_eq!(missing.code(), tonic::Code::NotFound);
/// # Ok::<(), &str>(())
/// ```
pub fn status(problem: &ProblemDocument<'_>) -> tonic::Status {
    let code = grpc(problem.code);
    let message = problem.detail.as_deref().unwrap_or(problem.title);
    let info = ErrorInfo {
        reason: problem.code.map_or("", Code::as_str).to_owned(),
        domain: DOMAIN.to_owned(),
        metadata: members(problem),
    };
    let mut details = vec![any("ErrorInfo", &info)];
    if code == tonic::Code::Unavailable {
        let retry_delay = Some(prost_types::Duration {
            seconds: RETRY_SECONDS,
            nanos: 0,
        });
        details.push(any("RetryInfo", &RetryInfo { retry_delay }));
    }
    let details = RpcStatus {
        code: code.into(),
        message: message.to_owned(),
        details,
    };
    tonic::Status::with_details(code, message, details.encode_to_vec().into())
}

/// The gRPC code of a code; that of a document without one, which is a missing object's.
fn grpc(code: Option<Code>) -> tonic::Code {
    let Some(code) = code else {
        return tonic::Code::NotFound;
    };
    match code {
        Code::Unauthenticated => tonic::Code::Unauthenticated,
        Code::BadRequest | Code::OrgRequired | Code::OrgConflict => tonic::Code::InvalidArgument,
        Code::BodyTooLarge => tonic::Code::ResourceExhausted,
        Code::PolicyUnavailable | Code::PolicyStale => tonic::Code::Unavailable,
        Code::PermitMissing => tonic::Code::Internal,
        Code::SubjectSuspended
        | Code::DelegatorMissing
        | Code::ScopeMissing
        | Code::SiteOff
        | Code::SiteDenied
        | Code::SiteGrantMissing
        | Code::SiteModeOff
        | Code::NoDefaultOrg
        | Code::NotAMember
        | Code::OrgSuspended
        | Code::OrgOff
        | Code::OrgModeOff
        | Code::OrgDenied
        | Code::OrgGrantMissing
        | Code::ModeFloor
        | Code::TicketInvalid
        | Code::TicketExpired => tonic::Code::PermissionDenied,
    }
}

/// The members of the document, whichever it has: one that is added there is added here.
fn members(problem: &ProblemDocument<'_>) -> BTreeMap<String, String> {
    let mut members = BTreeMap::new();
    if let Ok(Value::Object(document)) = serde_json::to_value(problem) {
        flatten("", document, &mut members);
    }
    members
}

fn flatten(
    prefix: &str,
    document: serde_json::Map<String, Value>,
    members: &mut BTreeMap<String, String>,
) {
    for (name, value) in document {
        let name = format!("{prefix}{name}");
        match value {
            Value::Object(inner) => flatten(&format!("{name}_"), inner, members),
            Value::String(text) => {
                members.insert(name, text);
            }
            Value::Null => {}
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
                members.insert(name, other.to_string());
            }
        }
    }
}

fn any(name: &str, message: &impl Message) -> Any {
    Any {
        type_url: format!("type.googleapis.com/google.rpc.{name}"),
        value: message.encode_to_vec(),
    }
}

/// `google.rpc.ErrorInfo` with its metadata in order, so that the same answer has the same bytes;
/// that of `tonic-types` writes a hash map, in another order each time.
#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
    #[prost(btree_map = "string, string", tag = "3")]
    metadata: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use gatepost::{DecisionId, Denial};
    use tonic_types::StatusExt;

    use super::*;

    #[test]
    fn every_code_has_the_grpc_code_that_its_http_status_maps_to() {
        for &code in Code::ALL {
            let want = match code.status() {
                400 => tonic::Code::InvalidArgument,
                401 => tonic::Code::Unauthenticated,
                403 => tonic::Code::PermissionDenied,
                413 => tonic::Code::ResourceExhausted,
                500 => tonic::Code::Internal,
                503 => tonic::Code::Unavailable,
                other => panic!("{code} has status {other}"),
            };
            let status = status(&Denial::new(code).problem());
            assert_eq!(status.code(), want, "{code}");
            let retry = status
                .get_details_retry_info()
                .and_then(|retry| retry.retry_delay);
            assert_eq!(retry.is_some(), want == tonic::Code::Unavailable, "{code}");
            let details = RpcStatus::decode(status.details()).unwrap();
            assert_eq!(details.code, i32::from(want), "{code}");
            assert_eq!(details.message, status.message(), "{code}");
        }
    }

    #[test]
    fn the_members_are_those_of_the_document() {
        let denial = Denial::new(Code::OrgOff).asked("chat", "create");
        let status = status(&denial.problem());
        let info = status.get_details_error_info().unwrap();
        assert_eq!((&*info.reason, &*info.domain), ("org_off", "gatepost.dev"));
        let document = serde_json::to_value(denial.problem()).unwrap();
        let member = |name: &str| document[name].as_str().unwrap().to_owned();
        let want = [
            ("type", member("type")),
            ("title", member("title")),
            ("status", "403".to_owned()),
            ("detail", member("detail")),
            ("code", "org_off".to_owned()),
            ("tier", "org".to_owned()),
            ("resource", "chat".to_owned()),
            ("action", "create".to_owned()),
            ("remedy_who", "org_admin".to_owned()),
            (
                "remedy_action",
                document["remedy"]["action"].as_str().unwrap().to_owned(),
            ),
            ("decision", denial.decision().to_string()),
        ];
        let want = want.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(info.metadata, want.into_iter().collect());
        assert_eq!(status.message(), member("detail"));
    }

    #[test]
    fn a_hidden_denial_has_the_bytes_of_a_missing_object() {
        let missing = DecisionId::new();
        for &code in Code::ALL {
            let denial = Denial::new(code).asked("chat", "read").hidden(true);
            if !denial.is_hidden() {
                continue;
            }
            let hidden = status(&denial.problem());
            let not_found = status(&ProblemDocument::not_found(denial.decision()));
            assert_eq!(hidden.code(), not_found.code());
            assert_eq!(hidden.message(), not_found.message());
            assert_eq!(hidden.details(), not_found.details(), "{code}");
            let other = status(&ProblemDocument::not_found(missing));
            assert_eq!(other.details().len(), hidden.details().len());
        }
    }
}
