use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use crate::support::{Ran, command, data, file, run, run_with};

const ALLOWED: &str = r#"{"subject":"alice","org":"acme","resource":"agent","action":"read"}"#;

#[track_caller]
fn batch(input: &[u8]) -> Ran {
    run_with(
        &["check", "--policy", &data("policy.toml"), "--batch", "-"],
        input,
    )
}

#[test]
fn each_line_is_answered_in_its_place() {
    let requests = [
        ALLOWED,
        r#"{"subject":"root","org":"acme","resource":"agent","action":"read"}"#,
        r#"{"subject":"alice","org":"initech","resource":"chat","action":"create","mode":"foreground"}"#,
        r#"  {"resource":"agent","action":"read","org":null}  "#,
        r#"{"subject":"alice","resource":"agent","action":"read","org_rule":"default","scopes":["agent:*"],"owner":"gina","kind":"user","at":"2030-01-01T00:00:00Z"}"#,
    ];
    let answers = [
        r#"{"decision":"allow"}"#,
        r#"{"decision":"allow","via":"all_orgs"}"#,
        r#"{"decision":"deny","code":"org_off","tier":"org"}"#,
        r#"{"decision":"deny","code":"unauthenticated","tier":"identity"}"#,
        r#"{"decision":"allow"}"#,
    ];
    let answers = format!("{}\n", answers.join("\n"));
    for end in ["\n", "\r\n"] {
        let input = requests.join(end);
        assert_eq!(batch(input.as_bytes()).out(0), answers);
        let input = format!("{input}{end}");
        assert_eq!(batch(input.as_bytes()).out(0), answers);
        let path = file("batch.jsonl", &input);
        let policy = data("policy.toml");
        let ran = run(&["check", "--policy", &policy, "--batch", &path]);
        assert_eq!(ran.out(0), answers);
    }
    assert_eq!(batch(b"").out(0), "");
}

#[test]
fn a_line_that_cannot_be_read_is_answered_and_the_rest_goes_on() {
    let huge = format!(
        r#"{{"subject":"{}","resource":"a","action":"b"}}"#,
        "x".repeat(5_000_000)
    );
    let nested = format!(r#"{{"subject":{}"#, "[".repeat(100_000));
    let rows: &[&[u8]] = &[
        b"",
        b" \t ",
        b"{",
        b"null",
        b"[]",
        b"1 2",
        b"\0",
        b"{\"resource\":\"agent\",\"action\":\"read\"}\0",
        b"{\"resource\":\"agent\",\"action\":\"read\"} {}",
        b"{\"subject\":\"al\xffice\",\"resource\":\"agent\",\"action\":\"read\"}",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{\"resource\":\"agent\",\"action\":\"read\"}",
        br#"{"subject":"al\u0000ice","resource":"agent","action":"read"}"#,
        br#"{"subject":"\ud800","resource":"agent","action":"read"}"#,
        br#"{"subject":"alice","subject":"root","resource":"agent","action":"read"}"#,
        br#"{"subject":"alice","resource":"agent","action":"read","role":"admin"}"#,
        br#"{"subject":"alice","resource":"agent"}"#,
        br#"{"subject":"alice","resource":"agent","action":null}"#,
        br#"{"subject":"alice","resource":"agent","action":"read","mode":"batch"}"#,
        br#"{"subject":"alice","resource":"agent","action":"read","mode":{"foreground":null}}"#,
        br#"{"subject":"alice","resource":"agent","action":"read","scopes":"agent:*"}"#,
        br#"{"subject":"alice","resource":"agent","action":"read","at":"now"}"#,
        br#"{"subject":1,"resource":"agent","action":"read"}"#,
        br#"{"subject":"","resource":"agent","action":"read"}"#,
        br#"["alice",null,"acme",null,"agent","read"]"#,
        huge.as_bytes(),
        nested.as_bytes(),
    ];
    let mut input = Vec::new();
    for row in rows {
        input.extend_from_slice(row);
        input.push(b'\n');
        input.extend_from_slice(ALLOWED.as_bytes());
        input.push(b'\n');
    }
    let out = batch(&input).out(0);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 2 * rows.len());
    for (row, answers) in rows.iter().zip(lines.chunks(2)) {
        let row = String::from_utf8_lossy(row)
            .chars()
            .take(80)
            .collect::<String>();
        let error: serde_json::Value = serde_json::from_str(answers[0]).unwrap();
        assert_eq!(error["decision"], "error", "{row}");
        assert_eq!(error["code"], "bad_request", "{row}");
        let detail = error["detail"].as_str().unwrap();
        assert!(!detail.is_empty() && detail.len() < 1000, "{row}: {detail}");
        assert_eq!(error.as_object().unwrap().len(), 3, "{row}");
        assert_eq!(answers[1], r#"{"decision":"allow"}"#, "{row}");
    }
}

#[test]
fn a_file_or_policy_that_cannot_be_read_is_2() {
    let policy = data("policy.toml");
    let gone = run(&["check", "--policy", &policy, "--batch", "/no/such/file"]);
    assert_eq!((gone.code, &*gone.out), (2, ""));
    assert!(
        gone.err.contains("`/no/such/file` cannot be read"),
        "{}",
        gone.err
    );
    let folder = run(&["check", "--policy", &policy, "--batch", "/"]);
    assert_eq!((folder.code, &*folder.out), (2, ""));
    let refused = run_with(
        &["check", "--policy", "/no/such/file", "--batch", "-"],
        b"{}\n",
    );
    assert_eq!((refused.code, &*refused.out), (2, ""));
}

#[test]
fn a_reader_that_goes_away_ends_it_without_a_word() {
    let requests = file("batch-pipe.jsonl", format!("{ALLOWED}\n").repeat(200_000));
    let mut child = command()
        .args([
            "check",
            "--policy",
            &data("policy.toml"),
            "--batch",
            &requests,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!(first, "{\"decision\":\"allow\"}\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn whoever_waits_for_an_answer_gets_it_before_the_next_question() {
    let mut child = command()
        .args(["check", "--policy", &data("policy.toml"), "--batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut questions = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..3 {
        writeln!(questions, "{ALLOWED}").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "{\"decision\":\"allow\"}\n");
    }
    drop(questions);
    assert!(child.wait().unwrap().success());
}
