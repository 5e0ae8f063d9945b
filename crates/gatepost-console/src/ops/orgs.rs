//! Orgs, listed and searched in the live facts.

use gatepost::{
    Because, FloorBecause, GateStanding, ModeStanding, OrgId, OrgStanding, Snapshot, SwitchStanding,
};

use super::asked::limit;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::OrgsQuery;
use crate::views::{BecauseView, GateView, ModeGateView, OrgRowView, OrgsView};

impl Kept {
    /// Orgs by id, with what is effective in each.
    ///
    /// A search looks at each of a million orgs behind the first, and copies none but those of the answer.
    pub(crate) async fn orgs(&self, query: &OrgsQuery) -> Result<OrgsView, Fault> {
        let facts = self.gate.snapshot()?;
        let query = query.clone();
        let found = tokio::task::spawn_blocking(move || search(&facts, &query)).await;
        found.map_err(|_| Fault::unsound())
    }
}

fn search(facts: &Snapshot, query: &OrgsQuery) -> OrgsView {
    let limit = limit(query.limit);
    let needle = query.q.as_deref().unwrap_or_default().to_lowercase();
    let after = query.after.as_deref();
    let fits = |org: &&OrgId| needle.is_empty() || contains(org.as_str(), &needle);
    // One more, which tells whether there are more.
    let found = facts.orgs_behind(after).filter(fits);
    let mut orgs: Vec<&OrgId> = found.take(limit.saturating_add(1)).collect();
    let more = orgs.len() > limit;
    orgs.truncate(limit);
    OrgsView {
        version: facts.version(),
        after: orgs.last().filter(|_| more).map(ToString::to_string),
        orgs: orgs
            .into_iter()
            .filter_map(|org| facts.standing(org))
            .map(|standing| row(&standing))
            .collect(),
    }
}

/// Whether an id contains what is looked for, which is in lower case.
fn contains(id: &str, needle: &str) -> bool {
    if id.is_ascii() {
        let mut windows = id.as_bytes().windows(needle.len());
        return windows.any(|window| window.eq_ignore_ascii_case(needle.as_bytes()));
    }
    id.to_lowercase().contains(needle)
}

/// What is effective in an org.
pub(super) fn row(standing: &OrgStanding) -> OrgRowView {
    let above = standing.path.iter().skip(1);
    OrgRowView {
        org: standing.org.to_string(),
        above: above.map(ToString::to_string).collect(),
        is_active: standing.is_active,
        suspended_by: standing.suspended_by.as_ref().map(ToString::to_string),
        is_public: standing.is_public,
        gates: standing.gates.iter().map(gate).collect(),
    }
}

fn gate(gate: &GateStanding) -> GateView {
    GateView {
        resource: gate.resource.clone(),
        site: gate.site,
        is_on: gate.switch.is_on,
        because: because(&gate.switch),
        foreground: mode(&gate.foreground),
        background: mode(&gate.background),
    }
}

fn mode(mode: &ModeStanding) -> ModeGateView {
    ModeGateView {
        site: mode.site,
        is_on: mode.switch.is_on,
        because: because(&mode.switch),
        floor: mode.floor.role.clone(),
        floor_level: i64::from(mode.floor.level),
        floor_because: floor_because(&mode.floor.because),
    }
}

fn because(standing: &SwitchStanding) -> BecauseView {
    let (why, org) = match &standing.because {
        Because::SiteOff => ("site_off", None),
        Because::SiteOn => ("site_on", None),
        Because::OrgOff(org) => ("org_off", Some(org)),
        Because::OrgOn(org) => ("org_on", Some(org)),
        Because::OptOut => ("opt_out", None),
        Because::OptIn => ("opt_in", None),
    };
    told(why, org, standing.because.to_string())
}

fn floor_because(because: &FloorBecause) -> BecauseView {
    let (why, org) = match because {
        FloorBecause::SiteFloor => ("site_floor", None),
        FloorBecause::SiteDefault => ("site_default", None),
        FloorBecause::Org(org) => ("org", Some(org)),
    };
    told(why, org, because.to_string())
}

fn told(why: &str, org: Option<&OrgId>, text: String) -> BecauseView {
    BecauseView {
        why: why.to_owned(),
        org: org.map(ToString::to_string),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orgs_are_found_in_pages_whatever_the_case() {
        let facts = gatepost::PolicyText::toml(
            "version = 1\n[orgs]\nacme = {}\nACME-2 = {}\n\"\u{dc}ber-acme\" = {}\ninitech = {}\n",
        );
        let facts = facts.compile(3).unwrap();
        let ask = |q: &str, after: Option<&str>, limit| {
            let query = OrgsQuery {
                q: Some(q.to_owned()),
                after: after.map(str::to_owned),
                limit: Some(limit),
            };
            let found = search(&facts, &query);
            let orgs: Vec<_> = found.orgs.into_iter().map(|row| row.org).collect();
            (orgs, found.after)
        };
        assert_eq!(
            ask("Acme", None, 2),
            (vec!["ACME-2".into(), "acme".into()], Some("acme".into()))
        );
        assert_eq!(
            ask("Acme", Some("acme"), 2),
            (vec!["\u{dc}ber-acme".into()], None)
        );
        assert_eq!(ask("\u{fc}BER", None, 2).0, ["\u{dc}ber-acme"]);
        assert_eq!(ask("", None, 9).0.len(), 4);
        assert_eq!(ask("nobody", None, 9), (vec![], None));
    }
}
