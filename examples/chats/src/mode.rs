//! How a run is asked to be done, told from its body.

use std::fmt;

use gatepost::Mode;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// Foreground where the body is empty, or one JSON object whose only `detach`, if any, is `false`.
///
/// Whatever else it is, the run may go on without the caller: background.
pub fn asked_of_a_run(body: &[u8]) -> Option<Mode> {
    if body.is_empty() {
        return Some(Mode::Foreground);
    }
    let mut json = serde_json::Deserializer::from_str(str::from_utf8(body).ok()?);
    let mode = json.deserialize_map(Detach).ok()?;
    json.end().ok()?;
    Some(mode)
}

struct Detach;

impl<'de> Visitor<'de> for Detach {
    type Value = Mode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Mode, A::Error> {
        let mut mode = Mode::Foreground;
        let mut seen = false;
        while let Some(key) = map.next_key::<String>()? {
            if key != "detach" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let stays = map.next_value::<Value>()? == Value::Bool(false);
            if seen || !stays {
                mode = Mode::Background;
            }
            seen = true;
        }
        Ok(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_surely_waits_is_foreground() {
        let foreground = [
            "",
            "{}",
            " {} \n",
            r#"{"detach": false}"#,
            r#"{"\u0064etach": false}"#,
            r#"{"Detach": true}"#,
            r#"{"input": {"detach": true}}"#,
            r#"{"input": [1, null], "input": 2, "detach": false}"#,
        ];
        for body in foreground {
            let mode = asked_of_a_run(body.as_bytes());
            assert_eq!(mode, Some(Mode::Foreground), "{body}");
        }
        let background = [
            r#"{"detach": true}"#,
            r#"{"detach": null}"#,
            r#"{"detach": "false"}"#,
            r#"{"detach": 0}"#,
            r#"{"detach": [false]}"#,
            r#"{"detach": false, "detach": false}"#,
            r#"{"detach": true, "detach": false}"#,
            r#"{"detach": false, "\u0064etach": true}"#,
            r#"{"detach": false} {}"#,
            r#"{"detach": false},"#,
            r#"{"detach": false"#,
            r#"{"detach": false,}"#,
            r#"[{"detach": false}]"#,
            "[false]",
            "[]",
            "null",
            "false",
            "\"\"",
            " ",
            "\0",
            "\u{feff}{}",
            "{detach: false}",
            "detach=false",
        ];
        for body in background {
            let mode = asked_of_a_run(body.as_bytes()).unwrap_or(Mode::Background);
            assert_eq!(mode, Mode::Background, "{body}");
        }
        for body in [&b"{\"a\": \"\xff\"}"[..], b"\xff", b"{}\xff"] {
            assert_eq!(asked_of_a_run(body), None, "{body:?}");
        }
        assert_eq!(asked_of_a_run("[".repeat(60_000).as_bytes()), None);
    }
}
