use gatepost_store::{DenialFilter, PolicyStore, StoreUrl};
use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;

use super::*;

fn refuse(code: &str, org: &str, times: usize) {
    for _ in 0..times {
        tracing::info!(
            target: "gatepost::decision",
            outcome = "deny",
            decision = %"8G3S9X34NSB6PHJY",
            code,
            resource = "chat",
            action = "create",
            mode = None::<&str>,
            org = Some(org),
            subject = "alice",
            "rejected"
        );
    }
}

fn heard(layer: &DenialLayer, work: impl FnOnce()) {
    with_default(tracing_subscriber::registry().with(layer.clone()), work);
}

#[test]
fn refusals_and_errors_are_kept_and_nothing_else() {
    let (layer, mut sample) = DenialSample::new("web");
    heard(&layer, || {
        refuse("org_off", "acme", 1);
        tracing::info!(target: "gatepost::decision", outcome = "allow", "admitted");
        tracing::info!(target: "gatepost::policy", outcome = "deny", code = "org_off", "elsewhere");
        tracing::info!(target: "gatepost::decision", outcome = "deny", code = "no_such_code", "rejected");
        tracing::info!(
            target: "gatepost::decision", outcome = "deny", enforced = false, code = "org_off", "reported"
        );
        tracing::error!(target: "gatepost::decision", outcome = "error", code = "policy_stale", "stale");
    });
    assert_eq!(sample.statistics().kept, 2);
    let note = sample.waiting.try_recv().unwrap();
    assert_eq!(
        (
            note.code.as_str(),
            note.org.as_deref(),
            note.mode.as_deref()
        ),
        ("org_off", Some("acme"), None)
    );
    assert_eq!(note.decision.as_deref(), Some("8G3S9X34NSB6PHJY"));
    assert_eq!(note.replica.as_deref(), Some("web"));
    assert_eq!(sample.waiting.try_recv().unwrap().code, "policy_stale");
}

#[test]
fn a_flood_of_one_code_hides_no_other_and_is_counted() {
    let (layer, mut sample) = DenialSample::new("web");
    heard(&layer, || {
        refuse("org_off", "acme", 100_000);
        refuse("mode_floor", "acme", 1);
    });
    let told = sample.statistics();
    assert_eq!(told.kept + told.passed_over, 100_001);
    assert!((51..1000).contains(&told.kept), "{told:?}");
    let mut notes = Vec::new();
    while let Ok(note) = sample.waiting.try_recv() {
        notes.push(note);
    }
    assert!(notes.iter().any(|note| note.code == "mode_floor"));
    let stood_for: u64 = notes.iter().map(|note| note.times).sum();
    assert!((51..=100_001).contains(&stood_for));
}

#[test]
fn a_text_is_cut_where_a_character_ends() {
    let (layer, mut sample) = DenialSample::new("web");
    heard(&layer, || {
        refuse("org_off", &format!("a{}", "ü".repeat(600_000)), 1);
        let long = "ü".repeat(600_000);
        tracing::info!(target: "gatepost::decision", outcome = "deny", code = "org_off", org = %long, "rejected");
    });
    let note = sample.waiting.try_recv().unwrap();
    assert_eq!(note.org.unwrap(), format!("a{}", "ü".repeat(127)));
    let note = sample.waiting.try_recv().unwrap();
    assert_eq!(note.org.unwrap(), "ü".repeat(128));
}

#[test]
fn a84_a_store_that_takes_nothing_holds_up_nobody_and_what_is_dropped_is_counted() {
    let (layer, sample) = DenialSample::new("web");
    let begun = Instant::now();
    heard(&layer, || {
        // Every code, until far more wait than there is room for.
        while sample.statistics().dropped < 100 && begun.elapsed() < Duration::from_mins(1) {
            for code in Code::ALL {
                refuse(code.as_str(), "acme", 100);
            }
        }
    });
    let told = sample.statistics();
    assert_eq!(told.kept, WAITING as u64, "{told:?}");
    assert!(told.dropped >= 100, "{told:?}");
    // Nor does it hold anybody up when nobody keeps them at all.
    drop(sample);
    heard(&layer, || refuse("org_off", "acme", 10_000));
    assert_eq!(layer.statistics().kept, WAITING as u64);
}

#[tokio::test]
async fn what_is_kept_is_in_the_store_and_what_the_store_does_not_take_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.db");
    let store = PolicyStore::init(&StoreUrl::sqlite(&path)).await.unwrap();
    let (layer, sample) = DenialSample::new("web");
    let keeper = tokio::spawn(sample.keep_in(store.clone()));
    heard(&layer, || refuse("org_off", "acme\r\n\u{1b}[31m", 3));
    let filter = DenialFilter::default();
    for _ in 0..500 {
        if store.denials(&filter).await.unwrap().len() == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let denials = store.denials(&filter).await.unwrap();
    assert_eq!(denials.len(), 3);
    assert_eq!(denials[0].org.as_deref(), Some("acme\r\n\u{1b}[31m"));

    std::fs::remove_file(&path).unwrap();
    heard(&layer, || refuse("org_off", "acme", 2));
    for _ in 0..500 {
        if layer.statistics().lost == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(layer.statistics().lost, 2);
    drop(layer);
    keeper.await.unwrap();
}
