use super::*;
use crate::code::Code;
use crate::decision::{Decision, Step, decide};
use crate::explain::tests::Chance;
use crate::id::SubjectId;
use crate::policy::{
    MemberDocument, OrgRoleDocument, PolicyDocument, PolicyText, SiteRoleDocument, SubjectDocument,
};
use crate::request::Request;
use crate::subject::Subject;
use crate::time::Timestamp;
use crate::vocabulary::Kind;

fn org(id: &str) -> OrgId {
    OrgId::new(id).unwrap()
}

fn standing(text: &str) -> OrgStanding {
    let text = format!("version = 1\nresources.chat = [\"read\"]\n{text}");
    let facts = PolicyText::toml(text).compile(1).unwrap();
    facts.standing(&org("eng")).unwrap()
}

#[test]
fn a_switch_says_who_has_closed_or_opened_it() {
    for (site, holding, eng, want) in [
        ("off", "on", "on", "off: closed by the site"),
        ("on", "off", "off", "on: opened by the site in every org"),
        ("opt-in", "", "", "off: no org opens it"),
        ("opt-in", "on", "", "on: opened by holding"),
        ("opt-in", "on", "on", "on: opened by eng"),
        ("opt-in", "on", "off", "off: closed by eng"),
        ("opt-in", "off", "on", "off: closed by holding"),
        ("opt-out", "", "", "on: no org closes it"),
        ("opt-out", "", "on", "on: opened by eng"),
        ("opt-out", "off", "off", "off: closed by holding"),
    ] {
        for (path, of) in [("", None), ("background.", Some(Mode::Background))] {
            let switch = |org: &str, word: &str| match word {
                "" => format!("[orgs.{org}]\n"),
                word => format!("[orgs.{org}]\ngates.chat.{path}switch = \"{word}\"\n"),
            };
            let gate = format!("site.gates.chat.{path}switch = \"{site}\"\n");
            let (holding, eng) = (switch("holding", holding), switch("eng", eng));
            let standing = standing(&format!("{gate}{holding}{eng}parent = \"holding\"\n"));
            let gate = &standing.gates[0];
            let said = match of {
                None => &gate.switch,
                Some(_) => &gate.background.switch,
            };
            assert_eq!(said.to_string(), want);
            assert_eq!(said.is_on, want.starts_with("on"));
        }
    }
}

#[test]
fn a_floor_says_who_has_set_it() {
    for (site, holding, eng, want) in [
        ("", "", "", "everyone: the site's floor"),
        ("floor = \"dev\"", "", "", "dev: the site's floor"),
        ("default = \"dev\"", "", "", "dev: the site's default"),
        (
            "floor = \"dev\", default = \"lead\"",
            "",
            "",
            "lead: the site's default",
        ),
        (
            "floor = \"dev\", default = \"lead\"",
            "guest",
            "",
            "dev: the site's floor",
        ),
        (
            "floor = \"guest\", default = \"lead\"",
            "dev",
            "",
            "dev: set by holding",
        ),
        ("", "dev", "lead", "lead: set by eng"),
        ("", "lead", "dev", "lead: set by holding"),
        ("", "lead", "lead", "lead: set by holding"),
    ] {
        let roles = ["guest", "dev", "lead"];
        let roles = (1..).zip(roles).map(|(level, role)| {
            format!("org_roles.{role} = {{ level = {level}, grants = [] }}\n")
        });
        let floor = |org: &str, role: &str| match role {
            "" => format!("[orgs.{org}]\n"),
            role => format!("[orgs.{org}]\ngates.chat.foreground.min_role = \"{role}\"\n"),
        };
        let (holding, eng) = (floor("holding", holding), floor("eng", eng));
        let roles = roles.collect::<String>();
        let gate = format!("site.gates.chat.foreground = {{ {site} }}\n");
        let standing = standing(&format!(
            "{roles}{gate}{holding}{eng}parent = \"holding\"\n"
        ));
        assert_eq!(standing.gates[0].foreground.floor.to_string(), want);
    }
}

#[test]
fn of_several_orgs_that_are_suspended_the_one_nearest_to_the_root_is_told() {
    for (suspended, want) in [
        (&[][..], None),
        (&["eng"], Some("eng")),
        (&["holding"], Some("holding")),
        (&["eng", "holding"], Some("holding")),
        (&["eng", "world"], Some("world")),
        (&["eng", "holding", "world"], Some("world")),
    ] {
        let mut text = "orgs.eng.parent = \"holding\"\norgs.holding.parent = \"world\"\n\
                        orgs.world.visibility = \"private\"\n"
            .to_owned();
        for org in suspended {
            text.extend(["orgs.", org, ".status = \"suspended\"\n"]);
        }
        let standing = standing(&text);
        assert_eq!(standing.suspended_by, want.map(org), "{suspended:?}");
        assert_eq!(standing.is_active, want.is_none());
    }
}

#[test]
fn it_has_a_form_in_json() {
    let standing = standing(
        "site.gates.chat.switch = \"opt-out\"\norgs.holding.gates.chat.switch = \"off\"\n\
         orgs.holding.status = \"suspended\"\norgs.eng.parent = \"holding\"\n",
    );
    let json = serde_json::to_value(&standing).unwrap();
    assert_eq!(json["path"], serde_json::json!(["eng", "holding"]));
    assert_eq!(json["suspended_by"], "holding");
    assert_eq!(
        json["gates"][0]["switch"],
        serde_json::json!({"is_on": false, "because": {"rule": "org_off", "org": "holding"}}),
    );
    assert_eq!(
        json["gates"][0]["foreground"]["floor"],
        serde_json::json!({"role": "everyone", "level": 0, "because": {"rule": "site_floor"}}),
    );
}

#[test]
fn nothing_stands_where_there_is_no_such_org_and_no_built_in_resource_has_a_standing() {
    let facts = PolicyText::toml("version = 1\norgs.eng = {}")
        .compile(1)
        .unwrap();
    assert_eq!(facts.standing(&org("nowhere")), None);
    assert_eq!(facts.standing(&org("eng")).unwrap().gates, []);
}

/// The policy with somebody in each org who holds everything that checks 5, 6, 13 and 14 ask for, at one level.
fn with_probe(document: &PolicyDocument, at: &OrgId, level: i32) -> PolicyDocument {
    let mut document = document.clone();
    let grants = vec!["*:*".to_owned()];
    let role = SiteRoleDocument {
        grants: grants.clone(),
        all_orgs: false,
    };
    document.site.roles.insert("probe".to_owned(), role);
    let role = OrgRoleDocument {
        level: Some(i64::from(level)),
        grants,
        include: Vec::new(),
    };
    // An own role: those of the site keep their places.
    let org = document.orgs.get_mut(at.as_str()).unwrap();
    org.roles.insert("probe".to_owned(), role);
    let member = MemberDocument {
        roles: vec!["probe".to_owned()],
        expires: None,
    };
    org.members.insert("probe".to_owned(), member);
    if let Some(anyone) = document.org_roles.get_mut("anyone") {
        anyone.grants.retain(|grant| !grant.starts_with('!'));
    }
    let known = SubjectDocument {
        site_roles: vec!["probe".to_owned()],
        ..SubjectDocument::default()
    };
    document.subjects.insert("probe".to_owned(), known);
    document
}

/// What the standing of an org says will be decided for such a one.
fn foretold(
    standing: &OrgStanding,
    resource: &str,
    governed: bool,
    mode: Option<Mode>,
    level: i32,
) -> Result<(), (Code, Option<String>)> {
    let mut gates = standing.gates.iter();
    let gate = gates.find(|gate| gate.resource == resource).unwrap();
    let mode = mode.map(|mode| match mode {
        Mode::Foreground => &gate.foreground,
        Mode::Background => &gate.background,
    });
    let refuse = |code| Err((code, None));
    if governed && gate.switch.because == Because::SiteOff {
        return refuse(Code::SiteOff);
    }
    if governed && mode.is_some_and(|mode| mode.switch.because == Because::SiteOff) {
        return refuse(Code::SiteModeOff);
    }
    if !standing.is_active {
        return refuse(Code::OrgSuspended);
    }
    if governed && !gate.switch.is_on {
        return refuse(Code::OrgOff);
    }
    if governed && mode.is_some_and(|mode| !mode.switch.is_on) {
        return refuse(Code::OrgModeOff);
    }
    match mode {
        Some(mode) if level < mode.floor.level => {
            Err((Code::ModeFloor, Some(mode.floor.role.clone())))
        }
        _ => Ok(()),
    }
}

#[test]
fn what_it_says_is_what_checks_10_11_12_and_15_do() {
    let probe = Subject::new(SubjectId::new("probe").unwrap());
    let mut met = std::collections::BTreeMap::<_, u32>::new();
    for seed in 0..150 {
        let document = Chance::new(seed).document();
        let facts = Snapshot::compile(&document, 1).unwrap();
        for id in document.orgs.keys().map(|id| org(id)) {
            let standing = facts.standing(&id).unwrap();
            assert_eq!(standing.is_active, standing.suspended_by.is_none());
            for level in [0, 9, 10, 29, 30, 39, 40] {
                let probed = Snapshot::compile(&with_probe(&document, &id, level), 1).unwrap();
                assert_eq!(probed.standing(&id), Some(standing.clone()));
                for (resource, action) in facts.actions() {
                    if resource.starts_with("gatepost-") {
                        continue;
                    }
                    let gate = document.site.gates.get(resource);
                    let only = gate.and_then(|gate| gate.actions.as_ref());
                    let governed = only.is_none_or(|only| only.iter().any(|it| it == action));
                    for mode in [None, Some(Mode::Foreground), Some(Mode::Background)] {
                        let request = Request::new(resource, action)
                            .subject(&probe)
                            .org(&id)
                            .mode(mode);
                        let decided = match decide(&probed, &request) {
                            Step::Done(Decision::Allow(_)) => Ok(()),
                            Step::Done(Decision::Deny(deny)) => {
                                Err((deny.code, deny.required_role.map(str::to_owned)))
                            }
                            other => panic!("{other:?}"),
                        };
                        let code = decided.as_ref().err().map(|(code, _)| *code);
                        *met.entry(code).or_default() += 1;
                        let said = foretold(&standing, resource, governed, mode, level);
                        assert_eq!(decided, said, "{id} {resource}:{action} {mode:?} {level}");
                    }
                }
            }
        }
    }
    for code in [
        Code::OrgSuspended,
        Code::OrgOff,
        Code::OrgModeOff,
        Code::ModeFloor,
    ] {
        assert!(
            met.get(&Some(code)).is_some_and(|met| *met > 500),
            "{code}: {met:?}"
        );
    }
    assert!(met[&None] > 500);
}

#[test]
fn whoever_is_a_member_on_the_path_may_know_a_private_org_and_nobody_else() {
    let at: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
    let mut members = 0;
    for seed in 0..100 {
        let mut document = Chance::new(seed).document();
        document.subjects.clear();
        let gates = document.site.gates.values_mut();
        gates.for_each(|gate| gate.access = Some(crate::vocabulary::Access::Everyone));
        let facts = Snapshot::compile(&document, 1).unwrap();
        for id in document.orgs.keys().map(|id| org(id)) {
            if facts.standing(&id).unwrap().is_public {
                continue;
            }
            for subject in facts.subjects() {
                let asks = Subject::new(subject.clone());
                let request = Request::new("chat", "create")
                    .subject(&asks)
                    .org(&id)
                    .at(at);
                let is_unknown = match decide(&facts, &request) {
                    Step::Done(Decision::Deny(deny)) if deny.code == Code::SiteOff => continue,
                    Step::Done(Decision::Deny(deny)) => deny.code == Code::NotAMember,
                    Step::Done(Decision::Allow(_)) => false,
                    other => panic!("{other:?}"),
                };
                let is_member = facts.is_member_on_path(&subject, &id, at);
                assert_eq!(is_member, !is_unknown, "{subject} {id}");
                members += u32::from(is_member);
            }
        }
    }
    assert!(members > 100);
}

#[test]
fn orgs_are_found_from_above_and_from_below() {
    let facts = Snapshot::compile(&Chance::new(1).document(), 1).unwrap();
    let ids = |orgs: Vec<&OrgId>| orgs.into_iter().map(OrgId::to_string).collect::<Vec<_>>();
    assert_eq!(facts.parent_of(&org("eng")), Some(&org("acme")));
    assert_eq!(facts.parent_of(&org("holding")), None);
    assert_eq!(facts.parent_of(&org("nowhere")), None);
    assert_eq!(ids(facts.children_of(&org("holding")).collect()), ["acme"]);
    assert_eq!(facts.children_of(&org("nowhere")).count(), 0);
    assert_eq!(facts.children_of(&org("eng")).count(), 0);
    let path = facts.path_of(&org("eng")).collect();
    assert_eq!(ids(path), ["eng", "acme", "holding"]);
    assert_eq!(facts.path_of(&org("nowhere")).count(), 0);
    assert!(facts.has_org(&org("eng")) && !facts.has_org(&org("nowhere")));
    let subject = |id| SubjectId::new(id).unwrap();
    assert_eq!(facts.kind_of(&subject("ci")), Some(Kind::Service));
    assert_eq!(facts.kind_of(&subject("alice")), Some(Kind::User));
    // A member, of whom the policy says nothing else; and somebody whom it does not know.
    assert_eq!(facts.kind_of(&subject("zed")), None);
    assert!(facts.names_subject(&subject("zed")));
    assert!(!facts.names_subject(&subject("nobody")));
}
