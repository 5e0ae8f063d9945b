//! Reading one member of a JSON body, for the sources that look there.

use std::fmt;

use serde::de::{Deserializer as _, Error, IgnoredAny, MapAccess, Visitor};

use crate::denial::Denial;

/// The string that a member of a JSON object holds.
///
/// An empty body, an object without the member and one in which it is `null` hold none.
///
/// ```
/// use gatepost::json_member;
///
/// assert_eq!(json_member(br#"{"title": "x", "org": "acme"}"#, "org").unwrap().as_deref(), Some("acme"));
/// assert_eq!(json_member(b"{}", "org").unwrap(), None);
/// assert!(json_member(br#"{"org": "acme", "org": "globex"}"#, "org").is_err());
/// ```
///
/// # Errors
///
/// `bad_request` when the body is no JSON object, when it gives the member twice, or as something else than a string.
pub fn json_member(body: &[u8], member: &'static str) -> Result<Option<String>, Denial> {
    if body.is_empty() {
        return Ok(None);
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = json
        .deserialize_map(Member(member))
        .and_then(|value| json.end().map(|()| value));
    read.map_err(|error| {
        // What the body holds is not quoted: it may be long, and it is not ours.
        Denial::bad_request(if error.is_data() {
            format!(
                "the body must be a JSON object that gives `{member}` at most once, as a string"
            )
        } else {
            "the body is not JSON".to_owned()
        })
    })
}

struct Member(&'static str);

impl<'de> Visitor<'de> for Member {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != self.0 {
                map.next_value::<IgnoredAny>()?;
            } else if found.replace(map.next_value::<Option<String>>()?).is_some() {
                return Err(A::Error::duplicate_field(self.0));
            }
        }
        Ok(found.flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_read_once_and_as_a_string() {
        let good = [
            ("", None),
            ("{}", None),
            (r#"{"org": null}"#, None),
            (r#"{"org": "acme"}"#, Some("acme")),
            (
                r#"{"a": {"org": "x"}, "org": "acme", "b": [1]}"#,
                Some("acme"),
            ),
            (r#"{"\u006frg": "acme"}"#, Some("acme")),
            (r#"{"Org": "acme"}"#, None),
        ];
        for (body, want) in good {
            assert_eq!(
                json_member(body.as_bytes(), "org").unwrap().as_deref(),
                want,
                "{body}"
            );
        }
        let bad = [
            r#"{"org": "a", "org": "a"}"#,
            r#"{"org": null, "org": "a"}"#,
            r#"{"org": "a", "\u006frg": "b"}"#,
            r#"{"org": 7}"#,
            r#"{"org": ["a"]}"#,
            r#"["org"]"#,
            "null",
            "\"org\"",
            r#"{"org": "a"} {}"#,
            r#"{"org": "a""#,
            "org=a",
            "\u{feff}{}",
        ];
        for body in bad {
            assert!(json_member(body.as_bytes(), "org").is_err(), "{body}");
        }
        assert!(json_member(&b"[".repeat(100_000), "org").is_err());
        assert!(json_member(b"{\"org\": \"\xff\"}", "org").is_err());
    }
}
