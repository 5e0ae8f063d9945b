//! Facts, heads and effects that somebody wrote over, in a file (A59): none panics, none replaces what is decided
//! by, none hides a kill, and what is repaired is followed again.

use std::path::Path;

use gatepost::{Code, Gate, Health};
use gatepost_store::{PolicyStore, StoreUrl};
use rusqlite::Connection;

use crate::rig::{POLICY, allows, chat, ines, seeded, until, within};

/// A commit of somebody who did what `sql` says, and has switched `killed` off.
fn poison(path: &Path, killed: &str, sql: &str) {
    let connection = Connection::open(path).unwrap();
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    let script = format!(
        "BEGIN IMMEDIATE;
         UPDATE gatepost_head SET version = version + 1, whole = version + 1, killed = '{killed}',
           token = hex(randomblob(8));
         INSERT INTO gatepost_change SELECT version, token, '2027-01-01T00:00:00Z', 'eve', 'operator', NULL,
           'a poison', '{{}}', 1, 0 FROM gatepost_head;
         {sql};
         COMMIT"
    );
    connection.execute_batch(&script).unwrap();
}

fn body(text: &str) -> String {
    format!("UPDATE gatepost_fact SET body = {text} WHERE kind = 'site_gate' AND a = 'agent'")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Each is one way in which facts are no policy.
fn poisons() -> Vec<String> {
    let deep = format!("{{\"switch\":{}1{}}}", "[".repeat(9000), "]".repeat(9000));
    let large = format!("{{\"switch\":\"on\",\"{}\":1}}", "x".repeat(4 << 20));
    let bodies = [
        "''".to_owned(),
        "' '".to_owned(),
        quoted("{"),
        quoted("null"),
        quoted("[]"),
        quoted("[\"on\"]"),
        quoted("{\"switch\":null}"),
        quoted("{\"switch\":\"sometimes\"}"),
        quoted("{\"switch\":NaN}"),
        quoted("{\"switch\":\"on\",\"switch\":\"off\"}"),
        quoted("{\"switch\":\"on\",\"unheard\":1}"),
        quoted("{\"switch\":\"on\"}{\"switch\":\"on\"}"),
        quoted(&deep),
        quoted(&large),
        // What is no UTF-8, a byte of nothing, and half of a pair.
        "CAST(x'7b22ff223a317d' AS TEXT)".to_owned(),
        "CAST(x'7b7d00' AS TEXT)".to_owned(),
        quoted(r#"{"switch":"\ud800"}"#),
    ];
    let rows = [
        ("site_gate", "", "", "{}"),
        ("site_gate", "nowhere", "", "{\"switch\":\"on\"}"),
        ("site_gate", "gatepost-site", "", "{\"switch\":\"off\"}"),
        ("clearance", "x", "", "{}"),
        ("", "", "", ""),
        ("member", "nowhere", "eve", "{\"roles\":[]}"),
        ("org", "x", "y", "{}"),
        ("subject", "", "", "{}"),
        ("resource", "agent", "", "{}"),
        ("org_role", "guest", "", "{\"level\":1e400}"),
        ("org_role", "guest", "", "{\"level\":9223372036854775808}"),
    ];
    let rows = rows.iter().map(|(kind, a, b, body)| {
        format!("INSERT OR REPLACE INTO gatepost_fact VALUES ('{kind}', '{a}', '{b}', '{body}', 9)")
    });
    let bodies = bodies.iter().map(|text| body(text));
    bodies.chain(rows).collect()
}

async fn repaired(what: &str, store: &PolicyStore, gate: &Gate) {
    let policy = serde_json::from_str(POLICY).unwrap();
    let import = store.import(&policy, ines(), "repaired", None).await;
    let version = import.unwrap().version;
    let is_so = within(3000, || gate.health() == Health::Ready { version });
    assert!(is_so, "{:?} after {what}", gate.health());
    assert_eq!(chat(gate), Some(true));
}

#[tokio::test]
async fn a59_no_poison_is_decided_by_and_none_hides_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let (url, store) = seeded(&StoreUrl::sqlite(&path).to_string()).await;
    // Long enough that what is decided by does not run out in between.
    let options = gatepost_store::Replica::options().lease(std::time::Duration::from_mins(1));
    let gate = options.open(&url).await.unwrap().gate();
    for sql in poisons() {
        let what: String = sql.chars().take(120).collect();
        poison(&path, "chat", &sql);
        until(&what, 2000, || {
            matches!(gate.health(), Health::Degraded { .. })
        });
        assert_eq!(chat(&gate), Some(false), "the kill is hidden: {what}");
        let last_good = allows(&gate, "agent", "run");
        assert_eq!(last_good, Some(true), "the last good one is gone: {what}");
        repaired(&what, &store, &gate).await;
    }
}

#[tokio::test]
async fn a59_a_head_that_cannot_be_one_closes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let (url, _store) = seeded(&StoreUrl::sqlite(&path).to_string()).await;
    let gate = crate::rig::follow(&url).await.gate();
    let connection = Connection::open(&path).unwrap();
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    for (column, value) in [
        ("killed", "'chat#sometimes'"),
        ("killed", "'gatepost-site'"),
        ("killed", "CAST(x'ff' AS TEXT)"),
        ("killed", "'Chat'"),
        ("format", "0"),
        ("format", "2"),
        ("format", "-1"),
        ("format", "9223372036854775807"),
        ("version", "-1"),
        ("version", "-9223372036854775808"),
        ("version", "9223372036854775807"),
        ("epoch", "-1"),
        ("epoch", "0"),
        ("whole", "-1"),
        ("token", "CAST(x'ff' AS TEXT)"),
        ("lineage", "'another'"),
        ("lineage", "CAST(x'ff' AS TEXT)"),
    ] {
        let kept: rusqlite::types::Value = connection
            .query_row(&format!("SELECT {column} FROM gatepost_head"), [], |row| {
                row.get(0)
            })
            .unwrap();
        let what = format!("{column} = {value}");
        connection
            .execute_batch(&format!("UPDATE gatepost_head SET {what}"))
            .unwrap();
        until(&what, 2000, || {
            gate.snapshot().err() == Some(Code::PolicyStale)
        });
        connection
            .execute(&format!("UPDATE gatepost_head SET {column} = ?1"), [kept])
            .unwrap();
        until(&format!("{what} mended"), 3000, || {
            chat(&gate) == Some(true)
        });
    }
    for table in ["gatepost_head", "gatepost_fact", "gatepost_effect"] {
        let gone = format!("ALTER TABLE {table} RENAME TO gone");
        connection.execute_batch(&gone).unwrap();
        // What is live stays so until the lease runs out; only the head is needed to renew it.
        until(&gone, 3000, || {
            gate.snapshot().err() == Some(Code::PolicyStale)
                || !matches!(gate.health(), Health::Ready { .. })
        });
        let back = format!("ALTER TABLE gone RENAME TO {table}");
        connection.execute_batch(&back).unwrap();
        until(&back, 3000, || chat(&gate) == Some(true));
    }
}
