//! How long a replica takes to read a large policy, to read it again beside the old one, and to take in one change.
//!
//! A process each, so that what one store left in the allocator is not another one's. The peak is what the
//! process had resident, which the system counts; the size of the facts is counted by the allocator.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use gatepost::{
    Gate, Loader, MemberDocument, OrgDocument, OrgSwitch, PolicyText, SiteSwitch, SubjectDocument,
};
use gatepost_store::{Author, Change, Command, PolicyStore, Replica, StoreUrl};
use gatepost_tests::postgres::Cluster;

use crate::allocations::counted;
use crate::options::Options;
use crate::table::{Row, Table};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What every policy of this bench says beside its orgs, members and subjects.
const FRAME: &str = r#"
version = 1
[resources]
chat = ["create", "read"]
[site.gates.chat]
switch = "opt-out"
[org_roles.guest]
level = 10
grants = ["chat:read"]
[org_roles.developer]
level = 20
include = ["guest"]
grants = ["chat:create"]
"#;

/// How many changes of each sort are timed.
const CHANGES: usize = 20;
/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_mins(10);

/// Runs the bench with so many memberships.
///
/// # Errors
///
/// When a server, a store or a replica does not do what it is asked.
pub fn run(options: Options, members: u64) -> Outcome<()> {
    let mut table = Table::new("reload", options);
    let size = size(members)?;
    table.row(format!("facts of {members} memberships"), size / 1e6, "MB");
    table.row("one of them", size / divisor(members), "bytes");

    let folder = tempfile::tempdir()?;
    let path = folder.path().join("policy.db");
    let url = format!("sqlite:{}", path.display());
    seeded(&url)?;
    rusqlite::Connection::open(&path)?.execute_batch(&sqlite(members))?;
    measured(&mut table, "SQLite", &url, size)?;

    let cluster = Cluster::start();
    let url = cluster.url();
    seeded(&url)?;
    cluster.sql(Cluster::database_of(&url), &postgres(members));
    measured(&mut table, "PostgreSQL", &url, size)?;

    table.finish()?;
    Ok(())
}

/// How many bytes the facts take.
fn size(members: u64) -> Outcome<f64> {
    let frame = PolicyText::toml(FRAME).parse()?;
    let (facts, seen) = counted(|| {
        let mut loader = Loader::new(&frame);
        for org in 0..orgs(members) {
            loader.org(&format!("org-{org:08}"), &OrgDocument::default());
        }
        let mut developer = MemberDocument::default();
        developer.roles.push("developer".to_owned());
        for member in 0..members {
            let org = format!("org-{:08}", member % orgs(members));
            loader.member(&org, &subject_of(member, members), &developer);
        }
        for subject in 0..subjects(members) {
            loader.subject(
                &format!("subject-{subject:08}"),
                &SubjectDocument::default(),
            );
        }
        loader.finish(1)
    });
    black_box(facts?);
    #[allow(clippy::cast_precision_loss, reason = "a few gigabytes")]
    Ok(seen.live_bytes as f64)
}

fn orgs(members: u64) -> u64 {
    (members / 10).max(2)
}

fn subjects(members: u64) -> u64 {
    (members / 2).max(1)
}

/// As the statements below say it.
fn subject_of(member: u64, members: u64) -> String {
    let subjects = subjects(members);
    format!("subject-{:08}", (member + member / subjects) % subjects)
}

fn operator() -> Author {
    Author::Operator {
        name: "bench".into(),
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn seeded(url: &str) -> Outcome<()> {
    let url: StoreUrl = url.parse()?;
    let frame = PolicyText::toml(FRAME).parse()?;
    runtime()?.block_on(PolicyStore::open_or_seed(
        &url,
        &frame,
        operator(),
        "a bench",
    ))?;
    Ok(())
}

/// Fills the table of facts.
fn sqlite(members: u64) -> String {
    let (orgs, subjects) = (orgs(members), subjects(members));
    let series = |count| {
        format!(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"
        )
    };
    format!(
        "BEGIN;
         INSERT INTO gatepost_fact {} SELECT 'org', printf('org-%08d', i), '', '{{}}', 1 FROM n;
         INSERT INTO gatepost_fact {} SELECT 'member', printf('org-%08d', i % {orgs}),
           printf('subject-%08d', (i + i / {subjects}) % {subjects}), '{{\"roles\":[\"developer\"]}}', 1
           FROM n ORDER BY 2, 3;
         INSERT INTO gatepost_fact {} SELECT 'subject', printf('subject-%08d', i), '', '{{}}', 1 FROM n;
         COMMIT; PRAGMA wal_checkpoint(TRUNCATE)",
        series(orgs),
        series(members),
        series(subjects)
    )
}

/// The same.
fn postgres(members: u64) -> String {
    let (orgs, subjects) = (orgs(members), subjects(members));
    format!(
        "INSERT INTO gatepost_fact SELECT 'org', 'org-' || lpad(i::text, 8, '0'), '', '{{}}', 1
           FROM generate_series(0, {orgs} - 1) i;
         INSERT INTO gatepost_fact SELECT 'member', 'org-' || lpad((i % {orgs})::text, 8, '0'),
           'subject-' || lpad(((i + i / {subjects}) % {subjects})::text, 8, '0'), '{{\"roles\":[\"developer\"]}}', 1
           FROM generate_series(0, {members} - 1) i ORDER BY 2, 3;
         INSERT INTO gatepost_fact SELECT 'subject', 'subject-' || lpad(i::text, 8, '0'), '', '{{}}', 1
           FROM generate_series(0, {subjects} - 1) i;
         ANALYZE gatepost_fact"
    )
}

/// Has a process follow the store, and adds what it measured.
fn measured(table: &mut Table, store: &str, url: &str, size: f64) -> Outcome<()> {
    let mut process = Process::new(std::env::current_exe()?);
    let process = process.args(["--replica", url]).stderr(Stdio::inherit());
    let output = process.output()?;
    if !output.status.success() {
        return Err(format!("the replica of {store} failed").into());
    }
    for line in String::from_utf8(output.stdout)?.lines() {
        let (value, name) = line.split_once(' ').ok_or("a line without a name")?;
        let value: f64 = value.parse()?;
        let name = format!("{store}: {name}");
        if name.ends_with("peak") {
            table.push(Row {
                name: format!("{name}, times the facts"),
                value: value / 1e6,
                unit: "MB",
                ratio: Some(value / size),
                range: None,
            });
        } else {
            table.row(name, value, "ms");
        }
    }
    Ok(())
}

/// Follows a store, and prints what that takes.
///
/// # Errors
///
/// When the store cannot be followed.
pub fn replica(url: &str) -> Outcome<()> {
    let store: StoreUrl = url.parse()?;
    runtime()?.block_on(async {
        let before = resident("VmRSS:");
        let begun = Instant::now();
        // Of a store in a file, how often it is asked would be all that is seen of a change.
        let options = Replica::options().interval(Duration::from_millis(1));
        let gate = options.open(&store).await?.gate();
        say(begun.elapsed(), "a replica opens");
        println!("{} open, peak", resident("VmHWM:") - before);

        let writer = PolicyStore::open(&store).await?;
        // The peak is counted anew; where the system does not do that, it is that of both.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let version = version(&gate).unwrap_or_default() + 1;
        replaced(url).await?;
        let begun = Instant::now();
        until(&gate, version);
        say(begun.elapsed(), "all of it is read again");
        println!(
            "{} read again beside the old one, peak",
            resident("VmHWM:") - before
        );

        let site = |to| Command::SiteSwitch {
            resource: "chat".into(),
            mode: None,
            to,
        };
        timed(
            "a site's switch",
            &gate,
            &writer,
            [site(SiteSwitch::Off), site(SiteSwitch::On)],
        )
        .await?;
        let org = |to| Command::OrgSwitch {
            org: "org-00000000".into(),
            resource: "chat".into(),
            mode: None,
            to,
        };
        timed(
            "an org's switch",
            &gate,
            &writer,
            [org(Some(OrgSwitch::Off)), org(Some(OrgSwitch::On))],
        )
        .await?;
        let (org, subject) = ("org-00000000".to_owned(), "subject-00000000".to_owned());
        let role = "guest".to_owned();
        let add = Command::MemberAdd {
            org: org.clone(),
            subject: subject.clone(),
            role: role.clone(),
            expires: None,
        };
        let remove = Command::MemberRemove { org, subject, role };
        timed("a membership", &gate, &writer, [add, remove]).await?;
        Ok(())
    })
}

/// Makes changes, one after the other, and prints the median of each from its call and from its commit on.
async fn timed(
    name: &str,
    gate: &Gate,
    store: &PolicyStore,
    commands: [Command; 2],
) -> Outcome<()> {
    let (mut called, mut committed) = (Vec::new(), Vec::new());
    for command in commands.into_iter().cycle().take(CHANGES) {
        let change = Change::new(command, operator(), "a bench");
        let begun = Instant::now();
        let version = store.write(&change).await?.version;
        let written = begun.elapsed();
        until(gate, version);
        called.push(begun.elapsed());
        committed.push(begun.elapsed().saturating_sub(written));
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    say(median(called), &format!("{name}, since the call"));
    say(
        median(committed),
        &format!("{name}, since it was committed"),
    );
    Ok(())
}

/// Tells the replica that the whole policy was replaced, which leaves it as it was.
async fn replaced(url: &str) -> Outcome<()> {
    let (now, yes, no) = if url.starts_with("sqlite:") {
        ("'2027-01-01T00:00:00.000Z'", "1", "0")
    } else {
        ("now()", "true", "false")
    };
    let sql = format!(
        "BEGIN;
         UPDATE gatepost_head SET version = version + 1, whole = version + 1, token = 'bench' || version;
         INSERT INTO gatepost_change SELECT version, token, {now}, 'bench', 'operator', NULL, 'a bench', '{{}}',
           {yes}, {no} FROM gatepost_head;
         COMMIT"
    );
    if let Some(path) = url.strip_prefix("sqlite:") {
        rusqlite::Connection::open(path)?.execute_batch(&sql)?;
        return Ok(());
    }
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    client.batch_execute(&sql).await?;
    client.batch_execute("NOTIFY gatepost_policy").await?;
    drop(client);
    connection.await??;
    Ok(())
}

fn version(gate: &Gate) -> Option<u64> {
    gate.read(gatepost::Snapshot::version).ok()
}

fn until(gate: &Gate, wanted: u64) {
    let begun = Instant::now();
    while version(gate).is_none_or(|version| version < wanted) && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// So many bytes of this process are in memory, or were at most.
fn resident(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kibibytes.map_or(f64::NAN, |kibibytes: f64| kibibytes * 1024.0)
}

fn say(took: Duration, name: &str) {
    println!("{} {name}", took.as_secs_f64() * 1e3);
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[allow(clippy::cast_precision_loss, reason = "a few millions")]
fn divisor(members: u64) -> f64 {
    members.max(1) as f64
}
