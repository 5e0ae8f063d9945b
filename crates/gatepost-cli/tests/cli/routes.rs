use crate::support::{data, file, run, run_with};

fn routes() -> String {
    data("routes.json")
}

#[test]
fn each_route_is_a_line_with_what_it_requires() {
    let table = run(&["routes", &routes()]).out(0);
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("method  path"), "{table}");
    let create = "POST    /orgs/{org}/chats        chat:create#foreground  path org  subject";
    assert!(lines.contains(&create), "{table}");
    assert!(table.contains("public"), "{table}");
    assert!(table.contains("probes have no identity"), "{table}");

    let markdown = run(&["routes", "--format", "markdown", &routes()]).out(0);
    assert!(
        markdown.contains(
            "| POST | `/orgs/{org}/chats` | `chat:create#foreground` | path org | subject |"
        ),
        "{markdown}"
    );
}

#[test]
fn what_is_kept_is_printed_as_it_is_kept() {
    let kept = std::fs::read_to_string(routes()).unwrap();
    assert_eq!(run(&["routes", "--format", "json", &routes()]).out(0), kept);
    let placed = kept.replacen(
        "\"method\": \"GET\",",
        "\"method\": \"GET\", \"source\": \"src/main.rs:7\",",
        1,
    );
    assert_ne!(placed, kept);
    // By default and by its name, standard input.
    for args in [
        &["routes", "--format", "json"][..],
        &["routes", "-", "--format", "json"],
    ] {
        assert_eq!(run_with(args, placed.as_bytes()).out(0), kept);
    }
}

#[test]
fn what_has_changed_is_1_and_nothing_is_0() {
    let kept = std::fs::read_to_string(routes()).unwrap();
    let check = ["routes", "--check", &routes()];
    assert_eq!(run_with(&check, kept.as_bytes()).out(0), "");

    let changed = kept
        .replacen("\"action\": \"create\"", "\"action\": \"read\"", 1)
        .replacen("\"hidden\": true", "\"hidden\": false", 1);
    let out = run_with(&check, changed.as_bytes()).out(1);
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines.len(), 2, "{out}");
    assert!(lines[0].ends_with("(laxer)"), "{out}");
    assert!(
        lines[1].contains("POST /dashboard/chats: chat:create#foreground → chat:read#foreground"),
        "{out}"
    );

    let path = file("routes-changed.json", changed);
    assert_eq!(
        run(&["routes", &routes(), "--check", &path])
            .out(1)
            .lines()
            .count(),
        2
    );
}

#[test]
fn what_cannot_be_read_is_2_and_its_place_is_named() {
    let rows = [
        ("routes-empty.json", "\u{feff}\n", "it is empty"),
        (
            "routes-version.json",
            "{\"version\": 2, \"routes\": []}",
            "`version`",
        ),
        (
            "routes-key.json",
            "{\"version\": 1, \"routes\": [{\"method\": \"GET\", \"path\": \"/\", \"public\": \"x\", \"open\": true}]}",
            "`routes[0].open`",
        ),
        (
            "routes-nothing.json",
            "{\"version\": 1, \"routes\": [{\"method\": \"GET\", \"path\": \"/\"}]}",
            "`routes[0]` has no requirement",
        ),
    ];
    for (name, content, want) in rows {
        let path = file(name, content);
        for args in [
            &["routes", &path][..],
            &["routes", &routes(), "--check", &path],
            &["routes", &path, "--check", &routes()],
        ] {
            let ran = run(args);
            assert_eq!((ran.code, &*ran.out), (2, ""), "{args:?}");
            assert!(
                ran.err.contains(&path) && ran.err.contains(want),
                "{}",
                ran.err
            );
        }
    }
    for args in [
        &["routes", "/no/such/file"][..],
        &["routes", "-", "--check", "-"],
        &["routes", &routes(), "--format", "html"],
        &[
            "routes",
            &routes(),
            "--check",
            &routes(),
            "--format",
            "json",
        ],
    ] {
        let ran = run(args);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{args:?}");
    }
}

#[test]
fn nothing_that_is_printed_steers_a_terminal() {
    let requires = r#"{"resource": "chat", "action": "read", "org": ["\u001b[2J"], "org_rule": "required", "owner": "\u001b[1m"}"#;
    let text = &format!(
        r#"{{"version": 1, "routes": [{{"method": "GET", "path": "/", "requires": {requires}}}]}}"#
    );
    let path = file("routes-escape.json", text);
    for format in ["table", "markdown", "json"] {
        let ran = run(&["routes", "--format", format, &path]);
        assert_eq!((ran.code, &*ran.out), (2, ""));
        assert!(ran.err.contains("control character"), "{}", ran.err);
        assert!(!ran.err.contains('\u{1b}'), "{}", ran.err);
    }
}

#[test]
fn a_mark_before_the_text_is_no_part_of_it() {
    let kept = std::fs::read_to_string(routes()).unwrap();
    let marked = file("routes-marked.json", format!("\u{feff}{kept}"));
    assert_eq!(run(&["routes", &marked, "--check", &routes()]).out(0), "");
    assert_eq!(run(&["routes", &routes(), "--check", &marked]).out(0), "");
}

#[test]
fn standard_input_is_one_file() {
    let policy = data("policy.toml");
    let kept = std::fs::read(routes()).unwrap();
    for args in [
        &["routes", "-", "--check", "-"][..],
        &["lint", &policy, "--routes", "-", "--routes", "-"],
        &[
            "matrix", "--policy", &policy, "--routes", "-", "--routes", "-",
        ],
        &[
            "matrix", "--policy", &policy, "--routes", "-", "--check", "-",
        ],
    ] {
        let ran = run_with(args, &kept);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{args:?}");
        assert!(
            ran.err.contains("standard input is one file"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn inventories_that_differ_in_a_name_alone_are_1() {
    let with = |map: &str| {
        format!(
            r#"{{"version": 1, "routes": [{{"method": "POST", "path": "/x/{{a}}", "requires": {{"resource": {{"param": "a", "map": {map}, "otherwise": "chat"}}, "action": "read", "org_rule": "none"}}}}]}}"#
        )
    };
    let one = file("routes-map.json", with(r#"{"a": "agent", "b": "chat"}"#));
    let other = file("routes-other-map.json", with(r#"{"a=agent, b": "chat"}"#));
    assert_eq!(run(&["routes", &one, "--check", &one]).out(0), "");
    assert_ne!(run(&["routes", &one, "--check", &other]).out(1), "");
}
