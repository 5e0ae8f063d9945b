//! What a method reads of its request.

use gatepost_tonic::{Admitted, Requirement, Requires};
use tonic::{Code, Status};

use crate::fixture::{BY_METADATA, CHECK, Reached, SITE_WIDE, UPDATE, ask, call, framed, gated};

struct ByMetadata;
impl Requires for ByMetadata {
    const REQUIREMENT: Requirement = BY_METADATA;
}

struct SiteWide;
impl Requires for SiteWide {
    const REQUIREMENT: Requirement = SITE_WIDE;
}

type Does = fn(&tonic::Request<tonic_health::pb::HealthCheckRequest>) -> Result<(), Status>;

async fn said(requirement: Option<&Requirement>, does: Does) -> (Code, String) {
    let gated = match requirement {
        Some(requirement) => gated().method("Check", *requirement),
        None => gated().public("Check", "an example"),
    };
    let service = gated.service(Reached::doing(does).server()).unwrap();
    let answer = ask(service, call(CHECK, "alice", "acme", framed("otto's"))).await;
    let reason = match answer.status.code() {
        Code::Ok => String::new(),
        _ => answer.info().reason,
    };
    (answer.status.code(), reason)
}

#[tokio::test]
async fn the_permit_says_what_was_decided() {
    let ok = (Code::Ok, String::new());
    let permit: Does = |request| {
        let permit = request.permit()?;
        assert_eq!(permit.subject().as_str(), "alice");
        assert_eq!(permit.org().unwrap().as_str(), "acme");
        request.permit_for::<ByMetadata>().map(drop)
    };
    assert_eq!(said(Some(&BY_METADATA), permit).await, ok);
    let entity: Does = |request| {
        assert_eq!(*request.entity::<String>()?, "otto's");
        Ok(())
    };
    assert_eq!(said(Some(&UPDATE), entity).await, ok);
}

#[tokio::test]
async fn what_the_method_is_not_given_fails_closed() {
    let missing = (Code::Internal, "permit_missing".to_owned());
    let permit: Does = |request| request.permit().map(drop);
    assert_eq!(said(None, permit).await, missing);
    let other: Does = |request| request.permit_for::<SiteWide>().map(drop);
    assert_eq!(said(Some(&BY_METADATA), other).await, missing);
    let entity: Does = |request| request.entity::<String>().map(drop);
    assert_eq!(said(Some(&BY_METADATA), entity).await, missing);
    let another: Does = |request| request.entity::<u8>().map(drop);
    assert_eq!(said(Some(&UPDATE), another).await, missing);
}
