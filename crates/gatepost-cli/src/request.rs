//! A request, as arguments give it.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use gatepost::{Kind, Mode, OrgRule, RequestDocument, RequestFields, Timestamp};

use crate::fault::Fault;

/// One question: may this subject do this action on this resource in this org?
#[derive(Debug, Args)]
#[group(id = "request", multiple = true)]
pub(crate) struct RequestArgs {
    /// Who asks; without it nobody was authenticated
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// What the verified identity says the subject is; the policy may say otherwise
    #[arg(long, value_name = "KIND", value_parser = word(Kind::ALL, Kind::as_str))]
    kind: Option<Kind>,
    /// The org that the request falls in
    #[arg(long, value_name = "ORG")]
    org: Option<String>,
    /// What holds as no org is given: `required` (refused), `default` (the subject's default org)
    /// or `none` (the site tier alone decides) [default: required]
    #[arg(long, value_name = "RULE", conflicts_with = "org", value_parser = word(OrgRule::ALL, OrgRule::as_str), hide_possible_values = true)]
    org_rule: Option<OrgRule>,
    /// Who owns the object that is acted on; without it no owner is known
    #[arg(long, value_name = "SUBJECT")]
    owner: Option<String>,
    /// How the work would run; without it the request only reads or edits records
    #[arg(long, value_name = "MODE", value_parser = word(Mode::ALL, Mode::as_str))]
    mode: Option<Mode>,
    /// The human that an agent or service runs for; both must be allowed
    #[arg(long, value_name = "SUBJECT")]
    acting_for: Option<String>,
    /// A scope of the token, such as `chat:read` or `agent:*@own`; may be given more than once
    ///
    /// Without --scope and --no-scopes the token has no list of scopes and is not limited.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The token's list of scopes is empty, so it covers nothing
    #[arg(long, conflicts_with = "scopes")]
    no_scopes: bool,
    /// The moment of the question, as RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

impl RequestArgs {
    /// The request for `what`, of the form `RESOURCE:ACTION`.
    pub(crate) fn read(&self, what: &str) -> Result<RequestDocument, Fault> {
        let Some((resource, action)) = what.split_once(':') else {
            return Err(Fault::BadRequest(format!(
                "`{what}` is not of the form RESOURCE:ACTION"
            )));
        };
        let scopes = (self.no_scopes || !self.scopes.is_empty()).then(|| self.scopes.clone());
        Ok(RequestDocument::from_fields(RequestFields {
            subject: self.subject.clone(),
            kind: self.kind,
            org: self.org.clone(),
            org_rule: self.org_rule,
            resource: resource.to_owned(),
            action: action.to_owned(),
            mode: self.mode,
            owner: self.owner.clone(),
            scopes,
            acting_for: self.acting_for.clone(),
            at: self.at,
        })?)
    }
}

/// Reads one of the words of the semantics.
pub(crate) fn word<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    text: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(move |word| text(*word))).try_map(move |given| {
        let mut words = all.iter().copied();
        words
            .find(|word| text(*word) == given)
            .ok_or("not one of them")
    })
}
