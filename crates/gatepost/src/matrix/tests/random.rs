//! Random policies and routes, small enough that a law can ask everything.

use std::fmt::Write as _;

use fastrand::Rng;

use crate::inventory::Inventory;
use crate::policy::{PolicyDocument, PolicyText};

const PAIRS: [(&str, &str); 3] = [("chat", "create"), ("chat", "read"), ("agent", "execute")];
const ROLES: [&str; 3] = ["r0", "r1", "r2"];
const SITE_ROLES: [&str; 2] = ["s0", "s1"];

fn one<'a>(random: &mut Rng, of: &[&'a str]) -> &'a str {
    of[random.usize(..of.len())]
}

fn grants(random: &mut Rng) -> String {
    let grants = (0..random.usize(..3)).map(|_| {
        let sign = one(random, &["", "", "", "", "!"]);
        let pair = one(
            random,
            &[
                "*:*",
                "chat:*",
                "chat:read",
                "chat:create",
                "agent:execute",
                "*:read",
            ],
        );
        let mode = one(random, &["", "", "", "#foreground", "#background"]);
        format!("\"{sign}{pair}{mode}{}\"", one(random, &["", "", "@own"]))
    });
    grants.collect::<Vec<_>>().join(", ")
}

fn floor(random: &mut Rng) -> &'static str {
    one(random, &["everyone", "r0", "r1", "r2"])
}

/// A policy with a few orgs, own roles and members.
pub(crate) fn policy(random: &mut Rng) -> PolicyDocument {
    let mut text =
        "version = 1\n[resources]\nchat = [\"create\", \"read\"]\nagent = [\"execute\"]\n"
            .to_owned();
    for resource in ["chat", "agent"] {
        let switch = one(random, &["off", "opt-in", "opt-out", "on", "on"]);
        let access = one(random, &["everyone", "granted"]);
        let _ = writeln!(
            text,
            "[site.gates.{resource}]\nswitch = \"{switch}\"\naccess = \"{access}\""
        );
        if resource == "chat" && random.u8(..3) == 0 {
            text.push_str("actions = [\"create\"]\n");
        }
        for mode in ["foreground", "background"] {
            let switch = one(random, &["off", "opt-in", "opt-out", "opt-out", "on"]);
            let (floor, default) = (floor(random), floor(random));
            let _ = writeln!(
                text,
                "{mode} = {{ switch = \"{switch}\", floor = \"{floor}\", default = \"{default}\" }}"
            );
        }
    }
    for role in SITE_ROLES {
        let (grants, all_orgs) = (grants(random), random.u8(..4) == 0);
        let _ = writeln!(
            text,
            "[site.roles.{role}]\ngrants = [{grants}]\nall_orgs = {all_orgs}"
        );
    }
    let _ = writeln!(text, "[org_roles.anyone]\ngrants = [{}]", grants(random));
    for (at, role) in ROLES.iter().enumerate() {
        let include = if at > 0 && random.bool() {
            "\"r0\""
        } else {
            ""
        };
        let (level, grants) = (random.u8(..4) * 10, grants(random));
        let _ = writeln!(
            text,
            "[org_roles.{role}]\nlevel = {level}\ngrants = [{grants}]\ninclude = [{include}]"
        );
    }
    for (at, org) in ["o0", "o1", "o2"].iter().enumerate() {
        let _ = writeln!(
            text,
            "[orgs.{org}]\nvisibility = \"{}\"",
            one(random, &["public", "private"])
        );
        if at > 0 && random.bool() {
            let _ = writeln!(text, "parent = \"o0\"");
        }
        let switch = one(random, &["on", "off"]);
        let _ = writeln!(
            text,
            "gates.chat = {{ switch = \"{switch}\", background = {{ switch = \"on\", min_role = \"r1\" }} }}"
        );
        if random.bool() {
            let (level, grants) = (random.u8(..5) * 10, grants(random));
            let _ = writeln!(
                text,
                "[orgs.{org}.roles.own]\nlevel = {level}\ngrants = [{grants}]"
            );
        }
        for member in ["u0", "u1"] {
            if random.bool() {
                let role = one(random, &["r0", "r1", "r2", "own"]);
                let _ = writeln!(text, "[orgs.{org}.members.{member}]\nroles = [\"{role}\"]");
            }
        }
    }
    for subject in ["u0", "u1", "u2"] {
        let (role, kind) = (
            one(random, &SITE_ROLES),
            one(random, &["user", "user", "agent"]),
        );
        let _ = writeln!(
            text,
            "[subjects.{subject}]\nkind = \"{kind}\"\nsite_roles = [\"{role}\"]"
        );
    }
    PolicyText::toml(text.clone())
        .parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A route of each sort.
pub(crate) fn routes(random: &mut Rng) -> Inventory {
    let mut routes = Vec::new();
    for at in 0..6 {
        let (resource, action) = PAIRS[random.usize(..PAIRS.len())];
        let (org, rule) = [
            ("[\"path org\"]", "required"),
            ("[]", "default"),
            ("[\"query org\"]", "default"),
            ("[]", "none"),
        ][random.usize(..4)];
        let mode = one(
            random,
            &[
                "",
                "\"mode\": \"foreground\", ",
                "\"mode\": \"background\", ",
                "\"mode\": \"body\", ",
            ],
        );
        let owner = one(
            random,
            &["", ", \"owner\": \"subject\"", ", \"owner\": \"object\""],
        );
        let resource = match random.u8(..5) {
            0 => "{\"param\": \"p\", \"map\": {\"x\": \"agent\"}, \"otherwise\": \"chat\"}"
                .to_owned(),
            _ => format!("\"{resource}\""),
        };
        routes.push(format!(
            "{{\"method\": \"POST\", \"path\": \"/{at}\", \"requires\": {{\"resource\": {resource}, \
             \"action\": \"{action}\", {mode}\"org\": {org}, \"org_rule\": \"{rule}\"{owner}}}}}"
        ));
    }
    Inventory::from_json(&format!(
        "{{\"version\": 1, \"routes\": [{}]}}",
        routes.join(", ")
    ))
    .unwrap()
}
