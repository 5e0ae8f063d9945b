//! How long it takes to tell whose answers a change flips: `cargo run --release -p gatepost --example impact 1000000`.
//!
//! The number is that of the memberships: two a subject, in orgs of a hundred, each with a switch and a role of its
//! own and every tenth below the one before it.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Instant;

use gatepost::{Impact, Inventory, OrgSwitch, PolicyDocument, PolicyText, Snapshot, Timestamp};

fn main() -> Result<(), Box<dyn Error>> {
    let memberships = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "100000".to_owned());
    let (before, after) = policies(memberships.parse()?)?;
    let (before, after) = (
        Snapshot::compile(&before, 1)?,
        Snapshot::compile(&after, 2)?,
    );
    let routes = Inventory::of_actions(&before);

    let begun = Instant::now();
    let impact = Impact::between(&before, &after, &routes, usize::MAX)?;
    let counted = begun.elapsed();

    let begun = Instant::now();
    let (mut members, mut flips) = (0_u64, 0_usize);
    let at = Timestamp::now();
    let listed = Impact::listed_at(&before, &after, &routes, at, usize::MAX, |member| {
        members += 1;
        flips += member.flips().count();
    })?;
    println!(
        "{} subjects, {} orgs, {} routes: {} members lose, {} gain; counted in {counted:.2?}; {members} listed with {flips} flips in {:.2?}",
        before.subjects().len(),
        before.orgs().len(),
        routes.routes().len(),
        impact.losing.members,
        impact.gaining.members,
        begun.elapsed(),
    );
    assert_eq!(listed, impact);
    Ok(())
}

/// A policy, and the same with a switch turned in every third org and a role that grants less.
fn policies(memberships: usize) -> Result<(PolicyDocument, PolicyDocument), Box<dyn Error>> {
    let mut text = String::from("version = 1\n");
    for at in 0..10 {
        writeln!(
            text,
            "resources.r{at} = [\"create\", \"read\", \"update\", \"delete\"]"
        )?;
        writeln!(
            text,
            "site.gates.r{at} = {{ switch = \"opt-out\", access = \"everyone\" }}"
        )?;
    }
    for (at, grants) in [
        "\"*:read\"",
        "\"*:read\", \"*:create\"",
        "\"*:*@own\"",
        "\"*:*\"",
    ]
    .iter()
    .enumerate()
    {
        writeln!(
            text,
            "org_roles.role{at} = {{ level = {at}, grants = [{grants}] }}"
        )?;
    }
    let mut before = PolicyText::toml(text).parse()?;
    let orgs = memberships.div_ceil(100);
    for at in 0..memberships {
        let id = format!("org-{:06}", at % orgs);
        let subject = format!("subject-{:08}", at / 2);
        let org = before.orgs.entry(id).or_default();
        let member = org.members.entry(subject).or_default();
        member.roles.push(format!("role{}", at * 7 % 4));
        if at % 20 == 0 {
            member.expires = Some("2099-01-01T00:00:00Z".parse()?);
        }
    }
    for (at, org) in before.orgs.values_mut().enumerate() {
        let gate = org.gates.entry(format!("r{}", at % 10)).or_default();
        gate.switch = Some(if at % 4 == 0 {
            OrgSwitch::Off
        } else {
            OrgSwitch::On
        });
        let own = org.roles.entry(format!("own-{at}")).or_default();
        own.level = Some(5);
        own.grants.push("r1:create".to_owned());
        if at % 10 == 9 {
            org.parent = Some(format!("org-{:06}", at - 1));
        }
    }
    let mut after = before.clone();
    for org in after.orgs.values_mut().step_by(3) {
        org.gates.entry("r0".to_owned()).or_default().switch = Some(OrgSwitch::Off);
    }
    if let Some(role) = after.org_roles.get_mut("role1") {
        role.grants.pop();
    }
    Ok((before, after))
}
