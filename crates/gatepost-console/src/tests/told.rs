//! What pages tell: of suspended orgs, of gates, of changes, of what is not there.

use gatepost::PolicyDocument;
use gatepost_store::{Change, Command, PolicyStore, StoreUrl};

use super::pages::{encoded, form, token};
use super::rig::{Answer, POLICY, Rig, operator, who};
use crate::fault::Fault;

async fn page(rig: &Rig, path: &str, by: &str) -> Answer {
    let answer = rig.get(&format!("/console{path}")).by(by).send().await;
    assert_eq!(answer.status, 200, "{path} {by}: {}", answer.text);
    answer
}

/// Submits a form with the fields that a page has for a command.
async fn submit(rig: &Rig, by: &str, path: &str, fields: &str) -> Answer {
    let (token, cookie) = token(
        rig,
        if by == "root" {
            "/console/orgs"
        } else {
            "/console/orgs/acme"
        },
        by,
    )
    .await;
    let form = format!("csrf={token}&{fields}");
    let call = rig.submit(&format!("/console{path}"), &form).by(by);
    call.with("cookie", &cookie).send().await
}

async fn write(rig: &Rig, command: &str) {
    let command: Command = serde_json::from_str(command).unwrap();
    let change = Change::new(command, operator(), "a test");
    rig.store.write(&change).await.unwrap();
    rig.caught_up().await;
}

const SUSPEND: &str = r#"{"command":"org_status","org":"acme","status":"suspended"}"#;
const RESUME: &str = r#"{"command":"org_status","org":"acme","status":"active"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_org_is_explained_and_resumed_by_pages_alone() {
    let rig = Rig::new().await;
    let version = |page: &Answer| {
        let from = page.text.split("name=\"version\" value=\"").nth(1).unwrap();
        from.split('"').next().unwrap().parse::<u64>().unwrap()
    };
    let change = async |word: &str, status: &str, command: &str| {
        let list = page(&rig, "/orgs?q=acme", "root").await;
        assert!(list.text.contains(word), "{}", list.text);
        let version = version(&list);
        let fields = format!("version={version}&command=org_status&org=acme&status={status}");
        let asked = submit(&rig, "root", "/site/confirm", &fields).await;
        assert_eq!(asked.status, 200, "{}", asked.text);
        let (token, cookie) = token(&rig, "/console/orgs", "root").await;
        let made = rig.submit("/console/site/changes", &form(&token, version, command));
        let made = made.by("root").with("cookie", &cookie).send().await;
        assert_eq!(made.status, 303, "{}", made.text);
        let to = made.header("location").unwrap().to_owned();
        assert_eq!(rig.get(&to).by("root").status().await, 200, "{to}");
        rig.caught_up().await;
    };
    change("Suspend…", "suspended", SUSPEND).await;
    let asked = "/why?subject=alice&org=acme&what=chat:create";
    for asker in ["root", "aron"] {
        let why = page(&rig, asked, asker).await;
        assert!(why.text.contains("org_suspended"), "{asker}: {}", why.text);
        let audit = page(&rig, "/audit?org=acme", asker).await;
        assert!(audit.text.contains("suspended"), "{}", audit.text);
        for path in [
            "/audit?org=acme&show=denials",
            "/audit.csv?org=acme",
            "/audit.jsonl?org=acme&show=denials",
        ] {
            page(&rig, path, asker).await;
        }
    }
    // Who reads the site without auditing it is told no more than before.
    for by in ["rita", "ada"] {
        let why = page(&rig, asked, by).await;
        assert!(!why.text.contains("The fifteen checks"), "{by}");
        let audit = rig.get("/console/audit?org=acme").by(by);
        assert_eq!(audit.status().await, 403, "{by}");
    }
    let list = page(&rig, "/orgs?q=acme", "aron").await;
    assert!(
        !list.text.contains("Resume…"),
        "who may not change the site has no form for it"
    );
    change("Resume…", "active", RESUME).await;
    let why = page(&rig, asked, "root").await;
    assert!(!why.text.contains("org_suspended"), "{}", why.text);
}

/// A gate that governs creating alone.
fn governing() -> String {
    let policy = POLICY.replace(
        "switch = \"opt-in\"",
        "switch = \"opt-in\"\nactions = [\"create\"]",
    );
    assert_ne!(policy, POLICY);
    policy
}

const CLOSED: &str = "closed for everyone then, site admins included";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gate_does_not_govern_is_said_to_go_on() {
    let rig = Rig::with(&governing(), |console| console.identity(who)).await;
    for path in ["/site", "/orgs/acme"] {
        let page = page(&rig, path, "root").await;
        assert!(
            page.text.contains("governs create; read goes on"),
            "{path}: {}",
            page.text
        );
    }
    let kill = async |resource: &str, more: &str| {
        let fields = format!("version=1&command=site_switch&resource={resource}&to=off{more}");
        submit(&rig, "root", "/site/confirm", &fields).await.text
    };
    let chat = kill("chat", "").await;
    assert!(
        chat.contains("create is closed for everyone then, site admins included"),
        "{chat}"
    );
    assert!(chat.contains("read goes on"), "{chat}");
    let agent = kill("agent", "").await;
    assert!(agent.contains(&format!("It is {CLOSED}")), "{agent}");
    let mode = kill("agent", "&mode=background").await;
    assert!(
        mode.contains(&format!("In background it is {CLOSED}")),
        "{mode}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_whole_is_linked_only_where_it_has_a_page() {
    let rig = Rig::new().await;
    for (by, link) in [("ada", false), ("root", true)] {
        let page = page(&rig, "/orgs/acme", by).await.text;
        assert!(!page.contains("/orgs/acme/changes/1\""), "{by}: {page}");
        assert_eq!(
            page.contains("href=\"/console/changes/1\""),
            link,
            "{by}: {page}"
        );
    }
    write(
        &rig,
        r#"{"command":"org_switch","org":"acme","resource":"chat","to":"off"}"#,
    )
    .await;
    let own = page(&rig, "/orgs/acme", "ada").await.text;
    assert!(own.contains("/console/orgs/acme/changes/2\""), "{own}");
    page(&rig, "/orgs/acme/changes/2", "ada").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mode_is_shown_as_on_below_a_gate_that_is_off() {
    let rig = Rig::new().await;
    write(
        &rig,
        r#"{"command":"site_switch","resource":"chat","to":"off"}"#,
    )
    .await;
    let page = page(&rig, "/orgs/acme", "ada").await.text;
    let card = page.split("id=\"gate-chat\"").nth(1).unwrap();
    let card = card.split("</section>").next().unwrap();
    assert!(!card.contains("state yes"), "{card}");
    assert_eq!(card.matches("off: chat is off").count(), 2, "{card}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changed_a_gate_is_told_of_the_gate_and_not_of_its_switch() {
    let rig = Rig::new().await;
    write(
        &rig,
        r#"{"command":"org_switch","org":"acme","resource":"chat","mode":"background","to":"off"}"#,
    )
    .await;
    let page = page(&rig, "/orgs/acme", "ada").await.text;
    let card = page.split("id=\"gate-chat\"").nth(1).unwrap();
    let card = card.split("</section>").next().unwrap();
    let (switch, rest) = card.split_once("Foreground").unwrap();
    assert!(!switch.contains("by <bdi>"), "{switch}");
    assert!(
        rest.contains("Last change") && rest.contains("/changes/2"),
        "{rest}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_answered_as_everything_else() {
    let rig = Rig::new().await;
    for (path, by, status, kind) in [
        ("/", Some("ada"), 200, "text/html"),
        ("/", None, 401, "text/html"),
        ("/site/", None, 404, "text/html"),
        ("/no/such/page", Some("root"), 404, "text/html"),
        (
            "/api/v1/nothing",
            Some("root"),
            404,
            "application/problem+json",
        ),
    ] {
        let mut call = rig.get(&format!("/console{path}"));
        if let Some(by) = by {
            call = call.by(by);
        }
        let answer = call.send().await;
        assert_eq!(answer.status, status, "{path} {by:?}: {}", answer.text);
        assert!(
            answer.header("content-type").unwrap().starts_with(kind),
            "{path}: {answer:?}"
        );
        for header in [
            "content-security-policy",
            "x-content-type-options",
            "cache-control",
            "x-frame-options",
        ] {
            assert!(answer.header(header).is_some(), "{path} {header}");
        }
    }
    let root = Rig::with_sessions().await;
    let answer = root.get("/no/such/page").send().await;
    assert_eq!(answer.status, 404);
    assert!(
        answer.header("content-security-policy").is_some(),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_is_unreachable() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("policy.db");
    let url = StoreUrl::sqlite(&file);
    let document: PolicyDocument = toml::from_str(POLICY).unwrap();
    let store = PolicyStore::open_or_seed(&url, &document, operator(), "the first")
        .await
        .unwrap();
    drop(store);
    std::fs::remove_file(&file).unwrap();
    let error = PolicyStore::open(&url).await.unwrap_err();
    let fault = Fault::of_store(&error, "", "gatepost-site");
    let problem = fault.problem();
    assert_eq!(
        (problem.status, problem.r#type.rsplit('/').next()),
        (503, Some("unreachable"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_refused_comes_back_with_what_was_typed() {
    let rig = Rig::new().await;
    let fields = "version=1&command=role_define&org=acme&name=triage&level=25&grants=";
    for (grants, by, status) in [
        ("no+grant", "ada", 422),
        ("x:y", "ada", 422),
        ("gatepost-site:*", "ada", 403),
    ] {
        let page = submit(&rig, by, "/orgs/acme/confirm", &format!("{fields}{grants}")).await;
        assert_eq!(page.status, status, "{grants}: {}", page.text);
        assert!(page.text.contains("value=\"triage\""), "{}", page.text);
        assert!(
            page.text.contains("action=\"/console/orgs/acme/confirm\""),
            "{}",
            page.text
        );
        assert!(
            page.text.contains("href=\"/console/orgs/acme\""),
            "{}",
            page.text
        );
    }
    let unread = format!("{}x:y", fields.replace("25", "high"));
    let page = submit(&rig, "ada", "/orgs/acme/confirm", &unread).await;
    assert_eq!(page.status, 400, "{}", page.text);
    assert!(page.text.contains("value=\"high\""), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_comes_too_late_keeps_its_reason() {
    let rig = Rig::new().await;
    write(
        &rig,
        r#"{"command":"org_switch","org":"acme","resource":"chat","to":"off"}"#,
    )
    .await;
    let command = encoded(r#"{"command":"org_switch","org":"acme","resource":"chat","to":"on"}"#);
    let fields = format!("version=1&reason=because+of+%3Crain%3E&change={command}");
    let late = submit(&rig, "ada", "/orgs/acme/changes", &fields).await;
    assert_eq!(late.status, 412, "{}", late.text);
    assert!(
        late.text.contains("because of &lt;rain&gt;"),
        "{}",
        late.text
    );
}
