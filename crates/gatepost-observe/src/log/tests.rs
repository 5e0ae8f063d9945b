use std::time::{Duration, Instant};

use gatepost::{Code, Denial, Evaluation, Kind, Mode, OrgRule, SubjectId};
use gatepost_enforce::{Decided, Journal, Observer, Verdict};
use serde_json::json;

use super::*;
use crate::record::LogRecord;
use crate::redact::{Redact, Redaction, RedactionKey};
use crate::testing::{
    CREATE, Kept, UPDATE, Wrong, admit, allowed, asked, decided, denied, facts, refuse, subject,
};

const LONG: Duration = Duration::from_secs(20);

fn log(kept: &Kept) -> DecisionLogBuilder {
    DecisionLog::builder("web").sink("kept", kept.clone())
}

fn records(log: &DecisionLog, kept: &Kept) -> Vec<LogRecord> {
    assert!(log.flush(LONG));
    let lines = kept.lines().into_iter();
    lines.map(|line| line.record).collect()
}

#[test]
fn a_denial_is_written_with_all_that_was_read_of_its_request() {
    let kept = Kept::default();
    let log = log(&kept).build().unwrap();
    let agent = subject("planner")
        .kind(Kind::Agent)
        .acting_for(SubjectId::new("alice").unwrap())
        .scopes(["chat:*"]);
    let asked = asked(&CREATE, Some(agent), "zeta");
    let denial = denied(&facts(), &asked);
    log.decided(&decided(Verdict::Refuse(&denial), &asked));
    assert!(log.flush(LONG));
    let line = &kept.lines()[0];
    let mut told: serde_json::Value = serde_json::from_str(&line.text).unwrap();
    assert_eq!(told["decision_id"], denial.decision().to_string());
    told["decision_id"].take();
    told["time"].take();
    let wanted = json!({
        "schema": 1, "decision_id": null, "time": null, "service": "web",
        "decision": false, "outcome": "deny", "enforced": true,
        "code": "not_a_member", "tier": "org", "whose": "subject",
        "subject": {
            "type": "agent", "id": "planner",
            "properties": { "acting_for": "alice", "scopes": ["chat:*"] },
        },
        "action": { "name": "create" },
        "resource": { "type": "chat", "properties": { "org": "zeta", "owner": "alice" } },
        "context": { "mode": "foreground", "org_rule": "required" },
        "requirement": "chat:create#foreground",
        "route": { "method": "POST", "path": "/orgs/{org}/chats" },
        "version": 7, "latency_ns": 1234,
    });
    assert_eq!(told, wanted);
    let again: LogRecord = serde_json::from_str(&line.text).unwrap();
    assert_eq!(again, line.record);
}

#[test]
fn what_was_not_read_is_named() {
    let kept = Kept::default();
    let log = log(&kept).build().unwrap();
    let asked = Evaluation::new(&UPDATE, "chat", Some(subject("olga")));
    let denial = asked.reject(Denial::new(Code::BodyTooLarge));
    let mut told = Decided::new(Verdict::Refuse(&denial), Some(&asked), &UPDATE);
    log.decided(&told);
    // Nor was anybody found.
    told.asked = None;
    log.decided(&told);
    let records = records(&log, &kept);
    assert_eq!(records[0].outcome, "error");
    assert_eq!(records[0].context.unread, ["org", "mode", "owner"]);
    assert_eq!(records[0].context.org_rule, OrgRule::Required);
    assert!(records[0].subject.is_some() && records[1].subject.is_none());
}

#[test]
fn an_allow_is_written_where_it_is_sampled_and_tells_for_how_many_it_stands() {
    let kept = Kept::default();
    let none = log(&kept).build().unwrap();
    admit(&none, 100);
    assert_eq!(records(&none, &kept), []);

    let one_in = log(&kept).one_allow_in(10).build().unwrap();
    admit(&one_in, 2000);
    let told = records(&one_in, &kept);
    assert!((100..400).contains(&told.len()), "{}", told.len());
    let stood_for: u64 = told.iter().map(|record| record.times).sum();
    let after_the_last = one_in.0.allows.since.load(Ordering::Relaxed);
    assert_eq!(stood_for + after_the_last, 2000);
    assert_eq!(one_in.statistics().passed_over, 2000 - told.len() as u64);
    let first = &told[0];
    assert!(first.decision && first.code.is_none());
    assert_eq!(first.context.mode, Some(Mode::Foreground));
}

#[test]
fn a_report_is_a_denial_that_was_not_enforced() {
    let kept = Kept::default();
    let log = log(&kept).build().unwrap();
    let asked = asked(&CREATE, Some(subject("mallory")), "acme");
    let denial = denied(&facts(), &asked);
    log.decided(&decided(Verdict::Report(&denial), &asked));
    let told = records(&log, &kept);
    assert!(!told[0].enforced && !told[0].decision);
    assert_eq!(told[0].outcome, "deny");
}

#[test]
fn a_permit_that_was_revoked_is_told_with_its_decision() {
    let kept = Kept::default();
    let log = log(&kept).build().unwrap();
    let permit = allowed(&facts(), &asked(&CREATE, Some(subject("olga")), "acme"));
    let denial = Denial::new(Code::SiteOff);
    log.revoked(&permit, &denial);
    let told = records(&log, &kept);
    assert_eq!(told[0].revoked, Some(permit.decision().to_string()));
    assert_eq!(told[0].decision_id, denial.decision().to_string());
    assert_eq!(told[0].subject.as_ref().unwrap().id.as_str(), "olga");
}

#[test]
fn a80_a_flood_of_one_code_is_a_few_lines_and_hides_no_other() {
    let kept = Kept::default();
    let log = log(&kept).build().unwrap();
    refuse(&log, 100_000);
    let asked = asked(&CREATE, None, "acme");
    let denial = denied(&facts(), &asked);
    log.decided(&decided(Verdict::Refuse(&denial), &asked));
    let told = records(&log, &kept);
    assert!((200..1000).contains(&told.len()), "{}", told.len());
    let codes = told.iter().filter_map(|record| record.code.as_deref());
    assert_eq!(codes.filter(|code| *code == "unauthenticated").count(), 1);
    let lines = told.len() as u64;
    assert_eq!(log.statistics().passed_over, 100_001 - lines);
}

#[test]
fn a81_what_a_client_says_neither_ends_a_line_nor_steers_nor_fills_it() {
    let kept = Kept::default();
    let log = log(&kept)
        .lines_a_second(1_000_000, 1_000_000)
        .build()
        .unwrap();
    let huge = "x".repeat(1 << 20);
    let nasty = "a\r\n\u{1b}[2J\u{202e}{\"decision\":true}";
    let scopes = (0..100_000).map(|number| format!("chat:s{number}\u{1b}"));
    let many = subject("a\u{202e}b\u{2028}c").scopes(scopes.chain([huge.clone()]));
    let lengthy = subject(&"ü".repeat(127)).scopes([&huge]);
    for who in [many, lengthy] {
        let asked = asked(&CREATE, Some(who), &"o".repeat(255));
        for reason in [nasty.to_owned(), huge.clone()] {
            let denial = asked.reject(Denial::bad_request(reason));
            let mut told = decided(Verdict::Refuse(&denial), &asked);
            told.path = Some(&huge);
            log.decided(&told);
        }
    }
    assert!(log.flush(LONG));
    let lines = kept.lines();
    assert_eq!(lines.len(), 4);
    for line in &lines {
        let is_harmless =
            |letter: char| !letter.is_control() && !"\u{202e}\u{2028}".contains(letter);
        assert!(line.text.chars().all(is_harmless), "{}", line.text);
        assert!(line.text.len() < 8 << 10, "{}", line.text.len());
        assert_eq!(line.record.redacted, ["scopes"]);
        assert_eq!(line.record.route.path.as_ref().unwrap().len(), 256);
        let again: LogRecord = serde_json::from_str(&line.text).unwrap();
        assert_eq!(again, line.record);
        assert!(!again.decision);
    }
    assert_eq!(lines[0].record.reason.as_deref(), Some(nasty));
    assert_eq!(lines[1].record.reason.as_deref(), Some(&huge[..256]));
}

#[test]
fn a83_a_sink_that_panics_is_given_the_next_line() {
    let kept = Kept::but(&[Wrong::Panics]);
    let other = Kept::default();
    let log = log(&kept).sink("other", other.clone()).build().unwrap();
    refuse(&log, 1);
    assert!(log.flush(LONG));
    assert_eq!(kept.lines().len(), 0);
    refuse(&log, 2);
    assert_eq!(records(&log, &kept).len(), 2);
    assert_eq!(other.lines().len(), 3);
    let told = log.statistics().sinks;
    assert_eq!((told[0].written, told[0].drops.panicked), (2, 1));
    assert_eq!(told[1].drops, SinkDrops::default());
    assert_eq!(told[0].waiting_bytes, 0);
}

#[test]
fn a84_a_sink_that_blocks_holds_up_neither_a_request_nor_another_sink() {
    let kept = Kept::but(&[Wrong::Blocks(Duration::from_secs(2))]);
    let other = Kept::default();
    let unpaced = log(&kept).lines_a_second(1_000_000, 1_000_000);
    let log = unpaced
        .sink("other", other.clone())
        .waiting(10_000, 100 << 10)
        .build()
        .unwrap();
    refuse(&log, 1);
    std::thread::sleep(Duration::from_millis(50));
    let begun = Instant::now();
    for _ in 0..500 {
        refuse(&log, 10);
        // The other one keeps up with this.
        std::thread::sleep(Duration::from_micros(200));
    }
    assert!(
        begun.elapsed() < Duration::from_millis(1900),
        "{:?}",
        begun.elapsed()
    );
    let [blocked, well] = &log.statistics().sinks[..] else {
        panic!("two sinks");
    };
    assert!(blocked.drops.full > 1000, "{blocked:?}");
    assert!(blocked.waiting_bytes <= 100 << 10, "{blocked:?}");
    assert!(well.drops.full < blocked.drops.full / 2, "{well:?}");
    assert!(well.written > 0, "{well:?}");
    assert!(log.flush(LONG));
    let [blocked, well] = &log.statistics().sinks[..] else {
        panic!("two sinks");
    };
    for sink in [blocked, well] {
        assert_eq!(sink.written + sink.drops.full, 5001, "{sink:?}");
        assert_eq!(sink.waiting_bytes, 0);
    }
    assert_eq!(kept.lines().len() as u64, blocked.written);
}

#[test]
fn a84_a_disk_that_is_full_loses_lines_and_counts_them() {
    let kept = Kept::but(&[Wrong::Fails]);
    let log = log(&kept).build().unwrap();
    refuse(&log, 1);
    assert!(log.flush(LONG));
    assert_eq!(log.statistics().sinks[0].drops.failed, 1);
    refuse(&log, 1);
    assert_eq!(records(&log, &kept).len(), 1);
}

#[test]
fn a_log_without_a_sink_is_none() {
    let error = DecisionLog::builder("web").build().unwrap_err();
    assert_eq!(error.to_string(), "the log has no sink");
}

#[test]
fn a_flush_is_over_in_time_whatever_a_sink_does() {
    let kept = Kept::but(&[Wrong::Blocks(Duration::from_secs(2))]);
    let log = log(&kept).waiting(1, 1 << 20).build().unwrap();
    refuse(&log, 1);
    std::thread::sleep(Duration::from_millis(50));
    refuse(&log, 2);
    let begun = Instant::now();
    assert!(!log.flush(Duration::from_millis(100)));
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert!(log.flush(LONG));
}

async fn journal(log: &DecisionLog) -> Result<(), String> {
    let asked = asked(&CREATE, Some(subject("olga")), "acme");
    let permit = allowed(&facts(), &asked);
    let told = decided(Verdict::Allow(&permit), &asked);
    Journal::write(log, &told).await.map_err(|error| error.why)
}

#[tokio::test]
async fn a_journal_has_an_allow_in_every_sink_once_it_says_so() {
    let (kept, other) = (Kept::default(), Kept::default());
    let log = log(&kept).sink("other", other.clone()).build().unwrap();
    for count in 1..=300 {
        journal(&log).await.unwrap();
        assert_eq!((kept.lines().len(), other.lines().len()), (count, count));
    }
    assert!(kept.lines().iter().all(|line| line.record.decision));
}

#[tokio::test]
async fn a84_a_journal_that_does_not_know_says_so_within_its_bound() {
    for (wrong, why) in [
        (Wrong::Fails, "`kept`: the disk is full"),
        (Wrong::FailsToSync, "`kept`: it is not known"),
        (Wrong::Panics, "`kept`: it panicked"),
        (Wrong::Blocks(LONG), "it took longer than 100ms"),
    ] {
        let kept = Kept::but(&[wrong]);
        let wait = match wrong {
            Wrong::Blocks(_) => Duration::from_millis(100),
            _ => LONG,
        };
        let log = log(&kept).journal_wait(wait).build().unwrap();
        let begun = Instant::now();
        assert_eq!(journal(&log).await.unwrap_err(), why);
        assert!(begun.elapsed() < Duration::from_secs(5));
        if !matches!(wrong, Wrong::Blocks(_)) {
            assert_eq!(journal(&log).await, Ok(()), "{wrong:?}");
        }
    }
}

#[tokio::test]
async fn a84_a_journal_behind_a_full_queue_says_so_at_once() {
    let kept = Kept::but(&[Wrong::Blocks(LONG)]);
    let unpaced = log(&kept).lines_a_second(1_000_000, 1_000_000);
    let log = unpaced.waiting(10, 1 << 20).build().unwrap();
    refuse(&log, 1);
    tokio::time::sleep(Duration::from_millis(50)).await;
    refuse(&log, 20);
    let begun = Instant::now();
    let why = journal(&log).await.unwrap_err();
    assert_eq!(why, "`kept`: too many lines wait for it");
    assert!(begun.elapsed() < Duration::from_millis(500));
}

#[test]
fn what_is_redacted_is_named_and_a_hash_stays_the_same() {
    let key = RedactionKey::new([7; 32]).unwrap();
    let who = || {
        let alice = SubjectId::new("alice").unwrap();
        subject("planner").acting_for(alice).scopes(["chat:*"])
    };
    let told = |redaction: Redaction| {
        let kept = Kept::default();
        let log = log(&kept).redact(redaction).build().unwrap();
        let asked = asked(&CREATE, Some(who()), "acme");
        let denial = denied(&facts(), &asked);
        log.decided(&decided(Verdict::Refuse(&denial), &asked));
        assert!(log.flush(LONG));
        kept.lines().remove(0)
    };
    let plain = told(Redaction::none());
    assert!(plain.record.redacted.is_empty());

    let hash = || Redact::Hash(key.clone());
    let hashed = told(
        Redaction::none()
            .subjects(hash())
            .org(hash())
            .scopes(hash()),
    );
    for word in ["planner", "alice", "acme", "chat:*"] {
        assert!(!hashed.text.contains(word), "{}", hashed.text);
    }
    let record = hashed.record;
    assert_eq!(
        record.redacted,
        ["scopes", "acting_for", "subject", "owner", "org"]
    );
    let subject = record.subject.unwrap();
    assert_eq!(subject.id.as_str(), key.hash_subject("planner"));
    // alice acted for is alice the owner.
    assert_eq!(
        subject.properties.acting_for,
        record.resource.properties.owner
    );
    assert_ne!(key.hash_subject("acme"), key.hash_org("acme"));
    let other = RedactionKey::new([8; 32]).unwrap();
    assert_ne!(other.hash_org("acme"), key.hash_org("acme"));
    assert_ne!(other.hash_subject("alice"), key.hash_subject("alice"));
    // As another implementation of RFC 2104 has it, of `subject`, a zero byte and `alice`.
    let known = "hmac:9f00d99f839d533fa7c94fc59a0fb902";
    assert_eq!(key.hash_subject("alice"), known);
    assert!(!format!("{key:?}").contains('7'));

    let dropped = told(Redaction::none().subject(Redact::Drop).org(Redact::Drop));
    let record = dropped.record;
    assert_eq!(record.redacted, ["acting_for", "scopes", "subject", "org"]);
    assert!(record.subject.is_none() && record.resource.properties.org.is_none());
    assert!(!dropped.text.contains("planner") && !dropped.text.contains("acme"));
    assert!(RedactionKey::new("too short").is_err());
}
