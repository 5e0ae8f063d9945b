//! `ATTACKS.md` is true: each attack has tests, and those tests are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const LIST: &str = include_str!("../../ATTACKS.md");

/// The attacks that a service's wire, routes and policy can be put to, and the store that the policy comes from.
const WANTED: &[u32] = &[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
    51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74,
    75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92,
];

/// The folders whose tests are listed where they are named after an attack.
const NAMED: &[&str] = &[
    "http", "core", "store", "replica", "faults", "unit", "console", "observe",
];

/// The folder that a short name stands for.
fn folder(short: &str) -> &'static str {
    match short {
        "http" => "tests/tests/http",
        "core" => "tests/tests/core",
        "store" => "tests/tests/store",
        "replica" => "tests/tests/replica",
        "faults" => "tests/tests/faults",
        "unit" => "crates/gatepost-store/src",
        "gate" => "crates/gatepost/src",
        "cli" => "crates/gatepost-cli/tests/cli",
        "rows" => "tests/data/requests",
        "calls" => "tests/data/requests/calls",
        "axum" => "crates/gatepost-axum/tests/router",
        "actix" => "crates/gatepost-actix/tests/routes",
        "tower" => "crates/gatepost-tower/tests/layer",
        "tonic" => "crates/gatepost-tonic/tests/service",
        "example" => "examples/chats/tests/service",
        "rollout" => "examples/rollout/src",
        "worker" => "examples/worker/tests/worker",
        "console" => "crates/gatepost-console/src",
        "observe" => "crates/gatepost-observe/src",
        "browser" => "tests/browser/test",
        other => panic!("no folder is called `{other}`"),
    }
}

/// The attacks of the list, each with its tests: a path in the repository, and a name in that file.
fn listed() -> Vec<(u32, Vec<(String, &'static str)>)> {
    let lines = LIST.lines().filter_map(|line| line.strip_prefix("- **A"));
    let attacks = lines.map(|line| {
        let (number, rest) = line.split_once("** ").unwrap();
        let quoted = rest.split('`').skip(1).step_by(2);
        let tests = quoted
            .filter_map(|test| test.split_once("::"))
            .map(|(file, name)| {
                let (short, file) = file.split_once('/').unwrap();
                (format!("{}/{file}", folder(short)), name)
            });
        (number.parse().unwrap(), tests.collect())
    });
    attacks.collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_attack_is_listed_once_and_its_tests_are_there() {
    let listed = listed();
    let numbers: Vec<_> = listed.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, WANTED);
    for (number, tests) in listed {
        assert!(!tests.is_empty(), "A{number:02}");
        for (file, name) in tests {
            let text = fs::read_to_string(root().join(&file));
            let text = text.unwrap_or_else(|error| panic!("A{number:02}: {file}: {error}"));
            let extension = Path::new(&file).extension().and_then(|it| it.to_str());
            let there = match extension {
                Some("rs") => text.contains(&format!("fn {name}(")),
                // A name in JavaScript may be made up of parts.
                Some("js") => text.contains(name),
                _ => text.contains(&format!("name = \"{name}\"")),
            };
            assert!(there, "A{number:02}: {file} has no `{name}`");
        }
    }
}

#[test]
fn every_test_that_is_named_by_an_attack_is_listed() {
    let listed: BTreeSet<_> = listed().into_iter().flat_map(|(_, tests)| tests).collect();
    let named = |name: &str| {
        name.as_bytes().first_chunk() == Some(b"a")
            && name.as_bytes()[1..3].iter().all(u8::is_ascii_digit)
    };
    for short in NAMED {
        for file in sources(folder(short)) {
            let text = fs::read_to_string(root().join(&file)).unwrap();
            let functions = text.lines().filter_map(|line| line.split_once("fn "));
            for (_, function) in functions {
                let name = function.split('(').next().unwrap();
                if name.len() > 4 && named(name) && name.as_bytes()[3] == b'_' {
                    let is_listed = listed.iter().any(|(of, test)| *of == file && *test == name);
                    assert!(is_listed, "{file}::{name}");
                }
            }
        }
    }
}

/// Every source in a folder, and in those within it.
fn sources(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                folders.push(path);
            } else if Path::new(&path).extension() == Some("rs".as_ref()) {
                found.push(path);
            }
        }
    }
    found
}
