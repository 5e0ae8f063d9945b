//! A second implementation of the decision, to check the engine against.
//!
//! It follows the semantics page sentence by sentence, over the document's own strings and maps.
//! It shares no code with the engine and is in no hurry: what counts is that a reader with the
//! page beside it can see that the two say the same.

mod checks;
mod document;
mod grant;
mod identity;
mod org;
mod org_source;
mod request;
mod settings;
mod site;

use document::Document;
use serde_json::Value;

pub use request::Request;

/// A parsed policy document that answers requests.
#[derive(Debug)]
pub struct Oracle {
    policy: Document,
}

/// What the oracle says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `allow` or `deny`.
    pub decision: &'static str,
    /// The code of the first check that failed; only on a deny.
    pub code: Option<&'static str>,
    /// The tier in which that check stands; only on a deny.
    pub tier: Option<&'static str>,
    /// Whether an `all_orgs` site grant matched; only on an allow in an org.
    pub via_all_orgs: bool,
    /// Whose denial it was, `subject` or `acting_for`; only on a deny with `acting_for`.
    pub whose: Option<&'static str>,
    /// Whether the grant reached `any` object or only the subject's `own`; only on an allow.
    pub reach: Option<&'static str>,
}

/// A failed check, and in which of the two passes it failed.
struct Denied {
    refusal: checks::Refusal,
    whose: &'static str,
}

impl Oracle {
    /// Reads a policy document that a strict reader has already found valid.
    ///
    /// # Errors
    ///
    /// Says what could not be read, where a value has the wrong shape or a grant is none. Rules
    /// beyond the shape (unknown keys, circles, unknown names) are not checked.
    pub fn new(policy: &Value) -> Result<Self, String> {
        Document::read(policy).map(|policy| Self { policy })
    }

    /// Decides a well-formed request.
    pub fn decide(&self, request: &Request) -> Answer {
        self.decide_but_for(&[], request)
    }

    /// Decides as if none of the checks were there that fail with one of these codes.
    pub fn decide_but_for(&self, codes: &[&str], request: &Request) -> Answer {
        match self.each_is_allowed(codes, request) {
            Ok(via_all_orgs) => Answer {
                decision: "allow",
                code: None,
                tier: None,
                via_all_orgs,
                whose: None,
                reach: Some(self.reach(request)),
            },
            Err(denied) => Answer {
                decision: "deny",
                code: Some(denied.refusal.code),
                tier: Some(denied.refusal.tier),
                via_all_orgs: false,
                whose: request.acting_for.is_some().then_some(denied.whose),
                reach: None,
            },
        }
    }

    /// "Each of the two must be allowed the same request, the subject first through all fifteen,
    /// then the one it acts for [...]; the first denial is the answer." Returns whether an
    /// `all_orgs` grant matched for either.
    fn each_is_allowed(&self, codes: &[&str], request: &Request) -> Result<bool, Denied> {
        let first = checks::run_but_for(codes, &self.policy, request);
        let first = first.map_err(|refusal| Denied {
            refusal,
            whose: "subject",
        })?;
        let Some(acting_for) = &request.acting_for else {
            return Ok(first.all_orgs);
        };
        let second = request.asked_of_the_one_acted_for(acting_for, first.org);
        let second = checks::run_but_for(codes, &self.policy, &second);
        let second = second.map_err(|refusal| Denied {
            refusal,
            whose: "acting_for",
        })?;
        Ok(first.all_orgs || second.all_orgs)
    }

    /// `any` if the very same request with an owner that is some other subject would be allowed
    /// as well; a request without an owner was allowed by no `@own` grant.
    fn reach(&self, request: &Request) -> &'static str {
        if request.owner.is_none() {
            return "any";
        }
        let of_another = Request {
            owner: Some(format!("other than {}", request.owner_if_own())),
            ..request.clone()
        };
        if self.each_is_allowed(&[], &of_another).is_ok() {
            "any"
        } else {
            "own"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Oracle, Request};
    use serde_json::{Value, json};

    fn policy() -> Value {
        json!({
            "resources": { "chat": ["read", "update"] },
            "site": {
                "gates": { "chat": { "switch": "on", "access": "everyone" } },
                "roles": {
                    "root": { "grants": ["chat:*"], "all_orgs": true },
                    "own-root": { "grants": ["chat:*@own"], "all_orgs": true },
                },
            },
            "org_roles": {
                "all": { "level": 10, "grants": ["chat:*"] },
                "own": { "level": 10, "grants": ["chat:*@own"] },
            },
            "orgs": {
                "acme": { "members": {
                    "ann": { "roles": ["own"] },
                    "bot": { "roles": ["all"] },
                    "eve": { "roles": [] },
                    "off": { "roles": ["all"] },
                } },
                "home": { "members": { "ann": { "roles": ["all"] } } },
            },
            "subjects": {
                "ann": { "default_org": "home" },
                "bot": { "kind": "agent" },
                "root": { "site_roles": ["root"] },
                "own-root": { "site_roles": ["own-root"] },
                "off": { "status": "suspended" },
            },
        })
    }

    fn ask(mut request: Value) -> Answer {
        let fixed = json!({ "resource": "chat", "action": "read", "at": "2026-01-01T00:00:00Z" });
        for (key, value) in fixed.as_object().unwrap() {
            request[key] = value.clone();
        }
        let request = Request::from_json(&request).unwrap();
        Oracle::new(&policy()).unwrap().decide(&request)
    }

    fn denial(request: Value) -> (Option<&'static str>, Option<&'static str>) {
        let answer = ask(request);
        (answer.code, answer.whose)
    }

    #[test]
    fn reach_is_own_only_where_another_owner_would_change_the_answer() {
        let reach = |request| ask(request).reach;
        let own = json!({ "subject": "ann", "org": "acme", "owner": "ann" });
        assert_eq!(reach(own), Some("own"));
        let any = json!({ "subject": "ann", "org": "home", "owner": "ann" });
        assert_eq!(reach(any), Some("any"));
        let ownerless = json!({ "subject": "ann", "org": "home" });
        assert_eq!(reach(ownerless), Some("any"));
        let for_ann =
            json!({ "subject": "bot", "acting_for": "ann", "org": "acme", "owner": "ann" });
        assert_eq!(reach(for_ann), Some("own"));
    }

    #[test]
    fn owner_is_the_subject_means_the_one_acted_for() {
        let request = |owner| json!({ "subject": "bot", "acting_for": "ann", "org": "acme", "owner": owner, "scopes": ["chat:*@own"] });
        assert_eq!(ask(request("ann")).decision, "allow");
        assert_eq!(
            denial(request("bot")),
            (Some("scope_missing"), Some("subject"))
        );
    }

    #[test]
    fn each_of_the_two_must_be_allowed_and_whose_says_who_was_not() {
        let request = |who, whom| json!({ "subject": who, "acting_for": whom, "org": "acme" });
        let refused = |who, whom| denial(request(who, whom));
        assert_eq!(
            refused("eve", "off"),
            (Some("org_grant_missing"), Some("subject"))
        );
        assert_eq!(
            refused("bot", "off"),
            (Some("subject_suspended"), Some("acting_for"))
        );
        assert_eq!(
            refused("bot", "eve"),
            (Some("org_grant_missing"), Some("acting_for"))
        );
        assert_eq!(ask(json!({ "subject": "eve", "org": "acme" })).whose, None);
    }

    #[test]
    fn the_one_acted_for_is_asked_as_what_it_is() {
        let request =
            json!({ "subject": "bot", "kind": "agent", "acting_for": "root", "org": "acme" });
        assert_eq!(ask(request).decision, "allow");
    }

    #[test]
    fn the_default_org_is_that_of_the_one_acted_for() {
        let request = |whom| json!({ "subject": "bot", "acting_for": whom, "org_rule": "default" });
        let home = denial(request("ann"));
        assert_eq!(home, (Some("not_a_member"), Some("subject")));
        let none = denial(request("root"));
        assert_eq!(none, (Some("no_default_org"), Some("subject")));
        assert_eq!(denial(request("eve")).1, Some("acting_for"));
    }

    #[test]
    fn all_orgs_is_told_where_it_matched_for_either_of_the_two() {
        let via = |request| ask(request).via_all_orgs;
        assert!(via(json!({ "subject": "root", "org": "acme" })));
        assert!(via(
            json!({ "subject": "bot", "acting_for": "root", "org": "acme" })
        ));
        assert!(!via(json!({ "subject": "root", "org_rule": "none" })));
        assert!(!via(json!({ "subject": "bot", "org": "acme" })));
        let reach = ask(json!({ "subject": "own-root", "org": "acme", "owner": "own-root" })).reach;
        assert_eq!(reach, Some("own"));
    }
}
