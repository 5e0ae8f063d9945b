//! What the decision does not do.

use super::{Check, Decision, OrgView, Step, Watch, Whose, decide_watched};
use crate::snapshot::OrgIndex;
use crate::world::Worlds;
use crate::{Code, Mode, OrgId, OrgRule, PolicyText, Request, Snapshot, Subject, SubjectId};

const POLICY: &str = r#"
version = 1
[resources]
chat = ["read"]
killed = ["read"]
asleep = ["read"]

[site.gates.chat]
switch = "opt-out"
background = { switch = "off" }
[site.gates.killed]
switch = "off"
access = "everyone"

[site.roles.reader]
grants = ["chat:read"]
[site.roles.banned]
grants = ["chat:read", "!chat:*"]

[org_roles.guest]
level = 10
grants = ["*:*"]

[orgs.acme.members.alice]
roles = ["guest"]
[orgs.acme.members.bob]
roles = ["guest"]

[subjects.alice]
site_roles = ["reader"]
default_org = "acme"
[subjects.banned]
site_roles = ["banned"]
[subjects.suspended]
status = "suspended"
[subjects.bot]
kind = "agent"
site_roles = ["reader"]
"#;

/// Counts how often the facts of an org are read.
#[derive(Default)]
struct OrgReads(usize);

impl Watch for OrgReads {
    fn passed(&mut self, _: Whose, _: Check) {}
    fn reads_org(&mut self) {
        self.0 += 1;
    }
    fn falls_in(&mut self, _: OrgIndex) {}
    fn saw_org(&mut self, _: Whose, _: &OrgView) {}
    fn ended(&mut self, _: Worlds) {}
}

fn count(facts: &Snapshot, request: &Request<'_>) -> (Option<Code>, usize) {
    let mut reads = OrgReads::default();
    let code = match decide_watched(facts, request, &mut reads) {
        Step::Done(Decision::Allow(_)) => None,
        Step::Done(Decision::Deny(deny)) => Some(deny.code),
        other => panic!("not decided: {other:?}"),
    };
    (code, reads.0)
}

#[test]
fn no_org_fact_is_read_when_identity_or_site_refuses() {
    let facts = PolicyText::toml(POLICY).compile(1).unwrap();
    let acme = OrgId::new("acme").unwrap();
    let subject = |id: &str| Subject::new(SubjectId::new(id).unwrap());
    let (alice, bob, banned, suspended) = (
        subject("alice"),
        subject("bob"),
        subject("banned"),
        subject("suspended"),
    );
    let bot = subject("bot");
    let narrow = subject("alice").scopes(["openid"]);

    let read = Request::new("chat", "read");
    let rows = [
        (read, Code::Unauthenticated),
        (read.subject(&suspended), Code::SubjectSuspended),
        (read.subject(&bot), Code::DelegatorMissing),
        (read.subject(&narrow), Code::ScopeMissing),
        (
            Request::new("killed", "read").subject(&alice),
            Code::SiteOff,
        ),
        (
            Request::new("asleep", "read").subject(&alice),
            Code::SiteOff,
        ),
        (
            Request::new("nowhere", "read").subject(&alice),
            Code::SiteOff,
        ),
        (read.subject(&banned), Code::SiteDenied),
        (read.subject(&bob), Code::SiteGrantMissing),
        (
            read.subject(&alice).mode(Mode::Background),
            Code::SiteModeOff,
        ),
    ];
    for (request, code) in rows {
        for request in [request.org(&acme), request.org_rule(OrgRule::Default)] {
            assert_eq!(count(&facts, &request), (Some(code), 0), "{code}");
        }
    }
    // The counter does count.
    for request in [
        read.subject(&alice).org(&acme),
        read.subject(&alice).org_rule(OrgRule::Default),
    ] {
        let (code, reads) = count(&facts, &request);
        assert_eq!(code, None);
        assert!(reads > 0);
    }
}

#[test]
fn a_denial_in_the_default_org_names_it_as_if_the_request_had() {
    let closed = POLICY.replace(
        "[orgs.acme.members.alice]",
        "[orgs.acme.gates.chat]\nswitch = \"off\"\n[orgs.acme.members.alice]",
    );
    let facts = PolicyText::toml(closed).compile(1).unwrap();
    let told = |subject: &Subject, resource| {
        let request = Request::new(resource, "read")
            .subject(subject)
            .org_rule(OrgRule::Default);
        match super::decide(&facts, &request) {
            Step::Done(Decision::Deny(deny)) => {
                (deny.code, deny.org.map(|org| org.as_str().to_owned()))
            }
            other => panic!("not denied: {other:?}"),
        }
    };
    let subject = |id: &str| Subject::new(SubjectId::new(id).unwrap());
    assert_eq!(
        told(&subject("alice"), "chat"),
        (Code::OrgOff, Some("acme".to_owned()))
    );
    // Refused before the org was asked for: its facts are not read to name it.
    assert_eq!(told(&subject("alice"), "killed"), (Code::SiteOff, None));
    let bot = subject("bot").acting_for(SubjectId::new("nobody").unwrap());
    assert_eq!(told(&bot, "chat"), (Code::NoDefaultOrg, None));
}
