//! A subject that was removed, and its id that is taken again (A28).
//!
//! A store removes a subject by suspending it. What the id once was is not found again by whoever comes to bear it,
//! until somebody says so in as many words.

use gatepost::{
    Code, Decision, Kind, OrgId, OrgRule, Request, Status, Step, Subject, SubjectId, decide,
};
use gatepost_store::{Author, Change, Command, HistoryFilter, PolicyStore};

use crate::place::{Place, document, ines, on_both};

on_both!(a28_an_id_that_is_taken_again_inherits_nothing_until_it_is_resumed);

const POLICY: &str = r#"{
    "version": 1,
    "resources": { "chat": ["create", "read"] },
    "site": {
        "gates": { "chat": { "switch": "on", "access": "everyone" } },
        "roles": {
            "staff": { "grants": ["chat:*"] },
            "keeper": { "grants": ["gatepost-org:*"] },
            "console": { "grants": ["gatepost-site:*", "gatepost-org:*"], "all_orgs": true }
        }
    },
    "org_roles": {
        "owner": { "level": 50, "grants": ["chat:*", "gatepost-org:*"] },
        "guest": { "level": 10, "grants": ["chat:read"] }
    },
    "subjects": {
        "pat": { "site_roles": ["staff"], "default_org": "acme" },
        "olga": { "site_roles": ["keeper"] },
        "connie": { "site_roles": ["console"] }
    },
    "orgs": {
        "acme": { "members": { "pat": { "roles": ["owner"] }, "olga": { "roles": ["owner"] } } },
        "zeta": { "members": { "olga": { "roles": ["owner"] } } }
    }
}"#;

/// Whether pat may, and why not.
async fn asked(store: &PolicyStore, org: &str) -> Result<(), Code> {
    let (version, policy) = store.export().await.unwrap();
    let facts = gatepost::Snapshot::compile(&policy, version).unwrap();
    let org = OrgId::new(org).unwrap();
    // The identity says what it likes of its kind.
    for kind in [Kind::User, Kind::Service] {
        let pat = Subject::new(SubjectId::new("pat").unwrap()).kind(kind);
        for rule in [None, Some(OrgRule::None), Some(OrgRule::Default)] {
            let request = Request::new("chat", "read").subject(&pat);
            let request = match rule {
                None => request.org(&org),
                Some(rule) => request.org_rule(rule),
            };
            match decide(&facts, &request) {
                Step::Done(Decision::Allow(_)) => {}
                Step::Done(Decision::Deny(denial)) => return Err(denial.code),
                other => panic!("{other:?}"),
            }
        }
    }
    Ok(())
}

fn member(org: &str, role: &str, add: bool) -> Command {
    let (org, subject, role) = (org.into(), "pat".into(), role.into());
    if add {
        let expires = None;
        Command::MemberAdd {
            org,
            subject,
            role,
            expires,
        }
    } else {
        Command::MemberRemove { org, subject, role }
    }
}

fn status(status: Status) -> Command {
    let subject = "pat".into();
    Command::SubjectStatus { subject, status }
}

fn subject(id: &str) -> Author {
    Author::Subject(Subject::new(SubjectId::new(id).unwrap()))
}

async fn a28_an_id_that_is_taken_again_inherits_nothing_until_it_is_resumed(place: Place) {
    let store = place.with(&document(POLICY)).await;
    let write = async |command: Command, author: Author| {
        let change = Change::new(command, author, "as asked");
        store.write(&change).await
    };
    assert_eq!(asked(&store, "acme").await, Ok(()));
    write(status(Status::Suspended), ines()).await.unwrap();
    assert_eq!(asked(&store, "acme").await, Err(Code::SubjectSuspended));

    let pat = || "pat".to_owned();
    let site_role = |add| {
        let (subject, role) = (pat(), "staff".to_owned());
        if add {
            Command::SiteRoleAdd { subject, role }
        } else {
            Command::SiteRoleRemove { subject, role }
        }
    };
    let kind = |kind| Command::SubjectKind {
        subject: pat(),
        kind,
    };
    let default_org = |org: Option<&str>| Command::SubjectDefaultOrg {
        subject: pat(),
        org: org.map(str::to_owned),
    };
    // Whoever bears the id now is made known, as if it were new.
    for (command, author) in [
        (kind(Kind::Service), ines()),
        (kind(Kind::User), subject("connie")),
        (default_org(None), ines()),
        (default_org(Some("zeta")), subject("connie")),
        (default_org(Some("acme")), ines()),
        (site_role(false), ines()),
        (site_role(true), ines()),
        (member("acme", "owner", false), subject("olga")),
        (member("acme", "guest", true), subject("olga")),
        (member("acme", "owner", true), subject("olga")),
        (member("zeta", "guest", true), ines()),
    ] {
        let what = command.to_string();
        let committed = write(command, author).await;
        assert!(
            committed
                .unwrap_or_else(|why| panic!("{what}: {why}"))
                .changed,
            "{what}"
        );
        for org in ["acme", "zeta"] {
            let is = asked(&store, org).await;
            assert_eq!(is, Err(Code::SubjectSuspended), "{what}");
        }
    }
    // No org says it, and least of all the id itself.
    for author in [subject("olga"), subject("pat")] {
        let error = write(status(Status::Active), author).await.unwrap_err();
        let code = error.code();
        let refused = [Some(Code::SiteGrantMissing), Some(Code::SubjectSuspended)];
        assert!(refused.contains(&code), "{code:?}: {error}");
    }
    assert_eq!(asked(&store, "acme").await, Err(Code::SubjectSuspended));

    let resumed = write(status(Status::Active), subject("connie"))
        .await
        .unwrap();
    assert_eq!(asked(&store, "acme").await, Ok(()));
    let all = HistoryFilter::default();
    let history = store.history(None, usize::MAX, &all).await.unwrap();
    let of_status = history
        .iter()
        .filter(|record| record.command.contains("subject_status"));
    let told: Vec<_> = of_status
        .map(|record| (record.version, &*record.author, &*record.sentence))
        .collect();
    assert_eq!(
        told,
        [
            (2, "ines", "subject pat: suspended"),
            (resumed.version, "connie", "subject pat: active")
        ]
    );
    let effect = &history.last().unwrap().effects[0];
    assert_eq!(effect.key.to_string(), "subject pat");
    assert!(
        effect.before.as_ref().unwrap().contains("suspended"),
        "{effect:?}"
    );
}
