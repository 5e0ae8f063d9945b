//! The pages, as browsers and those who misuse them meet them.

use gatepost::SubjectId;
use gatepost_store::{Change, Command, NewCredential};

use super::rig::{ASKERS, Answer, Rig, operator};

/// The statuses of nobody, a stranger, a member of acme, the admins of acme, of its lab and of globex, the site's admin
/// and its auditor.
type Row = (&'static str, [u16; 8]);

const SITE: [u16; 8] = [401, 403, 403, 403, 403, 403, 200, 200];
const ACME: [u16; 8] = [401, 403, 403, 200, 403, 403, 200, 200];
const LAB: [u16; 8] = [401, 403, 403, 200, 200, 403, 200, 200];
const NONE: [u16; 8] = [401, 403, 403, 403, 403, 403, 403, 403];
const OWN: [u16; 8] = [401, 200, 200, 200, 200, 200, 200, 200];
const PUBLIC: [u16; 8] = [200; 8];

const PAGES: &[Row] = &[
    ("", OWN),
    ("/why", OWN),
    ("/site", SITE),
    ("/changes/1", SITE),
    ("/orgs", SITE),
    ("/subjects", SITE),
    ("/subjects/alice", SITE),
    ("/routes", SITE),
    ("/audit", SITE),
    ("/audit.csv", SITE),
    ("/audit.jsonl", SITE),
    ("/orgs/acme", ACME),
    ("/orgs/acme/members", ACME),
    ("/orgs/acme/roles", ACME),
    ("/orgs/acme/matrix", ACME),
    ("/orgs/acme/why", ACME),
    ("/orgs/acme/audit", ACME),
    ("/orgs/acme/audit.csv", ACME),
    ("/orgs/acme/audit.jsonl", ACME),
    ("/orgs/acme-lab", LAB),
    ("/orgs/acme-lab/audit", LAB),
    ("/orgs/nowhere", NONE),
    ("/orgs/nowhere/audit.csv", NONE),
    ("/assets/console.css", PUBLIC),
    ("/assets/console.js", PUBLIC),
];

/// The token that a page gives its forms, and the cookie that goes with it.
pub(super) async fn token(rig: &Rig, page: &str, by: &str) -> (String, String) {
    let answer = rig.get(page).by(by).send().await;
    let cookie = answer.cookie("gatepost-csrf").unwrap();
    let token = cookie.split_once('=').unwrap().1.to_owned();
    assert!(answer.text.contains(&token), "{}", answer.text);
    (token, cookie)
}

pub(super) fn encoded(text: &str) -> String {
    crate::base::query_value(text).to_string()
}

/// A form that makes a change.
pub(super) fn form(token: &str, version: u64, command: &str) -> String {
    let command = encoded(command);
    format!("csrf={token}&version={version}&reason=a+test&change={command}")
}

const OFF: &str = r#"{"command":"org_switch","org":"acme","resource":"chat","to":"off"}"#;
const KILL: &str = r#"{"command":"site_switch","resource":"chat","to":"off"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_for_those_who_may_and_for_nobody_else() {
    let rig = Rig::new().await;
    for (path, expected) in PAGES {
        let askers = std::iter::once(None).chain(ASKERS.into_iter().map(Some));
        for (asker, expected) in askers.zip(expected) {
            let mut call = rig.get(&format!("/console{path}"));
            if let Some(asker) = asker {
                call = call.by(asker);
            }
            let answer = call.send().await;
            assert_eq!(
                answer.status, *expected,
                "{path} {asker:?}: {}",
                answer.text
            );
            assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
            if answer.status >= 400 {
                let html = answer.header("content-type").unwrap();
                assert!(html.starts_with("text/html"), "{path} {asker:?}: {html}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a91_a_page_changes_nothing_but_by_a_form_of_this_browser() {
    let rig = Rig::new().await;
    let (own, cookie) = token(&rig, "/console/orgs/acme", "ada").await;
    let (other, others_cookie) = token(&rig, "/console/orgs/acme", "ada").await;
    let path = "/console/orgs/acme/changes";
    let forms = [
        (form("", 1, OFF), Some(&cookie)),
        (form(&other, 1, OFF), Some(&cookie)),
        (form(&own, 1, OFF), Some(&others_cookie)),
        (form(&own, 1, OFF), None),
    ];
    for (form, cookie) in &forms {
        let mut call = rig.submit(path, form).by("ada");
        if let Some(cookie) = cookie {
            call = call.with("cookie", cookie);
        }
        assert_eq!(call.status().await, 403, "{form}");
    }
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let form = form(&own, 1, OFF);
        let call = rig.submit(path, &form).by("ada").with("cookie", &cookie);
        assert_eq!(call.with(name, value).status().await, 403, "{name} {value}");
    }
    assert_eq!(rig.store.head().await.unwrap().version, 1);

    let made = rig
        .submit(path, &form(&own, 1, OFF))
        .by("ada")
        .with("cookie", &cookie);
    let made = made.send().await;
    assert_eq!(
        (made.status, made.header("location")),
        (303, Some("/console/orgs/acme/changes/2")),
        "{}",
        made.text
    );
    // Sent again, the old form meets what was done meanwhile.
    let on = OFF.replace("off", "on");
    let late = rig
        .submit(path, &form(&own, 1, &on))
        .by("ada")
        .with("cookie", &cookie);
    assert_eq!(late.status().await, 412);
}

#[tokio::test(flavor = "multi_thread")]
async fn a40_no_form_reaches_another_org_or_the_site() {
    let rig = Rig::new().await;
    let (own, cookie) = token(&rig, "/console/orgs/acme", "ada").await;
    let globex = OFF.replace("acme", "globex");
    for (path, command, expected) in [
        ("/console/orgs/globex/changes", &*globex, 403),
        ("/console/orgs/acme/changes", &*globex, 400),
        ("/console/orgs/acme/changes", KILL, 400),
        ("/console/site/changes", KILL, 403),
        ("/console/site/changes", OFF, 403),
    ] {
        let call = rig.submit(path, &form(&own, 1, command)).by("ada");
        assert_eq!(
            call.with("cookie", &cookie).status().await,
            expected,
            "{path} {command}"
        );
    }
    let undo = format!("csrf={own}&version=1&reason=x");
    for (path, expected) in [
        ("/console/changes/1/undo", 403),
        ("/console/orgs/globex/changes/1/undo", 403),
        ("/console/orgs/acme/changes/1/undo", 404),
    ] {
        let call = rig.submit(path, &undo).by("ada").with("cookie", &cookie);
        assert_eq!(call.status().await, expected, "{path}");
    }
    assert_eq!(rig.store.head().await.unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_makes_a_session_of_its_own_and_goes_nowhere_else() {
    let rig = Rig::with_sessions().await;
    let link = NewCredential::login(SubjectId::new("ada").unwrap(), operator());
    let link = rig.store.issue(&link).await.unwrap();
    let code = &link.secret;
    let page = rig.get(&format!("/login?code={code}")).send().await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("ada"));
    assert_eq!(page.cookie("gatepost-session"), None, "a look is no login");
    for more in [
        "next=https://evil.example",
        "url=//evil.example",
        "return_to=/\\evil.example",
    ] {
        let answer = rig.get(&format!("/login?code={code}&{more}")).send().await;
        assert_eq!(answer.status, 400, "{more}");
        assert_eq!(answer.header("location"), None);
    }

    let csrf = page.cookie("gatepost-csrf").unwrap();
    let token = csrf.split_once('=').unwrap().1;
    let log_in = async |form: String, cookies: &str| -> Answer {
        rig.submit("/login", &form)
            .with("cookie", cookies)
            .send()
            .await
    };
    // Another site has the browser log in as somebody of its choice.
    let forced = rig.submit("/login", &format!("code={code}&csrf={token}"));
    assert_eq!(
        forced.with("sec-fetch-site", "cross-site").status().await,
        403
    );
    assert_eq!(log_in(format!("code={code}"), &csrf).await.status, 403);

    let fixed = format!("{csrf}; gatepost-session=attackers-own-value");
    let done = log_in(format!("code={code}&csrf={token}"), &fixed).await;
    assert_eq!(
        (done.status, done.header("location")),
        (303, Some("/")),
        "{}",
        done.text
    );
    let session = done.cookie("gatepost-session").unwrap();
    assert!(!session.contains("attackers-own-value"));
    let set = done.headers.get_all("set-cookie").iter();
    let set: Vec<_> = set.filter_map(|value| value.to_str().ok()).collect();
    let of_session = set
        .iter()
        .find(|value| value.starts_with("gatepost-session"))
        .unwrap();
    assert!(
        of_session.ends_with("; HttpOnly; SameSite=Strict; Path=/"),
        "{of_session}"
    );

    let again = log_in(format!("code={code}&csrf={token}"), &csrf).await;
    assert_eq!(again.status, 403, "a link works once");
    let both = format!("{csrf}; {session}");
    assert_eq!(
        rig.get("/orgs/acme").with("cookie", &both).status().await,
        200
    );
    let out = rig
        .submit("/logout", &format!("csrf={token}"))
        .with("cookie", &both);
    assert_eq!(out.status().await, 303);
    assert_eq!(
        rig.get("/orgs/acme").with("cookie", &both).status().await,
        401
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_text_wherever_they_are_shown() {
    const EVIL: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let rig = Rig::new().await;
    let create = Command::OrgCreate {
        org: EVIL.into(),
        parent: None,
        visibility: None,
    };
    let join = Command::MemberAdd {
        org: EVIL.into(),
        subject: EVIL.into(),
        role: "owner".into(),
        expires: None,
    };
    for command in [create, join] {
        let change = Change::new(command, operator(), EVIL);
        rig.store.write(&change).await.unwrap();
    }
    rig.caught_up().await;
    let org = encoded(EVIL);
    for path in [
        "/orgs".to_owned(),
        format!("/orgs?q={}", encoded("<script>")),
        format!("/orgs/{org}"),
        format!("/orgs/{org}/members"),
        format!("/orgs/{org}/roles"),
        format!("/orgs/{org}/matrix"),
        format!("/orgs/{org}/audit"),
        format!("/orgs/{org}/why?subject={org}&resource=chat&action=create"),
        format!("/subjects/{org}"),
        "/audit".to_owned(),
        format!("/audit?author={org}"),
        "/changes/2".to_owned(),
        "/changes/3".to_owned(),
    ] {
        let answer = rig.get(&format!("/console{path}")).by("root").send().await;
        assert!(answer.status < 500, "{path}: {}", answer.text);
        assert!(!answer.text.contains("<script>alert"), "{path}");
        assert!(!answer.text.contains("<img src=x"), "{path}");
        assert!(!answer.text.contains("\"'>"), "{path}");
    }
}
