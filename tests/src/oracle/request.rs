//! The request, as the semantics page lists it.

use super::grant;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// A question to the oracle. Absent is `None`; `at` is the moment that expiries are compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Request {
    /// Who asks.
    pub subject: Option<String>,
    /// What the verified identity says of the subject: `user`, `service` or `agent`.
    pub kind: Option<String>,
    /// The tenant that the request falls in.
    pub org: Option<String>,
    /// What holds when there is no `org`: `required` (also if absent), `default` or `none`.
    pub org_rule: Option<String>,
    /// What is acted on.
    pub resource: String,
    /// What is done to it.
    pub action: String,
    /// How the work runs: `foreground` or `background`.
    pub mode: Option<String>,
    /// The subject that owns the object acted on.
    pub owner: Option<String>,
    /// The token's scopes; `None` does not limit, an empty list covers nothing.
    pub scopes: Option<Vec<String>>,
    /// The human that the subject runs for.
    pub acting_for: Option<String>,
    /// When it is asked.
    pub at: jiff::Timestamp,
}

/// The members in JSON, where `at` may be absent too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    subject: Option<String>,
    kind: Option<String>,
    org: Option<String>,
    org_rule: Option<String>,
    resource: String,
    action: String,
    mode: Option<String>,
    owner: Option<String>,
    scopes: Option<Vec<String>>,
    acting_for: Option<String>,
    #[serde(default, deserialize_with = "moment")]
    at: Option<jiff::Timestamp>,
}

impl Request {
    /// Reads a request from JSON. "`at` defaults to now. `null` is absent."
    ///
    /// # Errors
    ///
    /// Says what is wrong with a request that is a `bad_request`: "an unknown key, an unknown
    /// mode, an ill-formed name or id"; an unknown kind or org rule too, by the stricter reading.
    pub fn from_json(request: &Value) -> Result<Self, String> {
        let read = Members::deserialize(request).map_err(|error| error.to_string())?;
        for name in [&read.resource, &read.action] {
            well_formed("name", name, grant::is_name(name))?;
        }
        for id in [&read.subject, &read.org, &read.owner, &read.acting_for] {
            optional("id", id.as_deref(), is_id)?;
        }
        optional("kind", read.kind.as_deref(), |kind| {
            ["user", "service", "agent"].contains(&kind)
        })?;
        optional("org rule", read.org_rule.as_deref(), |rule| {
            ["required", "default", "none"].contains(&rule)
        })?;
        optional("mode", read.mode.as_deref(), |mode| {
            ["foreground", "background"].contains(&mode)
        })?;
        Ok(Self {
            subject: read.subject,
            kind: read.kind,
            org: read.org,
            org_rule: read.org_rule,
            resource: read.resource,
            action: read.action,
            mode: read.mode,
            owner: read.owner,
            scopes: read.scopes,
            acting_for: read.acting_for,
            at: read.at.unwrap_or_else(jiff::Timestamp::now),
        })
    }

    /// The owner with which the object is the asker's own: "`x@own` matches where the request's
    /// owner is the subject; with `acting_for`, where it is the one acted for, in both decisions."
    /// (In the second decision the one acted for is the subject.) Empty without a subject, whom
    /// the first check refuses.
    pub(super) fn owner_if_own(&self) -> &str {
        let own = self.acting_for.as_deref().or(self.subject.as_deref());
        own.unwrap_or_default()
    }

    /// The same request, put to the one acted for "(without scopes, and asked as what it is)".
    /// "The org is resolved once", so it is named here. That the owner is the one acted for holds
    /// by itself, that one being the subject now.
    pub(super) fn asked_of_the_one_acted_for(&self, acting_for: &str, org: Option<&str>) -> Self {
        Self {
            subject: Some(acting_for.to_owned()),
            kind: None,
            scopes: None,
            acting_for: None,
            org: org.map(str::to_owned),
            ..self.clone()
        }
    }
}

/// Reads an RFC 3339 timestamp, or none.
pub(super) fn moment<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<jiff::Timestamp>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| text.parse().map_err(D::Error::custom))
        .transpose()
}

/// "Ids of subjects and orgs: 1 to 255 bytes of UTF-8, no control characters".
fn is_id(id: &str) -> bool {
    (1..=255).contains(&id.len()) && !id.chars().any(char::is_control)
}

fn optional(what: &str, value: Option<&str>, rule: fn(&str) -> bool) -> Result<(), String> {
    value.map_or(Ok(()), |value| well_formed(what, value, rule(value)))
}

fn well_formed(what: &str, value: &str, is: bool) -> Result<(), String> {
    if is {
        Ok(())
    } else {
        Err(format!("`{value}` is no {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Request;
    use serde_json::{Value, json};

    fn with(key: &str, value: Value) -> Result<Request, String> {
        let mut request = json!({ "resource": "chat", "action": "read" });
        request[key] = value;
        Request::from_json(&request)
    }

    #[test]
    fn null_is_absent() {
        assert_eq!(with("mode", Value::Null).unwrap().mode, None);
        assert_eq!(with("scopes", Value::Null).unwrap().scopes, None);
    }

    #[test]
    fn at_defaults_to_now() {
        let before = jiff::Timestamp::now();
        assert!(with("at", Value::Null).unwrap().at >= before);
    }

    #[test]
    fn what_is_a_bad_request_is_not_read() {
        assert!(with("tenant", json!("acme")).is_err());
        assert!(with("mode", json!("detached")).is_err());
        assert!(with("org_rule", json!("any")).is_err());
        assert!(with("kind", json!("robot")).is_err());
        assert!(with("at", json!("yesterday")).is_err());
        assert!(with("action", json!("Read")).is_err());
        for id in ["", "a\nb", &"x".repeat(256)] {
            assert!(with("subject", json!(id)).is_err());
        }
        assert!(with("subject", json!("..")).is_ok());
    }
}
