//! A grant: its text, and whether it matches a request.

use super::request::Request;
use serde::Deserialize;

/// "`resource:action`, either side may be `*`. `#foreground` or `#background` behind it limits it
/// to that mode, `@own` to objects that the subject owns, in this order; `!` in front denies."
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Grant {
    pub(super) denies: bool,
    resource: String,
    action: String,
    mode: Option<String>,
    own: bool,
}

impl Grant {
    /// Reads a grant; `None` where the words are no grant.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (denies, text) = text
            .strip_prefix('!')
            .map_or((false, text), |rest| (true, rest));
        let (own, text) = text
            .strip_suffix("@own")
            .map_or((false, text), |rest| (true, rest));
        let (text, mode) = match text.split_once('#') {
            Some((rest, mode @ ("foreground" | "background"))) => (rest, Some(mode.to_owned())),
            Some(_) => return None,
            None => (text, None),
        };
        let (resource, action) = text.split_once(':')?;
        (is_side(resource) && is_side(action)).then(|| Self {
            denies,
            resource: resource.to_owned(),
            action: action.to_owned(),
            mode,
            own,
        })
    }

    /// Whether it speaks of the request at all, granting or denying it.
    pub(super) fn matches(&self, request: &Request) -> bool {
        self.resource_matches(&request.resource)
            && self.action_matches(&request.action)
            && self.mode_matches(request.mode.as_deref())
            && self.owner_matches(request)
    }

    /// Resources `gatepost-*` are "matched only by a grant that names them, never by `*`".
    fn resource_matches(&self, resource: &str) -> bool {
        self.resource == resource || (self.resource == "*" && !resource.starts_with("gatepost-"))
    }

    fn action_matches(&self, action: &str) -> bool {
        self.action == action || self.action == "*"
    }

    /// "`x#mode` matches a request of that mode." A request without a mode is of neither.
    fn mode_matches(&self, mode: Option<&str>) -> bool {
        self.mode.is_none() || self.mode.as_deref() == mode
    }

    /// "No owner known: no `@own` grant matches, and every `!…@own` does."
    fn owner_matches(&self, request: &Request) -> bool {
        match &request.owner {
            _ if !self.own => true,
            Some(owner) => owner == request.owner_if_own(),
            None => self.denies,
        }
    }
}

impl TryFrom<String> for Grant {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no grant"))
    }
}

/// "Within a tier a deny beats every grant"; this is the deny.
pub(super) fn any_denies<'a>(
    mut grants: impl Iterator<Item = &'a Grant>,
    request: &Request,
) -> bool {
    grants.any(|grant| grant.denies && grant.matches(request))
}

/// Whether one of the grants grants the request. Denials are asked for by themselves.
pub(super) fn any_grants<'a>(
    mut grants: impl Iterator<Item = &'a Grant>,
    request: &Request,
) -> bool {
    grants.any(|grant| !grant.denies && grant.matches(request))
}

/// "Scopes are grants without `!`; words among them that are no grant match nothing; an empty list
/// covers nothing; no list at all does not limit."
pub(super) fn scopes_cover(request: &Request) -> bool {
    let Some(scopes) = &request.scopes else {
        return true;
    };
    let grants: Vec<Grant> = scopes
        .iter()
        .filter_map(|word| Grant::parse(word))
        .collect();
    any_grants(grants.iter(), request)
}

/// "Names of resources, actions and roles: `[a-z][a-z0-9_-]{0,62}`."
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}

fn is_side(text: &str) -> bool {
    text == "*" || is_name(text)
}

#[cfg(test)]
mod tests {
    use super::{Grant, Request, scopes_cover};

    fn request(resource: &str, mode: Option<&str>, owner: Option<&str>) -> Request {
        Request {
            subject: Some("ann".to_owned()),
            resource: resource.to_owned(),
            action: "read".to_owned(),
            mode: mode.map(str::to_owned),
            owner: owner.map(str::to_owned),
            ..Request::default()
        }
    }

    fn matches(grant: &str, request: &Request) -> bool {
        Grant::parse(grant).unwrap().matches(request)
    }

    #[test]
    fn what_is_out_of_order_or_no_name_is_no_grant() {
        for text in [
            "",
            "chat",
            "chat:",
            ":read",
            "Chat:read",
            "chat:read@own#background",
            "chat:re*",
            "chat:read@mine",
            "chat:read#",
            "chat:read#later",
            "!!chat:read",
            "chat:read:x",
            "chat:read@own@own",
            "chat:read ",
            "chat:read#background#background",
            "1chat:read",
        ] {
            assert_eq!(Grant::parse(text), None, "{text}");
        }
        assert!(Grant::parse("!*:*#background@own").is_some());
    }

    #[test]
    fn own_and_no_owner_known_matches_denies_alone() {
        let unknown = request("chat", None, None);
        assert!(!matches("chat:read@own", &unknown));
        assert!(matches("!chat:read@own", &unknown));
        let of_another = request("chat", None, Some("bob"));
        assert!(!matches("!chat:read@own", &of_another));
        assert!(matches(
            "!chat:read@own",
            &request("chat", None, Some("ann"))
        ));
    }

    #[test]
    fn a_grant_for_a_mode_does_not_match_a_request_without_one() {
        assert!(!matches(
            "chat:read#foreground",
            &request("chat", None, None)
        ));
        assert!(!matches(
            "!chat:read#background",
            &request("chat", None, None)
        ));
        assert!(matches(
            "*:*#background",
            &request("chat", Some("background"), None)
        ));
        assert!(!matches(
            "*:*#background",
            &request("chat", Some("foreground"), None)
        ));
    }

    #[test]
    fn the_consoles_own_resources_are_matched_by_name_only() {
        let asked = request("gatepost-org", None, None);
        for grant in ["*:*", "*:read", "!*:*"] {
            assert!(!matches(grant, &asked), "{grant}");
        }
        for grant in ["gatepost-org:*", "gatepost-org:read"] {
            assert!(matches(grant, &asked), "{grant}");
        }
    }

    #[test]
    fn scopes_that_are_no_grant_cover_nothing() {
        let covered = |scopes: Option<&[&str]>| {
            let scopes = scopes.map(|list| list.iter().map(|&word| word.to_owned()).collect());
            scopes_cover(&Request {
                scopes,
                ..request("chat", None, None)
            })
        };
        assert!(covered(None));
        assert!(!covered(Some(&[])));
        assert!(!covered(Some(&["openid", "!chat:read", "chat:read@own"])));
        assert!(
            covered(Some(&["openid", "!*:*", "chat:read"])),
            "`!` among scopes denies nothing"
        );
    }
}
