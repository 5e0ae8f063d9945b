//! Who asks: what the policy and the verified identity say of a subject.

use super::document::{Document, Kind, Status};
use super::request::Request;

/// "A subject that the policy does not name is active".
pub(super) fn is_active(policy: &Document, subject: &str) -> bool {
    policy
        .subjects
        .get(subject)
        .is_none_or(|known| known.status == Status::Active)
}

/// "`acting_for`, which an `agent` must have, is another subject of kind `user`". Whoever else
/// has one must have such a one too.
pub(super) fn delegator_is_in_order(policy: &Document, subject: &str, request: &Request) -> bool {
    match &request.acting_for {
        // The verified identity speaks of the subject; of the other the policy alone does.
        Some(other) => other != subject && kind(policy, other, None) == Kind::User,
        None => kind(policy, subject, request.kind.as_deref()) != Kind::Agent,
    }
}

/// "`agent` where the policy or the verified identity says so; else what the policy says; else
/// what the identity says; else `user`."
fn kind(policy: &Document, subject: &str, identity: Option<&str>) -> Kind {
    let policy = policy.subjects.get(subject).map(|known| known.kind);
    if policy == Some(Kind::Agent) || identity == Some("agent") {
        return Kind::Agent;
    }
    let identity = match identity {
        Some("service") => Kind::Service,
        _ => Kind::User,
    };
    policy.unwrap_or(identity)
}

#[cfg(test)]
mod tests {
    use super::{Document, Kind, Request, delegator_is_in_order, is_active, kind};
    use serde_json::json;

    fn policy() -> Document {
        let subjects = json!({
            "ann": {},
            "bot": { "kind": "agent" },
            "cron": { "kind": "service", "status": "suspended" },
        });
        Document::read(&json!({ "subjects": subjects })).unwrap()
    }

    #[test]
    fn agent_where_either_says_so_else_the_policy_goes_first() {
        let of = |subject, identity| kind(&policy(), subject, identity);
        assert_eq!(of("ann", Some("agent")), Kind::Agent);
        assert_eq!(of("bot", Some("user")), Kind::Agent);
        assert_eq!(of("cron", Some("user")), Kind::Service);
        assert_eq!(of("stranger", Some("service")), Kind::Service);
        assert_eq!(of("stranger", None), Kind::User);
    }

    #[test]
    fn a_subject_that_the_policy_does_not_name_is_active() {
        assert!(is_active(&policy(), "stranger"));
        assert!(!is_active(&policy(), "cron"));
    }

    #[test]
    fn the_one_acted_for_is_another_subject_of_kind_user() {
        let in_order = |subject: &str, acting_for: Option<&str>, kind: Option<&str>| {
            let request = Request {
                acting_for: acting_for.map(str::to_owned),
                kind: kind.map(str::to_owned),
                ..Request::default()
            };
            delegator_is_in_order(&policy(), subject, &request)
        };
        assert!(!in_order("bot", None, None));
        assert!(!in_order("ann", None, Some("agent")));
        assert!(in_order("ann", None, None));
        for other in ["bot", "cron"] {
            assert!(!in_order("ann", Some(other), None), "{other}");
        }
        assert!(!in_order("ann", Some("ann"), None));
        assert!(in_order("bot", Some("ann"), None));
        assert!(in_order("ann", Some("stranger"), Some("agent")));
    }
}
