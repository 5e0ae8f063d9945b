//! The site's gates: those that nobody passes, and those that do nothing.

use super::model::{Gate, Model};
use super::orgs::{Standing, SwitchOf};
use super::usage::Usage;
use super::{FindingKind, Findings};
use crate::policy::{KeyPath, PolicyDocument, SiteGateDocument};
use crate::vocabulary::{Access, Mode, SiteSwitch};

pub(super) fn lint(
    document: &PolicyDocument,
    model: &Model<'_>,
    standing: &Standing<'_>,
    findings: &mut Findings,
) {
    let usage = Usage::of(document);
    for (resource, actions) in &document.resources {
        let path = || KeyPath::of(["resources", resource]);
        if actions.is_empty() {
            let message = format!("no action of `{resource}` is declared");
            findings.add(FindingKind::EmptyGate, path(), message);
            continue;
        }
        let gate = document.site.gates.get(resource);
        let (Some(gate), Some(filled_in)) = (gate, model.gate(resource)) else {
            let message = format!("`{resource}` has no gate, so it is off for everyone");
            findings.add(FindingKind::UngatedResource, path(), message);
            continue;
        };
        let mut site = Site {
            document,
            resource,
            governed: gate.actions.as_deref().unwrap_or(actions),
            gate: filled_in,
            usage: &usage,
            standing,
            findings,
        };
        site.switches(gate);
        if filled_in.switch != SiteSwitch::Off {
            site.nobody_passes(gate);
            site.nobody_in_org(actions);
        }
    }
}

/// One site gate under judgement.
struct Site<'d, 's> {
    document: &'d PolicyDocument,
    resource: &'d str,
    governed: &'d [String],
    gate: &'s Gate<'d>,
    usage: &'s Usage<'d>,
    standing: &'s Standing<'d>,
    findings: &'s mut Findings,
}

impl Site<'_, '_> {
    fn path(&self) -> KeyPath {
        KeyPath::of(["site", "gates", self.resource])
    }

    fn switches(&mut self, gate: &SiteGateDocument) {
        let resource = self.resource;
        if gate.switch.is_none() {
            let message = format!("the gate has no `switch`, so `{resource}` is off for everyone");
            self.findings
                .add(FindingKind::UngatedResource, self.path(), message);
            return;
        }
        if gate.actions.as_ref().is_some_and(Vec::is_empty) {
            let message = "the gate governs no action, so its switches and its access never apply";
            let path = self.path().key("actions");
            self.findings.add(FindingKind::EmptyGate, path, message);
            return;
        }
        self.switch((resource, None), self.gate.switch, self.path());
        if self.gate.switch == SiteSwitch::Off {
            return;
        }
        for mode in [Mode::Foreground, Mode::Background] {
            let path = self.path().key(mode.as_str());
            self.switch((resource, Some(mode)), self.gate.mode(mode).switch, path);
        }
    }

    fn switch(&mut self, of: SwitchOf<'_>, switch: SiteSwitch, path: KeyPath) {
        let (resource, mode) = of;
        let what = match mode {
            None => format!("`{resource}`"),
            Some(mode) => format!("{mode} of `{resource}`"),
        };
        match switch {
            SiteSwitch::Off => self.off(of, &what, path),
            SiteSwitch::OptIn => {
                let opened = self.standing.opened.contains(&of) || self.document.orgs.is_empty();
                if !opened {
                    let message = format!("{what} is opt-in and no org has opted in");
                    self.findings
                        .add(FindingKind::UnopenedGate, path.key("switch"), message);
                }
            }
            SiteSwitch::OptOut | SiteSwitch::On => {}
        }
    }

    /// A kill switch is nothing suspicious, but what it has made idle is worth a line.
    fn off(&mut self, of: SwitchOf<'_>, what: &str, path: KeyPath) {
        let said = self.standing.said.get(&of).copied().unwrap_or(0);
        let named = self.usage.governed.get(&of);
        let grants = named.map(|named| {
            let grants = counted(named.count, "grant", "grants");
            format!("{grants} (the first is `{}`)", named.first)
        });
        let switches = (said > 0).then(|| counted(said, "org switch", "org switches"));
        let idle: Vec<String> = grants.into_iter().chain(switches).collect();
        if idle.is_empty() {
            return;
        }
        let idle = idle.join(" and ");
        let message = format!("{what} is off for everyone, which leaves {idle} without effect");
        self.findings
            .add(FindingKind::OffGate, path.key("switch"), message);
    }

    fn nobody_passes(&mut self, gate: &SiteGateDocument) {
        if gate.access == Some(Access::Everyone) || self.governed.is_empty() {
            return;
        }
        let resource = self.resource;
        let path = match gate.access {
            Some(_) => self.path().key("access"),
            None => self.path(),
        };
        let ungranted: Vec<&str> = self
            .governed
            .iter()
            .filter(|action| !self.usage.of_site.covers(resource, action))
            .map(String::as_str)
            .collect();
        let held = |action: &String| self.usage.of_held_site_roles.covers(resource, action);
        let message = if ungranted.len() == self.governed.len() {
            format!("access is by grant and no site role grants `{resource}`: nobody passes")
        } else if !ungranted.is_empty() {
            let actions = ungranted.join("`, `");
            format!("access is by grant and no site role grants `{actions}`: nobody passes")
        } else if !self.document.subjects.is_empty() && !self.governed.iter().any(held) {
            format!("no active subject holds a site role that grants `{resource}`: nobody passes")
        } else {
            return;
        };
        self.findings.add(FindingKind::NobodyPasses, path, message);
    }

    fn nobody_in_org(&mut self, actions: &[String]) {
        let resource = self.resource;
        let without_orgs = self.document.orgs.is_empty() && self.document.org_roles.is_empty();
        let granted = |action: &String| self.usage.in_orgs.covers(resource, action);
        if without_orgs || actions.iter().any(granted) {
            return;
        }
        let message =
            format!("no org role grants any action of `{resource}`: nobody may in an org");
        self.findings
            .add(FindingKind::NobodyInOrg, self.path(), message);
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
