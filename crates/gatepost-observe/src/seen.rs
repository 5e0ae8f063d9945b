//! A decision as it waits to be written: taken in the request's path, put into words elsewhere.

use std::time::Duration;

use gatepost::{
    Code, DecisionId, Denial, Evaluation, Input, Kind, Mode, NamedOrg, OrgId, Permit, Requirement,
    Scopes, SubjectId, Tier, Timestamp, Whose,
};
use gatepost_enforce::{Decided, Verdict};

use crate::record::{
    ActionRecord, ContextRecord, LogRecord, ResourceProperties, ResourceRecord, RouteRecord,
    SubjectProperties, SubjectRecord,
};
use crate::text::{LONGEST, cut};

/// How many words of a list of scopes are kept.
const MOST_SCOPES: usize = 64;
/// How many bytes of them, all in all.
const SCOPES_BYTES: usize = 4096;

/// What is kept of a decision until it is written. Each text in it is bounded.
#[derive(Debug)]
pub(crate) struct Seen {
    at: Timestamp,
    decision: DecisionId,
    refused: Option<Refused>,
    is_enforced: bool,
    via_all_orgs: bool,
    asker: Option<Asker>,
    requirement: &'static Requirement,
    resource: &'static str,
    org: Option<OrgId>,
    owner: Option<SubjectId>,
    mode: Option<Mode>,
    unread: Unread,
    method: &'static str,
    path: Option<Box<str>>,
    version: Option<u64>,
    latency: Duration,
    revoked: Option<DecisionId>,
    /// For how many alike it stands.
    pub(crate) times: u64,
}

#[derive(Debug)]
struct Refused {
    code: Code,
    is_error: bool,
    whose: Option<Whose>,
    reason: Option<Box<str>>,
}

#[derive(Debug)]
struct Asker {
    id: SubjectId,
    kind: Option<Kind>,
    acting_for: Option<SubjectId>,
    scopes: Option<Scopes>,
    are_scopes_cut: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Unread {
    org: bool,
    mode: bool,
    owner: bool,
}

impl Seen {
    /// Takes of a decision what is written of it.
    pub(crate) fn of(decided: &Decided<'_>) -> Self {
        let seen = match decided.verdict {
            Verdict::Allow(permit) => Self::allowed(permit),
            Verdict::Refuse(denial) | Verdict::Report(denial) => Self {
                refused: Some(Refused::of(denial)),
                mode: denial.mode(),
                org: denial.org().cloned(),
                ..Self::blank(denial.decision(), decided.requirement, decided.resource())
            }
            .asked(decided.asked),
        };
        Self {
            is_enforced: decided.verdict.is_enforced(),
            method: decided.method,
            path: decided.path.map(|path| cut(path).into()),
            version: decided.version,
            latency: decided.latency,
            ..seen
        }
    }

    /// Takes what is written of a permit that was revoked.
    pub(crate) fn revoked(permit: &Permit, denial: &Denial) -> Self {
        Self {
            decision: denial.decision(),
            refused: Some(Refused::of(denial)),
            revoked: Some(permit.decision()),
            ..Self::allowed(permit)
        }
    }

    fn blank(
        decision: DecisionId,
        requirement: &'static Requirement,
        resource: &'static str,
    ) -> Self {
        Self {
            at: Timestamp::now(),
            decision,
            refused: None,
            is_enforced: true,
            via_all_orgs: false,
            asker: None,
            requirement,
            resource,
            org: None,
            owner: None,
            mode: None,
            unread: Unread::default(),
            method: "",
            path: None,
            version: None,
            latency: Duration::ZERO,
            revoked: None,
            times: 1,
        }
    }

    fn allowed(permit: &Permit) -> Self {
        Self {
            via_all_orgs: permit.is_via_all_orgs(),
            asker: Some(Asker::new(
                permit.subject(),
                permit.claimed_kind(),
                permit.acting_for(),
                permit.scopes(),
            )),
            org: permit.org().cloned(),
            owner: permit.owner().cloned(),
            mode: permit.mode(),
            version: Some(permit.version()),
            ..Self::blank(permit.decision(), permit.requirement(), permit.resource())
        }
    }

    /// Adds what was asked, as far as it was read.
    fn asked(mut self, asked: Option<&Evaluation>) -> Self {
        let Some(asked) = asked else {
            return self;
        };
        self.asker = asked.subject().map(|subject| {
            Asker::new(
                subject.id(),
                subject.claimed_kind(),
                subject.delegator(),
                subject.scope_list(),
            )
        });
        match asked.known_org() {
            // A client may not be told which org it was. Who reads the log may.
            NamedOrg::Named(org) => self.org = Some(org.clone()),
            NamedOrg::Absent => {}
            NamedOrg::Conflict | NamedOrg::Missing | NamedOrg::Pending => self.unread.org = true,
        }
        match asked.known_mode() {
            Input::Known(mode) => self.mode = mode,
            Input::Pending => self.unread.mode = true,
        }
        match asked.known_owner() {
            Input::Known(owner) => self.owner = owner.cloned(),
            Input::Pending => self.unread.owner = true,
        }
        self
    }

    /// About how many bytes it holds.
    pub(crate) fn weight(&self) -> usize {
        let reason = self.refused.as_ref().and_then(|it| it.reason.as_deref());
        let path = self.path.as_deref();
        let ids = [
            self.org.as_ref().map(OrgId::as_str),
            self.owner.as_ref().map(SubjectId::as_str),
            path,
            reason,
        ];
        let texts: usize = ids.iter().flatten().map(|text| text.len()).sum();
        size_of::<Self>() + texts + self.asker.as_ref().map_or(0, Asker::weight)
    }

    /// The line that it comes to.
    pub(crate) fn record(&self, service: &str) -> LogRecord {
        let refused = self.refused.as_ref();
        let outcome = match refused {
            None => "allow",
            Some(Refused { is_error: true, .. }) => "error",
            Some(_) => "deny",
        };
        let code = refused.map(|it| it.code);
        let mut redacted = Vec::new();
        if self
            .asker
            .as_ref()
            .is_some_and(|asker| asker.are_scopes_cut)
        {
            redacted.push("scopes".to_owned());
        }
        let Unread { org, mode, owner } = self.unread;
        let unread = [(org, "org"), (mode, "mode"), (owner, "owner")].into_iter();
        LogRecord {
            schema: 1,
            decision_id: self.decision.to_string(),
            time: self.at,
            service: service.to_owned(),
            decision: refused.is_none(),
            outcome: outcome.to_owned(),
            enforced: self.is_enforced,
            code: code.map(|code| code.as_str().to_owned()),
            tier: code
                .and_then(Code::tier)
                .map(Tier::as_str)
                .map(str::to_owned),
            whose: refused
                .and_then(|it| it.whose)
                .map(|whose| whose.as_str().to_owned()),
            via: self.via_all_orgs.then(|| "all_orgs".to_owned()),
            reason: refused
                .and_then(|it| it.reason.as_deref())
                .map(str::to_owned),
            subject: self.asker.as_ref().map(Asker::record),
            action: ActionRecord {
                name: self.requirement.action().to_owned(),
            },
            resource: ResourceRecord {
                r#type: self.resource.to_owned(),
                properties: ResourceProperties {
                    org: self.org.clone(),
                    owner: self.owner.clone(),
                },
            },
            context: ContextRecord {
                mode: self.mode,
                org_rule: self.requirement.org_rule().rule(),
                unread: unread
                    .filter(|(is_unread, _)| *is_unread)
                    .map(|(_, name)| name.to_owned())
                    .collect(),
            },
            requirement: cut(&self.requirement.to_string()).to_owned(),
            route: RouteRecord {
                method: self.method.to_owned(),
                path: self.path.as_deref().map(str::to_owned),
            },
            version: self.version,
            latency_ns: u64::try_from(self.latency.as_nanos()).unwrap_or(u64::MAX),
            times: self.times,
            revoked: self.revoked.map(|decision| decision.to_string()),
            redacted,
        }
    }
}

impl Refused {
    fn of(denial: &Denial) -> Self {
        Self {
            code: denial.code(),
            is_error: denial.is_error(),
            whose: denial.whose(),
            reason: denial.reason().map(|reason| cut(reason).into()),
        }
    }
}

impl Asker {
    fn new(
        id: &SubjectId,
        kind: Option<Kind>,
        acting_for: Option<&SubjectId>,
        scopes: Option<&Scopes>,
    ) -> Self {
        let (scopes, are_scopes_cut) = scopes.map_or((None, false), bounded);
        Self {
            id: id.clone(),
            kind,
            acting_for: acting_for.cloned(),
            scopes,
            are_scopes_cut,
        }
    }

    fn weight(&self) -> usize {
        let scopes = self.scopes.iter().flat_map(Scopes::iter);
        let words: usize = scopes.map(|word| word.len() + size_of::<Box<str>>()).sum();
        let acting_for = self.acting_for.as_ref().map_or(0, |id| id.as_str().len());
        self.id.as_str().len() + acting_for + words
    }

    fn record(&self) -> SubjectRecord {
        let words = |scopes: &Scopes| scopes.iter().map(str::to_owned).collect();
        SubjectRecord {
            r#type: self.kind,
            id: self.id.clone(),
            properties: SubjectProperties {
                acting_for: self.acting_for.clone(),
                scopes: self.scopes.as_ref().map(words),
            },
        }
    }
}

/// A list of scopes as far as it is kept, and whether that is less than there is.
///
/// A token may bring as many and as long ones as fit into a header.
fn bounded(scopes: &Scopes) -> (Option<Scopes>, bool) {
    let mut bytes = 0;
    let fits = |(place, word): (usize, &str)| {
        bytes += word.len();
        place < MOST_SCOPES && word.len() <= LONGEST && bytes <= SCOPES_BYTES
    };
    if scopes.iter().enumerate().all(fits) {
        return (Some(scopes.clone()), false);
    }
    let mut bytes = 0;
    let words = scopes.iter().take(MOST_SCOPES).map(cut);
    let kept = words.take_while(|word| {
        bytes += word.len();
        bytes <= SCOPES_BYTES
    });
    (Some(Scopes::new(kept)), true)
}
