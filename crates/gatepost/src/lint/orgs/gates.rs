//! What an org says at its post of a gate, judged by the site's post and by the orgs above.

use super::{FindingKind, Heard, HeardMode, SwitchOf, Walk};
use crate::lint::model::{Floor, ModeGate};
use crate::policy::{KeyPath, OrgGateDocument, OrgModeDocument};
use crate::vocabulary::{Mode, OrgSwitch, SiteSwitch};

impl<'d> HeardMode<'d> {
    /// The floor that holds below, and who set it where it was an org.
    fn floor(&self, site: &ModeGate<'d>) -> Floor<'d> {
        let min_role = self.min_role.map_or(site.default, |(floor, _)| floor);
        site.floor.max(min_role)
    }
}

impl<'d> Heard<'d> {
    fn mode(&mut self, mode: Mode) -> &mut HeardMode<'d> {
        match mode {
            Mode::Foreground => &mut self.foreground,
            Mode::Background => &mut self.background,
        }
    }
}

impl<'d> Walk<'d, '_> {
    /// Judges what an org says of a resource; what has then been heard on the path to it is returned.
    pub(super) fn gate(
        &mut self,
        org: &'d str,
        resource: &'d str,
        gate: &'d OrgGateDocument,
        path: &dyn Fn() -> KeyPath,
    ) -> Heard<'d> {
        let above = self.heard.get(resource).and_then(|heard| heard.last());
        let mut heard = above.copied().unwrap_or_default();
        let site = self.model.gate(resource).copied();
        let switch = site.map_or(SiteSwitch::Off, |site| site.switch);
        self.switch((resource, None), gate.switch, switch, heard.off, path);
        if gate.switch == Some(OrgSwitch::Off) {
            heard.off = heard.off.or(Some(org));
        }
        for (mode, said) in modes(gate) {
            let at = || path().key(mode.as_str());
            let site = site.map(|site| *site.mode(mode));
            let heard = heard.mode(mode);
            let switch = site.map_or(SiteSwitch::Off, |site| site.switch);
            self.switch((resource, Some(mode)), said.switch, switch, heard.off, &at);
            if said.switch == Some(OrgSwitch::Off) {
                heard.off = heard.off.or(Some(org));
            }
            if let Some(name) = &said.min_role {
                let floor = self.model.floor(name);
                self.below_floor(floor, site, heard.min_role, &at);
                heard.min_role = match heard.min_role {
                    Some((higher, of)) if higher.level >= floor.level => Some((higher, of)),
                    _ => Some((floor, org)),
                };
            }
        }
        self.background_below_foreground(resource, gate, &heard, path);
        heard
    }

    fn switch(
        &mut self,
        of: SwitchOf<'d>,
        said: Option<OrgSwitch>,
        site: SiteSwitch,
        off_above: Option<&str>,
        path: &dyn Fn() -> KeyPath,
    ) {
        let Some(said) = said else { return };
        *self.standing.said.entry(of).or_default() += 1;
        let message = match (site, said, off_above) {
            (SiteSwitch::On, _, _) => {
                "the site's switch is `on`: orgs have no say in it".to_owned()
            }
            (SiteSwitch::OptIn | SiteSwitch::OptOut, OrgSwitch::On, Some(ancestor)) => {
                format!("`{ancestor}` above it says `off`, which no `on` below lifts")
            }
            (SiteSwitch::OptIn | SiteSwitch::OptOut, OrgSwitch::On, None) => {
                self.standing.opened.insert(of);
                return;
            }
            // That it is off is told once, of the site's gate.
            (SiteSwitch::Off, _, _)
            | (SiteSwitch::OptIn | SiteSwitch::OptOut, OrgSwitch::Off, _) => return,
        };
        self.findings
            .add(FindingKind::NoSay, path().key("switch"), message);
    }

    fn below_floor(
        &mut self,
        floor: Floor<'_>,
        site: Option<ModeGate<'_>>,
        above: Option<(Floor<'_>, &str)>,
        path: &dyn Fn() -> KeyPath,
    ) {
        let role = floor.role;
        let message = match (site, above) {
            (Some(site), _) if floor.level < site.floor.level => {
                let holds = site.floor.role;
                format!("`{role}` is below the site's floor `{holds}`, which holds")
            }
            (_, Some((higher, org))) if floor.level < higher.level => {
                let holds = higher.role;
                format!("`{role}` is below `{holds}` of `{org}` above it, which holds")
            }
            _ => return,
        };
        let path = path().key("min_role");
        self.findings.add(FindingKind::BelowFloor, path, message);
    }

    /// Only an org that sets a `min_role` itself is told.
    fn background_below_foreground(
        &mut self,
        resource: &str,
        gate: &OrgGateDocument,
        heard: &Heard<'d>,
        path: &dyn Fn() -> KeyPath,
    ) {
        let Some(site) = self.model.gate(resource) else {
            return;
        };
        let set = modes(gate).filter(|(_, said)| said.min_role.is_some());
        let Some((mode, _)) = set.last() else { return };
        let (foreground, background) = (site.mode(Mode::Foreground), site.mode(Mode::Background));
        let off = SiteSwitch::Off;
        let is_off = [site.switch, foreground.switch, background.switch].contains(&off)
            || heard.background.off.is_some();
        let (foreground, background) = (
            heard.foreground.floor(foreground),
            heard.background.floor(background),
        );
        if is_off || background.level >= foreground.level {
            return;
        }
        let message = format!(
            "here `{}` may queue what only `{}` may wait for",
            background.role, foreground.role
        );
        let path = path().key(mode.as_str()).key("min_role");
        self.findings
            .add(FindingKind::BackgroundBelowForeground, path, message);
    }

    /// `reach` is the highest level of a member above, in or below the org, where there is any.
    pub(super) fn unreached(
        &mut self,
        org: &str,
        resource: &str,
        gate: &'d OrgGateDocument,
        reach: Option<i64>,
    ) {
        let (Some(site), Some(reach)) = (self.model.gate(resource), reach) else {
            return;
        };
        for (mode, said) in modes(gate) {
            let off = [site.switch, site.mode(mode).switch].contains(&SiteSwitch::Off);
            let floor = said.min_role.as_ref().map(|name| self.model.floor(name));
            let Some(floor) = floor.filter(|floor| floor.level > reach && !off) else {
                continue;
            };
            let path = KeyPath::of(["orgs", org, "gates", resource, mode.as_str(), "min_role"]);
            let message = format!("no member here reaches `{}`", floor.role);
            self.findings
                .add(FindingKind::UnreachedFloor, path, message);
        }
    }
}

fn modes(gate: &OrgGateDocument) -> impl Iterator<Item = (Mode, &OrgModeDocument)> {
    let modes = [
        (Mode::Foreground, &gate.foreground),
        (Mode::Background, &gate.background),
    ];
    modes
        .into_iter()
        .filter_map(|(mode, said)| Some((mode, said.as_ref()?)))
}
