//! Mistakes that do not compile, and what the compiler says of them.

use std::fs;
use std::path::Path;

/// Every case begins with `//! hint: ..`, one line for each thing that the compiler must say.
#[test]
fn what_does_not_compile_says_what_to_do() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    // Run at the end of this scope; the expected texts below are what it has compared with.
    drop(cases);

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let case = entry.unwrap().path();
        if case.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let (source, said) = (
            fs::read_to_string(&case).unwrap(),
            fs::read_to_string(case.with_extension("stderr")).unwrap(),
        );
        let hints: Vec<_> = source
            .lines()
            .filter_map(|line| line.strip_prefix("//! hint: "))
            .collect();
        assert!(!hints.is_empty(), "{} says no hint", case.display());
        for hint in hints {
            assert!(
                said.contains(hint),
                "{} lacks: {hint}\n{said}",
                case.display()
            );
        }
        seen += 1;
    }
    assert!(seen >= 7, "{seen} cases");
}
