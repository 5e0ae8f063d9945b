//! What holds in an org as it stands, and who has said so.
//!
//! Nothing is decided here: what the path of an org says together is read as the decision reads it.

mod because;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::decision::OrgView;
use crate::id::OrgId;
use crate::snapshot::{Floor, ModeGate, Org, OrgIndex, SiteGate, Snapshot};
use crate::vocabulary::{Mode, Said, SiteSwitch};

pub use because::{Because, FloorBecause};

/// How an org stands: whether it takes part, and what is switched on in it.
///
/// ```
/// use gatepost::{OrgId, PolicyText};
///
/// let facts = PolicyText::toml(r#"
/// version = 1
/// resources.chat = ["read"]
/// site.gates.chat.switch = "opt-out"
/// orgs.holding.gates.chat.switch = "off"
/// orgs.acme.parent = "holding"
/// "#).compile(1)?;
/// let standing = facts.standing(&OrgId::new("acme")?).ok_or("there is such an org")?;
///
/// assert!(standing.is_active);
/// assert_eq!(standing.gates[0].switch.to_string(), "off: closed by holding");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OrgStanding {
    /// The org.
    pub org: OrgId,
    /// The org itself, then each org that it lies under, up to the root.
    pub path: Vec<OrgId>,
    /// Whether the org and all that it lies under are active: check 10.
    pub is_active: bool,
    /// The org that is suspended; of several the one nearest to the root.
    pub suspended_by: Option<OrgId>,
    /// Whether the org and all that it lies under are public.
    pub is_public: bool,
    /// What holds of each resource that the policy declares, in the order of names.
    pub gates: Vec<GateStanding>,
}

/// How the gate of one resource stands in an org, for the actions that it governs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GateStanding {
    /// The resource.
    pub resource: String,
    /// The site's switch.
    pub site: SiteSwitch,
    /// Whether the resource is on here: checks 4 and 11.
    pub switch: SwitchStanding,
    /// How work that the caller waits for stands.
    pub foreground: ModeStanding,
    /// How work that is queued stands.
    pub background: ModeStanding,
}

/// How one mode of a gate stands in an org.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ModeStanding {
    /// The site's switch of the mode.
    pub site: SiteSwitch,
    /// Whether the mode is on here: checks 7 and 12.
    pub switch: SwitchStanding,
    /// The lowest role that may run it: check 15.
    pub floor: FloorStanding,
}

/// Whether something is on in an org, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SwitchStanding {
    /// Whether it is on.
    pub is_on: bool,
    /// Why.
    pub because: Because,
}

/// The lowest role that may run a mode in an org, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FloorStanding {
    /// The role of `org_roles`, or `everyone`.
    pub role: String,
    /// Its level.
    pub level: i32,
    /// Who has said so.
    pub because: FloorBecause,
}

/// The position of a resource that there is not: no org says anything of it.
const NO_RESOURCE: u32 = u32::MAX;

impl Snapshot {
    /// How an org stands; nothing where there is no such org.
    ///
    /// It says what holds of an org whoever asks: the switches for the actions that a gate governs, the floors for
    /// all of them.
    pub fn standing(&self, org: &OrgId) -> Option<OrgStanding> {
        let (index, org) = self.org_of(org)?;
        let path: Vec<_> = self.path(index).collect();
        let view = OrgView::of_path(self, index, NO_RESOURCE);
        let suspended = path.iter().rev().find(|(_, org)| !org.active);
        let gates = self.gated_resources().filter_map(|(row, name)| {
            let at = At {
                facts: self,
                index,
                path: &path,
                row,
            };
            Some(at.gate(name, self.site_gate(row)?))
        });
        Some(OrgStanding {
            org: org.id.clone(),
            is_active: view.active,
            suspended_by: suspended.map(|(_, org)| org.id.clone()),
            is_public: view.public,
            gates: gates.collect(),
            path: path.into_iter().map(|(_, org)| org.id.clone()).collect(),
        })
    }
}

/// One resource in one org.
struct At<'a> {
    facts: &'a Snapshot,
    index: OrgIndex,
    /// From the org to the root.
    path: &'a [(OrgIndex, &'a Org)],
    row: u32,
}

impl At<'_> {
    fn gate(&self, name: &str, site: &SiteGate) -> GateStanding {
        let view = OrgView::of_path(self.facts, self.index, self.row);
        let mode = |mode: Mode| {
            let gate = site.mode(mode);
            ModeStanding {
                site: gate.switch,
                switch: self.switch(Some(mode), gate.switch, view.gate.mode_switch(mode)),
                floor: self.floor(mode, gate, view.floor(mode, gate)),
            }
        };
        GateStanding {
            resource: name.to_owned(),
            site: site.switch,
            switch: self.switch(None, site.switch, view.gate.switch()),
            foreground: mode(Mode::Foreground),
            background: mode(Mode::Background),
        }
    }

    /// Whether a switch is on, by what the path has said together.
    fn switch(&self, mode: Option<Mode>, site: SiteSwitch, said: Said) -> SwitchStanding {
        let is_on = site.on_when().holds(said);
        let because = match site {
            SiteSwitch::Off => Because::SiteOff,
            SiteSwitch::On => Because::SiteOn,
            SiteSwitch::OptIn | SiteSwitch::OptOut => {
                // An `off` is told of whoever is farthest away: the others could not lift it.
                let saying = |word| {
                    self.path
                        .iter()
                        .filter(move |org| self.says(**org, mode, word))
                };
                let off = saying(Said::OFF).next_back().filter(|_| !is_on);
                let on = saying(Said::ON).next().filter(|_| is_on);
                match (off, on) {
                    (Some((_, org)), _) => Because::OrgOff(org.id.clone()),
                    (None, Some((_, org))) => Because::OrgOn(org.id.clone()),
                    (None, None) if is_on => Because::OptOut,
                    (None, None) => Because::OptIn,
                }
            }
        };
        SwitchStanding { is_on, because }
    }

    /// Whether the org itself says this word of the resource's switch, or of a mode's.
    fn says(&self, org: (OrgIndex, &Org), mode: Option<Mode>, word: Said) -> bool {
        let gate = self.facts.org_gate(org, self.row);
        gate.is_some_and(|gate| {
            word == mode.map_or_else(|| gate.switch(), |mode| gate.mode_switch(mode))
        })
    }

    fn floor(&self, mode: Mode, site: &ModeGate, floor: Floor) -> FloorStanding {
        let sets = |org: &&(OrgIndex, &Org)| {
            let gate = self.facts.org_gate(**org, self.row);
            gate.is_some_and(|gate| gate.min_role(mode) == floor)
        };
        let because = if floor == site.floor {
            FloorBecause::SiteFloor
        } else {
            let org = self.path.iter().rev().find(sets);
            org.map_or(FloorBecause::SiteDefault, |(_, org)| {
                FloorBecause::Org(org.id.clone())
            })
        };
        FloorStanding {
            role: self.facts.role_name(floor.role()).to_owned(),
            level: floor.level(),
            because,
        }
    }
}
