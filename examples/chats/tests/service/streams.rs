//! The stream of what happens in a chat: what it tells, and that it ends with the access.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::harness::Service;

/// The next event: its name and its data.
fn next(lines: &mut impl Iterator<Item = String>) -> Option<(String, String)> {
    let (mut name, mut data) = (String::new(), String::new());
    for line in lines {
        match line.split_once(':') {
            Some(("event", value)) => value.trim().clone_into(&mut name),
            Some(("data", value)) => data.push_str(value.trim_start()),
            _ if line.is_empty() && !name.is_empty() => return Some((name, data)),
            _ => {}
        }
    }
    None
}

/// The next event that is no tick.
fn news(lines: &mut impl Iterator<Item = String>) -> Option<(String, Value)> {
    for _ in 0..10 {
        let (name, data) = next(lines)?;
        if name != "tick" {
            return Some((name, serde_json::from_str(&data).unwrap()));
        }
    }
    panic!("no news for ten seconds");
}

#[test]
fn a_stream_tells_the_chat_as_it_is_and_as_it_becomes_until_it_is_gone() {
    let service = Service::start();
    let path = format!("/orgs/acme/chats/{}", service.chat_of("alice", "acme"));
    let mut events = service.open("alice", &format!("{path}/stream"));
    let (name, chat) = news(&mut events).unwrap();
    assert_eq!((&*name, &chat["owner"]), ("chat", &"alice".into()));
    // Another chat is none of its news.
    service.chat_of("alice", "acme");
    assert_eq!(next(&mut events).unwrap().0, "tick");
    service.ask("max", "POST", &format!("{path}/promote"), "");
    assert_eq!(news(&mut events).unwrap().1["promoted"], true);
    service.ask("alice", "DELETE", &path, "");
    assert_eq!(news(&mut events), None);
}

#[test]
fn a_stream_ends_with_the_access_and_says_so_last() {
    let service = Service::start();
    let path = format!(
        "/orgs/acme/chats/{}/stream",
        service.chat_of("grace", "acme")
    );
    let mut graces = service.open("grace", &path);
    let mut maxs = service.open("max", &path);
    assert_eq!(news(&mut graces).unwrap().0, "chat");
    assert_eq!(news(&mut maxs).unwrap().0, "chat");

    let shipped = fs::read_to_string(service.policy()).unwrap();
    service.write_policy(&shipped.replace("grace = { roles = [\"guest\"] }\n", ""));
    let begun = Instant::now();
    let (name, denial) = news(&mut graces).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(name, "denied");
    // Hidden, as every denial of this route: no code.
    assert_eq!((&denial["status"], denial.get("code")), (&404.into(), None));
    assert_eq!(next(&mut graces), None);
    assert_eq!(next(&mut maxs).unwrap().0, "tick");
}
