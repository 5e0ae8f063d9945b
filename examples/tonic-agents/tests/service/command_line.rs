//! The commands that the service prints at its start.

use crate::harness::{Service, run_with};

#[tokio::test]
async fn what_is_printed_to_be_tried_does_what_it_says() {
    let service = Service::start().await;
    let mut lines = service.greeting.iter();
    let mut tried = 0;
    while let Some(line) = lines.next() {
        let Some(command) = lines.as_slice().first() else {
            break;
        };
        let Some(args) = command.strip_prefix("cargo run -q -p tonic-agents -- ") else {
            continue;
        };
        let ran = run_with(&args.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
        match line.split_once(": PERMISSION_DENIED ") {
            Some((_, reason)) => {
                assert!(!ran.status.success());
                assert!(
                    said.starts_with("tonic-agents: PERMISSION_DENIED: "),
                    "{said}"
                );
                assert!(
                    said.contains(&format!("\n  code          {reason}\n")),
                    "{said}"
                );
            }
            None => assert!(ran.status.success() && said.starts_with("run "), "{said}"),
        }
        tried += 1;
    }
    assert_eq!(tried, 4);
    let ping = run_with(&["call", "ping", "--server", &service.url]);
    assert_eq!(ping.stdout, b"there\n");
}
