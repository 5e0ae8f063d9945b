//! The versions of other people's libraries, as they were resolved.

const LOCK: &str = include_str!("../../peers/Cargo.lock");

/// The libraries that a bench runs.
const RUN: [(&str, &[&str]); 3] = [
    ("peers", &["gatehouse", "casbin", "cedar-policy", "regorus"]),
    (
        "layers",
        &[
            "axum",
            "axum-casbin",
            "axum-login",
            "actix-web",
            "actix-casbin-auth",
            "actix-web-grants",
            "casbin",
        ],
    ),
    (
        "http",
        &[
            "axum",
            "axum-casbin",
            "axum-login",
            "actix-web",
            "actix-web-grants",
            "casbin",
        ],
    ),
];

/// The versions of what the bench runs, to be read behind its command.
pub(super) fn of(bench: &str) -> String {
    let Some((_, packages)) = RUN.iter().find(|(name, _)| *name == bench) else {
        return String::new();
    };
    let named = packages
        .iter()
        .map(|name| format!("{name} {}", version(name)));
    format!(", with {}", named.collect::<Vec<_>>().join(", "))
}

fn version(package: &str) -> &'static str {
    let head = format!("name = \"{package}\"\nversion = \"");
    let rest = LOCK.split_once(&head).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_library_has_a_version() {
        for (bench, packages) in RUN {
            assert!(!of(bench).contains('?'), "{packages:?}");
        }
        assert_eq!(of("decide"), "");
    }
}
