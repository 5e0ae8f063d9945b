//! Random policies, small enough that a law can ask everything.

use std::fmt::Write as _;

use fastrand::Rng;

pub(super) const PAIRS: [(&str, &str); 5] = [
    ("chat", "create"),
    ("chat", "read"),
    ("agent", "execute"),
    ("agent", "stop"),
    ("gatepost-audit", "read"),
];
pub(super) const ORGS: [&str; 4] = ["o0", "o1", "o2", "o3"];
pub(super) const SUBJECTS: [&str; 5] = ["u0", "u1", "u2", "svc", "bot"];
/// Members that the policy does not name.
pub(super) const GHOST: &str = "ghost";

pub(super) fn one<'a>(random: &mut Rng, of: &[&'a str]) -> &'a str {
    of[random.usize(..of.len())]
}

fn grants(random: &mut Rng) -> String {
    let pairs = [
        "*:*",
        "chat:*",
        "chat:read",
        "agent:*",
        "*:*",
        "gatepost-audit:read",
    ];
    let grants = (0..random.usize(1..4)).map(|_| {
        let sign = one(random, &["", "", "", "", "", "!"]);
        let mode = one(random, &["", "", "", "#foreground", "#background"]);
        let own = one(random, &["", "", "@own"]);
        format!("\"{sign}{}{mode}{own}\"", one(random, &pairs))
    });
    grants.collect::<Vec<_>>().join(", ")
}

/// A policy, with `root` who may audit everything.
pub(super) fn policy(random: &mut Rng) -> String {
    let mut text = String::from(
        "version = 1\nresources.chat = [\"create\", \"read\"]\nresources.agent = [\"execute\", \"stop\"]\n\
         site.roles.root = { grants = [\"gatepost-site:read\", \"gatepost-audit:read\"], all_orgs = true }\n\
         subjects.root.site_roles = [\"root\"]\n",
    );
    for resource in ["chat", "agent"] {
        let switch = one(random, &["off", "opt-in", "opt-out", "on", "on"]);
        let access = one(random, &["everyone", "everyone", "granted"]);
        let (floor, default) = (
            one(random, &["everyone", "r0", "r1"]),
            one(random, &["everyone", "r1", "r2"]),
        );
        let _ = writeln!(
            text,
            "site.gates.{resource} = {{ switch = \"{switch}\", access = \"{access}\", \
             background = {{ floor = \"{floor}\", default = \"{default}\" }} }}"
        );
    }
    for role in ["s0", "s1"] {
        let (grants, all_orgs) = (grants(random), random.u8(..3) == 0);
        let _ = writeln!(
            text,
            "site.roles.{role} = {{ grants = [{grants}], all_orgs = {all_orgs} }}"
        );
    }
    let _ = writeln!(text, "org_roles.anyone.grants = [{}]", grants(random));
    for (at, role) in ["r0", "r1", "r2"].iter().enumerate() {
        let grants = grants(random);
        let _ = writeln!(
            text,
            "org_roles.{role} = {{ level = {}, grants = [{grants}] }}",
            at * 10
        );
    }
    for (at, org) in ORGS.iter().enumerate() {
        let visibility = one(random, &["public", "private"]);
        let _ = writeln!(text, "[orgs.{org}]\nvisibility = \"{visibility}\"");
        if at > 0 && random.bool() {
            let _ = writeln!(text, "parent = \"{}\"", ORGS[random.usize(..at)]);
        }
        if random.u8(..6) == 0 {
            text.push_str("status = \"suspended\"\n");
        }
        let switch = one(random, &["on", "on", "off"]);
        let _ = writeln!(
            text,
            "gates.chat.switch = \"{switch}\"\n[orgs.{org}.members]"
        );
        for member in SUBJECTS.into_iter().chain([GHOST]) {
            if random.bool() {
                let role = one(random, &["r0", "r1", "r2", "retired"]);
                let expires = one(
                    random,
                    &[
                        "",
                        "",
                        ", expires = \"2020-01-01T00:00:00Z\"",
                        ", expires = \"2900-01-01T00:00:00Z\"",
                    ],
                );
                let _ = writeln!(text, "{member} = {{ roles = [\"{role}\"]{expires} }}");
            }
        }
    }
    for subject in SUBJECTS {
        let kind = match subject {
            "svc" => "service",
            "bot" => "agent",
            _ => "user",
        };
        let status = one(random, &["active", "active", "active", "suspended"]);
        let role = one(random, &["s0", "s1"]);
        let _ = writeln!(
            text,
            "[subjects.{subject}]\nkind = \"{kind}\"\nstatus = \"{status}\"\nsite_roles = [\"{role}\"]"
        );
        if random.bool() {
            let _ = writeln!(text, "default_org = \"{}\"", one(random, &ORGS));
        }
    }
    text
}
