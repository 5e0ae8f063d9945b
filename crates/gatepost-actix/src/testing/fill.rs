//! Paths with something in their parameters.

use actix_web::dev::ResourceDef;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::pattern::{Part, parts};

/// What patterns of parameters are usually for.
const VALUES: &[&str] = &[
    "x1",
    "1",
    "a",
    "10",
    "100",
    "1000",
    "10000",
    "en",
    "abc",
    "ABC",
    "A",
    "A1",
    "2024-01-31",
    "a-b",
    "a.b",
    "x.html",
    "a/b",
    "1.0.0",
    "true",
    "a@example.com",
    "0123456789abcdef",
    "0123456789abcdef0123456789abcdef",
    "00000000-0000-4000-8000-000000000000",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
];

/// What a path cannot have as it stands; actix decodes it before it matches.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A path of a pattern; none where no value is known that a parameter takes.
pub(super) fn path(pattern: &str, params: &[(&str, &str)]) -> Option<String> {
    let mut path = String::new();
    for part in parts(pattern) {
        match part {
            Part::Plain(text) => path.push_str(text),
            Part::Param { name, regex } => path.push_str(value(name, regex, params)?),
        }
    }
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    Some(utf8_percent_encode(&path, ENCODED).to_string())
}

fn value<'p>(name: &str, regex: Option<&str>, params: &[(&str, &'p str)]) -> Option<&'p str> {
    if let Some((_, value)) = params.iter().find(|(given, _)| *given == name) {
        return Some(value);
    }
    let Some(regex) = regex else {
        return VALUES.first().copied();
    };
    let pattern = ResourceDef::new(format!("/{{value:{regex}}}"));
    let mut values = VALUES.iter();
    values
        .find(|value| pattern.is_match(&format!("/{value}")))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_that_its_pattern_takes() {
        for pattern in [
            "/orgs/{org}/chats",
            r"/{id:\d+}",
            r"/{id:\d{4}}/{rest}*",
            "/{lang:[a-z]{2}}/{tail:.*}",
            "/{id:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}}",
            "/v{major}.{minor}",
        ] {
            let filled = path(pattern, &[]).unwrap();
            assert!(
                ResourceDef::new(pattern).is_match(&filled),
                "{pattern}: {filled}"
            );
        }
        assert_eq!(path("/{id:zz+y}", &[]), None);
        assert_eq!(
            path("/{id:zz+y}", &[("id", "zzzy")]),
            Some("/zzzy".to_owned())
        );
    }
}
