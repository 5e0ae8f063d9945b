//! Where an operation is: how OpenAPI writes paths and finds methods.

use utoipa::openapi::path::{Operation, PathItem};

/// A path as OpenAPI writes it: of what frameworks put into the braces, the parameter's name alone.
///
/// axum's `{*rest}` and actix-web's `{rest:.*}` are `{rest}`.
pub(crate) fn path(of_framework: &str) -> String {
    let mut path = String::with_capacity(of_framework.len());
    let mut rest = of_framework;
    while let Some((before, inside, behind)) = next_parameter(rest) {
        let name = inside.split_once(':').map_or(inside, |(name, _)| name);
        let name = name.trim().trim_start_matches('*');
        path.push_str(before);
        path.push('{');
        path.push_str(name);
        path.push('}');
        rest = behind;
    }
    path.push_str(rest);
    path
}

/// A path without the names of its parameters: OpenAPI has one path for all that have this in common.
pub(crate) fn shape(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, _, behind)) = next_parameter(rest) {
        shape.push_str(before);
        shape.push_str("{}");
        rest = behind;
    }
    shape.push_str(rest);
    shape
}

/// The names of a path's parameters.
pub(crate) fn parameters(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((_, name, behind)) = next_parameter(rest) {
        names.push(name);
        rest = behind;
    }
    names
}

/// What is before the first braces, in them and behind them. A pattern may have braces of its own: `{id:\d{3}}`.
fn next_parameter(path: &str) -> Option<(&str, &str, &str)> {
    let (before, from_inside) = path.split_once('{')?;
    let mut depth = 1_usize;
    for (at, letter) in from_inside.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (inside, behind) = from_inside.split_at(at);
            return Some((before, inside, behind.get(1..)?));
        }
    }
    None
}

/// Whether a document can have an operation of this method whatever its version.
pub(crate) fn is_told(method: &str) -> bool {
    let told = [
        "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE",
    ];
    told.contains(&method)
}

/// The operations of a path, each with its method in capitals.
pub(crate) fn operations(item: &mut PathItem) -> Vec<(String, &mut Operation)> {
    let fixed = [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("DELETE", &mut item.delete),
        ("OPTIONS", &mut item.options),
        ("HEAD", &mut item.head),
        ("PATCH", &mut item.patch),
        ("TRACE", &mut item.trace),
        ("QUERY", &mut item.query),
    ];
    let fixed = fixed
        .into_iter()
        .filter_map(|(method, operation)| Some((method.to_owned(), operation.as_mut()?)));
    let more = item.additional_operations.iter_mut();
    let more = more.map(|(method, operation)| (method.to_ascii_uppercase(), operation));
    fixed.chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_in_braces_the_name_alone_is_left() {
        let rows = [
            ("/orgs/{org}/chats", "/orgs/{org}/chats"),
            ("/files/{*rest}", "/files/{rest}"),
            ("/files/{rest:.*}", "/files/{rest}"),
            (r"/chats/{id:\d{3}}/{part}", "/chats/{id}/{part}"),
            ("/a-{id}.json", "/a-{id}.json"),
            ("/", "/"),
            ("", ""),
            ("/not/{closed", "/not/{closed"),
            ("/ä/{ö:ü}", "/ä/{ö}"),
        ];
        for (of_framework, of_openapi) in rows {
            assert_eq!(path(of_framework), of_openapi);
        }
    }
}
