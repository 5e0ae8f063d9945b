//! Paths with something in their parameters.

use std::collections::BTreeSet;

use actix_web::dev::ResourceDef;
#[cfg(feature = "testing")]
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
    "zz",
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

/// Paths of a pattern, each with something else in its parameters, and nothing that is `taken`: what another
/// pattern may have in so many words says nothing of what else this one takes.
pub(crate) fn paths(pattern: &str, taken: &BTreeSet<&str>) -> BTreeSet<String> {
    let parts = parts(pattern);
    let values = parts.iter().map(|part| match part {
        Part::Plain(text) => vec![*text],
        Part::Param { regex, .. } => (fitting(*regex).into_iter())
            .filter(|value| !taken.contains(value))
            .collect(),
    });
    let values: Vec<_> = values.collect();
    let most = values.iter().map(Vec::len).max().unwrap_or_default();
    let path = |at: usize| {
        let parts = values.iter();
        let parts = parts.map(|values| values.get(at).or(values.last()).copied());
        parts.collect::<Option<String>>()
    };
    (0..most).filter_map(path).collect()
}

/// What there is that a parameter takes.
fn fitting(regex: Option<&str>) -> Vec<&'static str> {
    let pattern = ResourceDef::new(format!("/{{value:{}}}", regex.unwrap_or("[^/]+")));
    let values = VALUES.iter().copied();
    values
        .filter(|value| pattern.is_match(&format!("/{value}")))
        .collect()
}

/// What a path cannot have as it stands; actix decodes it before it matches.
#[cfg(feature = "testing")]
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

/// A path of a pattern, as it is asked; none where no value is known that a parameter takes.
#[cfg(feature = "testing")]
pub(crate) fn path(pattern: &str, params: &[(&str, &str)]) -> Option<String> {
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

#[cfg(feature = "testing")]
fn value<'p>(name: &str, regex: Option<&str>, params: &[(&str, &'p str)]) -> Option<&'p str> {
    if let Some((_, value)) = params.iter().find(|(given, _)| *given == name) {
        return Some(value);
    }
    fitting(regex).first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_other_values_and_none_that_is_taken() {
        let taken = BTreeSet::from(["x1", "en"]);
        let found = paths("/{a}/new/{b:[a-z]+}", &taken);
        assert!(found.contains("/1/new/a"), "{found:?}");
        assert!(
            !found
                .iter()
                .any(|path| path.contains("x1") || path.ends_with("/en"))
        );
        assert!(paths("/{lang:en}", &taken).is_empty());
        assert_eq!(
            paths("/plain", &taken),
            BTreeSet::from(["/plain".to_owned()])
        );
    }

    #[cfg(feature = "testing")]
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
