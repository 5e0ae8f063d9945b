use super::*;

const CLEAN: &str = r#"version = 1
[resources]
chat = ["create", "read"]
agent = ["read", "execute"]
[site.gates.chat]
switch = "opt-in"
access = "granted"
actions = ["create"]
foreground = { floor = "guest" }
background = { switch = "opt-out", floor = "guest", default = "developer" }
[site.gates.agent]
switch = "opt-out"
access = "everyone"
[site.roles.chatter]
grants = ["chat:*"]
[site.roles.admin]
grants = ["*:*", "gatepost-site:read"]
all_orgs = true
[org_roles.guest]
level = 10
grants = ["chat:read@own", "agent:execute#foreground"]
[org_roles.developer]
level = 30
include = ["guest"]
grants = ["chat:*@own", "agent:*"]
[org_roles.owner]
level = 50
grants = ["*:*"]
[orgs.holding]
visibility = "public"
[orgs.holding.members.alice]
roles = ["developer"]
[orgs.acme]
parent = "holding"
[orgs.acme.gates.chat]
switch = "on"
background = { min_role = "developer" }
[orgs.acme.roles.lead]
level = 35
grants = ["chat:create"]
[orgs.acme.members.bob]
roles = ["lead"]
expires = "2027-01-01T00:00:00Z"
[orgs.other]
[orgs.other.members.carol]
roles = ["guest"]
[subjects.alice]
site_roles = ["chatter"]
default_org = "acme"
"#;

fn at() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn linted(text: &str) -> Vec<(FindingKind, String)> {
    let findings = lint(&PolicyText::toml(text), at()).unwrap();
    findings
        .into_iter()
        .map(|finding| (finding.kind, finding.to_string()))
        .collect()
}

#[test]
fn a_sensible_policy_is_clean() {
    assert_eq!(linted(CLEAN), []);
}

/// One change to the clean policy, and the one finding that it makes.
const CHANGES: &[(&str, &str, FindingKind, &str)] = &[
    (
        r#"roles = ["lead"]"#,
        r#"roles = ["lead", "reviewer"]"#,
        FindingKind::UndefinedRole,
        "line 42: `orgs.acme.members.bob.roles[1]`: `reviewer` is defined nowhere and grants nothing",
    ),
    (
        r#"roles = ["guest"]"#,
        r#"roles = ["guest", "lead"]"#,
        FindingKind::UndefinedRole,
        "line 46: `orgs.other.members.carol.roles[1]`: `lead` is an own role of another org and grants nothing here",
    ),
    (
        r#"roles = ["guest"]"#,
        r#"roles = ["admin", "guest"]"#,
        FindingKind::UndefinedRole,
        "line 46: `orgs.other.members.carol.roles[0]`: `admin` is a site role and grants nothing here",
    ),
    (
        r#"site_roles = ["chatter"]"#,
        r#"site_roles = ["chatter", "gone"]"#,
        FindingKind::UndefinedRole,
        "line 48: `subjects.alice.site_roles[1]`: `gone` is defined nowhere and grants nothing",
    ),
    (
        r#"site_roles = ["chatter"]"#,
        r#"site_roles = ["chatter", "owner"]"#,
        FindingKind::UndefinedRole,
        "line 48: `subjects.alice.site_roles[1]`: `owner` is an org role and grants nothing on the site",
    ),
    (
        r#"roles = ["lead"]"#,
        r#"roles = ["anyone", "lead"]"#,
        FindingKind::HeldAnyone,
        "line 42: `orgs.acme.members.bob.roles[0]`: no membership holds `anyone`: everybody has it in a public org",
    ),
    (
        "2027-01-01T00:00:00Z",
        "2026-11-22T00:00:00Z",
        FindingKind::ExpiredMembership,
        "line 43: `orgs.acme.members.bob.expires`: the membership is over since 2026-11-22T00:00:00Z",
    ),
    (
        r#"default_org = "acme""#,
        r#"default_org = "gone""#,
        FindingKind::DefaultOrg,
        "line 49: `subjects.alice.default_org`: `gone` is no org, so it counts as unset",
    ),
    (
        r#"default_org = "acme""#,
        r#"default_org = "other""#,
        FindingKind::DefaultOrg,
        "line 49: `subjects.alice.default_org`: `other` is an org where the subject is no member, so it counts as unset",
    ),
    (
        r#"roles = ["lead"]"#,
        r#"roles = ["lead", "lead"]"#,
        FindingKind::Repeated,
        "line 42: `orgs.acme.members.bob.roles[1]`: `lead` stands here a second time",
    ),
    (
        r#"include = ["guest"]"#,
        r#"include = ["guest", "guest"]"#,
        FindingKind::Repeated,
        "line 24: `org_roles.developer.include[1]`: `guest` stands here a second time",
    ),
    (
        r#"grants = ["chat:*"]"#,
        r#"grants = ["chat:*", "chat:*"]"#,
        FindingKind::Repeated,
        "line 15: `site.roles.chatter.grants[1]`: `chat:*` stands here a second time",
    ),
    (
        r#"grants = ["chat:*@own", "agent:*"]"#,
        r#"grants = ["chat:*@own", "agent:*", "agent:read#background@own"]"#,
        FindingKind::CoveredGrant,
        "line 25: `org_roles.developer.grants[2]`: `agent:read#background@own` is covered by `agent:*`",
    ),
    (
        r#"grants = ["chat:create"]"#,
        r#"grants = ["chat:create", "agent:read@own", "!agent:*"]"#,
        FindingKind::OverriddenGrant,
        "line 40: `orgs.acme.roles.lead.grants[1]`: `agent:read@own` never matches: `!agent:*` takes it back",
    ),
    (
        r#""gatepost-site:read""#,
        r#""gatepost-site:read#foreground""#,
        FindingKind::ModelessGrant,
        "line 17: `site.roles.admin.grants[1]`: `gatepost-site:read#foreground` never matches: resources `gatepost-*` have no modes",
    ),
    (
        "agent = [\"read\", \"execute\"]\n",
        "agent = [\"read\", \"execute\"]\ndoc = [\"read\"]\n",
        FindingKind::UngatedResource,
        "line 5: `resources.doc`: `doc` has no gate, so it is off for everyone",
    ),
    (
        "[site.gates.agent]\nswitch = \"opt-out\"\n",
        "[site.gates.agent]\n",
        FindingKind::UngatedResource,
        "line 11: `site.gates.agent`: the gate has no `switch`, so `agent` is off for everyone",
    ),
    (
        "[site.gates.agent]\nswitch = \"opt-out\"\n",
        "[site.gates.agent]\nswitch = \"off\"\n",
        FindingKind::OffGate,
        "line 12: `site.gates.agent.switch`: `agent` is off for everyone, which leaves 2 grants (the first is `org_roles.developer.grants[1]`) without effect",
    ),
    (
        "access = \"everyone\"\n",
        "access = \"everyone\"\nforeground = { switch = \"off\" }\n",
        FindingKind::OffGate,
        "line 14: `site.gates.agent.foreground.switch`: foreground of `agent` is off for everyone, which leaves 1 grant (the first is `org_roles.guest.grants[1]`) without effect",
    ),
    (
        r#"actions = ["create"]"#,
        "actions = []",
        FindingKind::EmptyGate,
        "line 8: `site.gates.chat.actions`: the gate governs no action, so its switches and its access never apply",
    ),
    (
        "agent = [\"read\", \"execute\"]\n",
        "agent = [\"read\", \"execute\"]\nfile = []\n",
        FindingKind::EmptyGate,
        "line 5: `resources.file`: no action of `file` is declared",
    ),
    (
        r#"site_roles = ["chatter"]"#,
        "site_roles = []",
        FindingKind::NobodyPasses,
        "line 7: `site.gates.chat.access`: no active subject holds a site role that grants `chat`: nobody passes",
    ),
    (
        "switch = \"opt-out\"\naccess = \"everyone\"",
        "switch = \"opt-in\"\naccess = \"everyone\"",
        FindingKind::UnopenedGate,
        "line 12: `site.gates.agent.switch`: `agent` is opt-in and no org has opted in",
    ),
    (
        r#"background = { switch = "opt-out", f"#,
        r#"background = { switch = "opt-in", f"#,
        FindingKind::UnopenedGate,
        "line 10: `site.gates.chat.background.switch`: background of `chat` is opt-in and no org has opted in",
    ),
    (
        r#"default = "developer""#,
        r#"default = "owner""#,
        FindingKind::UnreachedFloor,
        "line 10: `site.gates.chat.background.default`: no member of any org reaches `owner`",
    ),
    (
        r#"min_role = "developer""#,
        r#"min_role = "owner""#,
        FindingKind::UnreachedFloor,
        "line 37: `orgs.acme.gates.chat.background.min_role`: no member here reaches `owner`",
    ),
    (
        r#"default = "developer""#,
        r#"default = "everyone""#,
        FindingKind::BelowFloor,
        "line 10: `site.gates.chat.background.default`: `everyone` is below the floor `guest`, which holds",
    ),
    (
        r#"min_role = "developer""#,
        r#"min_role = "everyone""#,
        FindingKind::BelowFloor,
        "line 37: `orgs.acme.gates.chat.background.min_role`: `everyone` is below the site's floor `guest`, which holds",
    ),
    (
        "visibility = \"public\"\n",
        "visibility = \"public\"\ngates.chat.background.min_role = \"owner\"\n[orgs.holding.members.dora]\nroles = [\"owner\"]\n",
        FindingKind::BelowFloor,
        "line 40: `orgs.acme.gates.chat.background.min_role`: `developer` is below `owner` of `holding` above it, which holds",
    ),
    (
        r#"foreground = { floor = "guest" }"#,
        r#"foreground = { floor = "developer" }"#,
        FindingKind::BackgroundBelowForeground,
        "line 10: `site.gates.chat.background.floor`: `guest` may queue what only `developer` may wait for",
    ),
    (
        r#"background = { min_role = "developer" }"#,
        r#"foreground = { min_role = "developer" }
background = { min_role = "guest" }"#,
        FindingKind::BackgroundBelowForeground,
        "line 38: `orgs.acme.gates.chat.background.min_role`: here `guest` may queue what only `developer` may wait for",
    ),
    (
        "[orgs.other]\n",
        "[orgs.other]\nparent = \"acme\"\nvisibility = \"public\"\n",
        FindingKind::NotPublic,
        "line 46: `orgs.other.visibility`: `acme` above it is private, so this org is not public",
    ),
];

#[test]
fn each_change_for_the_worse_is_found_at_its_place() {
    for (from, to, kind, told) in CHANGES {
        assert_eq!(CLEAN.matches(*from).count(), 1, "{from}");
        let found = linted(&CLEAN.replace(from, to));
        assert_eq!(found, [(*kind, (*told).to_owned())], "{to}");
    }
}

const OPEN: &str = r#"version = 1
[resources]
chat = ["create", "read"]
[site.gates.chat]
switch = "on"
access = "granted"
[site.roles.chatter]
grants = ["chat:*"]
[org_roles.guest]
level = 10
grants = ["*:*"]
"#;

fn told(text: &str) -> Vec<String> {
    linted(text).into_iter().map(|(_, told)| told).collect()
}

#[test]
fn a_gate_without_a_grant_lets_nobody_pass() {
    let rows: [(&str, &str, &[&str]); 4] = [
        ("chat:*", "chat:*", &[]),
        (
            "\"chat:*\"",
            "",
            &[
                "line 6: `site.gates.chat.access`: access is by grant and no site role grants `chat`: nobody passes",
            ],
        ),
        (
            "chat:*",
            "*:read@own",
            &[
                "line 6: `site.gates.chat.access`: access is by grant and no site role grants `create`: nobody passes",
            ],
        ),
        (
            "*:*",
            "!*:*\", \"gatepost-org:read",
            &[
                "line 4: `site.gates.chat`: no org role grants any action of `chat`: nobody may in an org",
            ],
        ),
    ];
    for (from, to, want) in rows {
        assert_eq!(told(&OPEN.replace(from, to)), want, "{to}");
    }
    let of_all_orgs = OPEN
        .replace("*:*", "!*:*")
        .replace("[\"chat:*\"]", "[\"chat:*\"]\nall_orgs = true");
    assert_eq!(told(&of_all_orgs), [""; 0]);
}

#[test]
fn an_org_has_no_say_where_the_site_or_an_ancestor_has_spoken() {
    let orgs = "[orgs.a.gates.chat]
switch = \"off\"
background = { switch = \"on\" }
[orgs.b]
parent = \"a\"
[orgs.b.gates.chat]
switch = \"on\"
";
    let text = format!("{OPEN}{orgs}");
    let no_say = "the site's switch is `on`: orgs have no say in it";
    let want = [
        format!("line 13: `orgs.a.gates.chat.switch`: {no_say}"),
        format!("line 18: `orgs.b.gates.chat.switch`: {no_say}"),
    ];
    assert_eq!(told(&text), want);

    let text = text.replace("\"on\"\naccess", "\"opt-out\"\naccess");
    let lifts = "`a` above it says `off`, which no `on` below lifts";
    assert_eq!(
        told(&text),
        [format!("line 18: `orgs.b.gates.chat.switch`: {lifts}")]
    );
}

#[test]
fn what_is_refused_is_told_whole_and_what_is_no_document_not_at_all() {
    let text = "version = 2\n[site.gates.chat]\nswitch = \"on\"\n[orgs.a]\nparent = \"b\"\n";
    let found = lint(&PolicyText::toml(text), at()).unwrap();
    let lines: Vec<_> = found.iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [Some(1), Some(2), Some(5)]);
    assert!(
        found
            .iter()
            .all(|finding| finding.severity() == Severity::Error)
    );

    let unknown = lint(&PolicyText::toml("version = 1\nversoin = 1\n"), at()).unwrap();
    assert_eq!(unknown[0].path.to_string(), "versoin");
    assert_eq!(unknown[0].line, Some(2));

    assert!(lint(&PolicyText::toml("version = "), at()).is_err());
    assert!(lint(&PolicyText::json("{"), at()).is_err());
}

#[test]
fn a_path_of_ten_thousand_orgs_is_walked() {
    let orgs = (1..10_000).map(|org| format!("[orgs.o{org}]\nparent = \"o{}\"\n", org - 1));
    let orgs = orgs.collect::<Vec<_>>().concat();
    let text = format!(
        "version = 1\n[orgs.o0.members.a]\nroles = []\n{orgs}[subjects.a]\ndefault_org = \"o9999\"\n"
    );
    assert_eq!(told(&text), [""; 0]);
}
