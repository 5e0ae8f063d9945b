//! Who may undo what.

use gatepost::{Code, PolicyDocument, Subject, SubjectId};
use gatepost_store::{Author, Change, Command, PolicyStore, StoreError, StoreErrorKind, Undo};

use crate::place::{Place, document, ines, on_both};

on_both!(
    a40_an_org_admin_undoes_what_is_of_his_org_and_nothing_else,
    a40_nobody_gives_back_by_an_undo_what_he_does_not_hold,
    a40_whoever_may_not_know_of_a_change_is_told_nothing_of_it,
    a40_no_undo_gives_a_role_that_nothing_defines,
    a40_no_undo_sets_a_floor_below_the_sites,
);

/// Lea is an admin of acme, at level 40; olga owns it; wes sees it; connie is of the site.
fn policy() -> PolicyDocument {
    document(
        r#"{
        "version": 1,
        "resources": { "chat": ["create", "read"], "agent": ["execute"] },
        "site": {
            "gates": { "chat": { "switch": "on", "access": "everyone" }, "agent": { "switch": "on" } },
            "roles": {
                "console": { "grants": ["gatepost-site:*"] },
                "local": { "grants": ["gatepost-org:*"] }
            }
        },
        "org_roles": {
            "viewer": { "level": 1, "grants": ["gatepost-org:read"] },
            "editor": { "level": 30, "grants": ["chat:*"] },
            "admin": { "level": 40, "grants": ["chat:*", "gatepost-org:*"] },
            "owner": { "level": 90, "grants": ["chat:*", "agent:*", "gatepost-org:*"] },
            "muted": { "level": 1, "grants": ["!agent:execute"] }
        },
        "subjects": {
            "lea": { "site_roles": ["local"] },
            "olga": { "site_roles": ["local"] },
            "wes": { "site_roles": ["local"] },
            "zoe": { "site_roles": ["local"] },
            "connie": { "site_roles": ["console"] }
        },
        "orgs": {
            "acme": { "members": {
                "lea": { "roles": ["admin"] },
                "olga": { "roles": ["owner"] },
                "wes": { "roles": ["viewer"] },
                "tom": { "roles": ["editor", "muted"] },
                "ann": { "roles": ["owner"], "expires": "2099-01-01T00:00:00Z" }
            } },
            "zeta": { "members": { "zoe": { "roles": ["owner"] } } }
        }
    }"#,
    )
}

fn by(subject: &str) -> Author {
    Author::Subject(Subject::new(SubjectId::new(subject).unwrap()))
}

async fn write(store: &PolicyStore, json: &str) -> u64 {
    let command: Command = serde_json::from_str(json).unwrap();
    let change = Change::new(command, ines(), "as asked");
    let committed = store.write(&change).await.unwrap();
    assert!(committed.changed, "{json}");
    committed.version
}

/// What undoing is answered, looked at and done: the same.
async fn undone(store: &PolicyStore, version: u64, author: Author) -> Result<u64, StoreError> {
    let undo = Undo::new(version, author, "not so");
    let looked = store.preview_undo(&undo).await;
    match (looked, store.undo(&undo).await) {
        (Ok(preview), Ok(undone)) => {
            assert_eq!(preview.version + 1, undone.version);
            Ok(undone.version)
        }
        (Err(looked), Err(done)) => {
            assert_eq!(looked, done);
            Err(done)
        }
        other => panic!("{version}: {other:?}"),
    }
}

const SITE: [&str; 8] = [
    r#"{"command":"site_switch","resource":"chat","to":"opt-in"}"#,
    r#"{"command":"resource_define","resource":"chat","actions":["read"]}"#,
    r#"{"command":"site_role_define","name":"staff","grants":["chat:read"]}"#,
    r#"{"command":"role_define","name":"clerk","level":3}"#,
    r#"{"command":"org_status","org":"acme","status":"suspended"}"#,
    r#"{"command":"org_visibility","org":"acme","visibility":"public"}"#,
    r#"{"command":"subject_status","subject":"tom","status":"suspended"}"#,
    r#"{"command":"site_role_add","subject":"lea","role":"console"}"#,
];

const ACME: [&str; 4] = [
    r#"{"command":"org_switch","org":"acme","resource":"chat","to":"off"}"#,
    r#"{"command":"org_floor","org":"acme","resource":"agent","mode":"background","role":"owner"}"#,
    r#"{"command":"member_add","org":"acme","subject":"new","role":"editor"}"#,
    r#"{"command":"role_define","org":"acme","name":"lead","level":3,"grants":["chat:read"]}"#,
];

async fn a40_an_org_admin_undoes_what_is_of_his_org_and_nothing_else(place: Place) {
    let store = place.with(&policy()).await;
    for command in SITE {
        let (_, before) = store.export().await.unwrap();
        let version = write(&store, command).await;
        let given_himself = command.contains(r#""lea""#);
        for author in ["lea", "olga", "zoe"] {
            if author == "lea" && given_himself {
                continue;
            }
            let error = undone(&store, version, by(author)).await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Denied, "{author}: {command}");
        }
        let back = undone(&store, version, by("connie")).await.unwrap();
        assert_eq!(store.export().await.unwrap().1, before, "{command}");
        // What was undone is the site's as well.
        let error = undone(&store, back, by("olga")).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Denied, "{command}");
    }
    for command in ACME {
        let (_, before) = store.export().await.unwrap();
        let version = write(&store, command).await;
        for author in ["zoe", "wes", "connie", "nobody"] {
            let error = undone(&store, version, by(author)).await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Denied, "{author}: {command}");
        }
        let back = undone(&store, version, by("olga")).await.unwrap();
        assert_eq!(store.export().await.unwrap().1, before, "{command}");
        let again = undone(&store, back, by("lea")).await.unwrap();
        undone(&store, again, ines()).await.unwrap();
    }
    let log = store.change(store.head().await.unwrap().version).await;
    assert!(log.unwrap().unwrap().sentence.starts_with("change "));
}

async fn a40_nobody_gives_back_by_an_undo_what_he_does_not_hold(place: Place) {
    let store = place.with(&policy()).await;
    // An owner, and one who was denied what Lea is not granted.
    for command in [
        r#"{"command":"member_remove","org":"acme","subject":"ann","role":"owner"}"#,
        r#"{"command":"member_add","org":"acme","subject":"olga","role":"muted"}"#,
    ] {
        let version = write(&store, command).await;
        let error = undone(&store, version, by("lea")).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Beyond, "{command}: {error}");
        assert!(error.to_string().contains("does not hold"), "{error}");
        undone(&store, version, ines()).await.unwrap();
    }
    // A role of the org's own that grants what she does not hold, put back.
    let first = write(
        &store,
        r#"{"command":"role_define","org":"acme","name":"lead","level":3,"grants":["agent:execute"]}"#,
    )
    .await;
    let weaker = write(
        &store,
        r#"{"command":"role_define","org":"acme","name":"lead","level":3}"#,
    )
    .await;
    let error = undone(&store, weaker, by("lea")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Beyond, "{error}");
    undone(&store, weaker, by("olga")).await.unwrap();
    // To take it away gives nothing; to have it back would.
    let gone = undone(&store, first, by("lea")).await.unwrap();
    let error = undone(&store, gone, by("lea")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Beyond, "{error}");
    // What she holds she gives back, also to herself, and not what she has lost meanwhile.
    let version = write(
        &store,
        r#"{"command":"member_remove","org":"acme","subject":"tom","role":"editor"}"#,
    )
    .await;
    undone(&store, version, by("lea")).await.unwrap();
    let version = write(
        &store,
        r#"{"command":"member_remove","org":"acme","subject":"lea","role":"admin"}"#,
    )
    .await;
    let error = undone(&store, version, by("lea")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Denied, "{error}");
}

async fn a40_whoever_may_not_know_of_a_change_is_told_nothing_of_it(place: Place) {
    let store = place.with(&policy()).await;
    let mut versions = vec![0, 1, 999, u64::MAX];
    versions.push(write(&store, SITE[0]).await);
    versions.push(write(&store, ACME[0]).await);
    // One that could not be undone any more.
    versions.push(
        write(
            &store,
            r#"{"command":"member_add","org":"acme","subject":"x","role":"editor"}"#,
        )
        .await,
    );
    write(
        &store,
        r#"{"command":"member_add","org":"acme","subject":"x","role":"viewer"}"#,
    )
    .await;
    store.recover(ines(), "looked at").await.unwrap();
    versions.push(store.head().await.unwrap().version);
    for author in ["zoe", "nobody"] {
        let mut told = Vec::new();
        for version in &versions {
            let error = undone(&store, *version, by(author)).await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Denied, "{version}: {error}");
            assert_eq!(error.code(), Some(Code::SiteGrantMissing), "{version}");
            assert!(error.conflicting().is_empty());
            let named = format!("change {version} ");
            told.push(error.to_string().replace(&named, "change _ "));
        }
        assert!(told.iter().all(|text| *text == told[0]), "{told:?}");
    }
    // Who may know the org is told by which check it was.
    let error = undone(&store, versions[5], by("wes")).await.unwrap_err();
    assert_eq!(error.code(), Some(Code::OrgGrantMissing), "{error}");
}

/// What is refused both ways, and says that.
async fn is_no_sense(store: &PolicyStore, version: u64, author: Author, wanted: &str) {
    let error = undone(store, version, author).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Invalid, "{error}");
    assert!(error.to_string().contains(wanted), "{error}");
}

async fn a40_no_undo_gives_a_role_that_nothing_defines(place: Place) {
    let store = place.with(&policy()).await;
    let boss = write(
        &store,
        r#"{"command":"role_define","name":"boss","level":90,"grants":["agent:*"]}"#,
    )
    .await;
    let add = r#"{"command":"member_add","org":"acme","subject":"tom","role":"boss"}"#;
    write(&store, add).await;
    let taken = write(
        &store,
        r#"{"command":"member_remove","org":"acme","subject":"tom","role":"boss"}"#,
    )
    .await;
    let error = undone(&store, taken, by("lea")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Beyond, "{error}");
    undone(&store, boss, ines()).await.unwrap();
    for author in [by("lea"), by("olga"), ines()] {
        is_no_sense(&store, taken, author, "no role `boss` is defined").await;
    }

    let staff = write(
        &store,
        r#"{"command":"site_role_define","name":"staff","grants":["chat:read"]}"#,
    )
    .await;
    let add = r#"{"command":"site_role_add","subject":"tom","role":"staff"}"#;
    write(&store, add).await;
    let remove = r#"{"command":"site_role_remove","subject":"tom","role":"staff"}"#;
    let taken = write(&store, remove).await;
    undone(&store, staff, by("connie")).await.unwrap();
    is_no_sense(
        &store,
        taken,
        by("connie"),
        "no site role `staff` is defined",
    )
    .await;

    let org = write(&store, r#"{"command":"org_create","org":"new"}"#).await;
    let default = r#"{"command":"subject_default_org","subject":"tom","org":"new"}"#;
    write(&store, default).await;
    let none = r#"{"command":"subject_default_org","subject":"tom"}"#;
    let taken = write(&store, none).await;
    undone(&store, org, by("connie")).await.unwrap();
    is_no_sense(&store, taken, by("connie"), "no org `new` is defined").await;
}

async fn a40_no_undo_sets_a_floor_below_the_sites(place: Place) {
    let store = place.with(&policy()).await;
    let floor = |role| {
        format!(
            r#"{{"command":"org_floor","org":"acme","resource":"agent","mode":"background","role":"{role}"}}"#
        )
    };
    write(&store, &floor("editor")).await;
    let raised = write(&store, &floor("owner")).await;
    let site = r#"{"command":"site_floor","resource":"agent","mode":"background","role":"owner"}"#;
    write(&store, site).await;
    let below = "`editor` is below the site's floor `owner`";
    let command: Command = serde_json::from_str(&floor("editor")).unwrap();
    let direct = Change::new(command, by("olga"), "as before");
    let error = store.write(&direct).await.unwrap_err();
    assert!(error.to_string().contains(below), "{error}");
    for author in [by("lea"), by("olga"), ines()] {
        is_no_sense(&store, raised, author, below).await;
    }
    // What the site let be is not in the way of all else that is said there.
    let off = r#"{"command":"org_switch","org":"acme","resource":"agent","to":"off"}"#;
    let off = write(&store, off).await;
    undone(&store, off, by("olga")).await.unwrap();
}
