//! The patterns of actix's paths, as far as they are read here.

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'p> {
    /// As it stands.
    Plain(&'p str),
    /// `{name}`, `{name:regex}`, or `{name}*` at the end.
    Param {
        name: &'p str,
        regex: Option<&'p str>,
    },
}

/// The parts of a pattern; of one that actix would not take, as many as there are.
pub(crate) fn parts(pattern: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some((plain, behind)) = rest.split_once('{') {
        if !plain.is_empty() {
            parts.push(Part::Plain(plain));
        }
        let Some((param, behind)) = closed(behind) else {
            return parts;
        };
        let (name, regex) = match param.split_once(':') {
            Some((name, regex)) => (name, Some(regex)),
            None => (param, (behind == "*").then_some(".*")),
        };
        parts.push(Part::Param { name, regex });
        rest = if behind == "*" { "" } else { behind };
    }
    if !rest.is_empty() {
        parts.push(Part::Plain(rest));
    }
    parts
}

/// What stands before the brace that closes, and what behind; a regular expression may have its own.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut open = 1_usize;
    let at = text.find(|next| {
        match next {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        open == 0
    })?;
    let (inside, behind) = text.split_at(at);
    Some((inside, behind.strip_prefix('}')?))
}

/// The names of a pattern's parameters.
pub(crate) fn names(pattern: &str) -> Vec<&str> {
    let parts = parts(pattern).into_iter();
    let names = parts.filter_map(|part| match part {
        Part::Param { name, .. } => Some(name),
        Part::Plain(_) => None,
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_whatever_its_form() {
        for (pattern, want) in [
            ("/orgs", [].as_slice()),
            ("/orgs/{org}/chats/{id}", &["org", "id"]),
            (r"/{id:\d{2,3}}/x", &["id"]),
            ("/{tail:.*}", &["tail"]),
            ("/files/{tail}*", &["tail"]),
            ("/v{major}.{minor:[0-9]}", &["major", "minor"]),
            ("/{open", &[]),
        ] {
            assert_eq!(names(pattern), want, "{pattern}");
        }
        let param = |name, regex| Part::Param { name, regex };
        assert_eq!(
            parts(r"/a/{id:\d{2}}-{b}/{tail}*"),
            [
                Part::Plain("/a/"),
                param("id", Some(r"\d{2}")),
                Part::Plain("-"),
                param("b", None),
                Part::Plain("/"),
                param("tail", Some(".*")),
            ]
        );
    }
}
