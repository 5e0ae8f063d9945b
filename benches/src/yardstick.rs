//! The store that a careful engineer would write by hand for one service:
//! three maps behind an `ArcSwap`, and the checks in a row.
//!
//! It knows no nested orgs, no owners, no scopes, no denials by roles, no
//! explanations. What a general engine costs is told as times this.

mod load;

use std::num::NonZeroU64;
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use rustc_hash::FxHashMap;

use crate::permission::{Mode, Permission};
use crate::population::{OrgSwitch, Population, SiteSwitch};

/// The hand-written store.
#[derive(Debug)]
pub struct Yardstick {
    facts: ArcSwap<Facts>,
}

/// What it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// Go on.
    Allow,
    /// Do not, and why.
    Deny(Code),
}

/// Why not, in the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Code {
    /// The subject was suspended.
    SubjectSuspended,
    /// The site switched the resource off, or never declared it.
    SiteOff,
    /// No site role grants it.
    SiteGrantMissing,
    /// The org does not exist, or the subject may not know it.
    NotAMember,
    /// The org's switch and the site's come out as off.
    OrgOff,
    /// No org role grants it.
    OrgGrantMissing,
    /// The subject stands too low for the mode.
    ModeFloor,
}

impl Code {
    /// The code's name, as a policy engine reports it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SubjectSuspended => "subject_suspended",
            Self::SiteOff => "site_off",
            Self::SiteGrantMissing => "site_grant_missing",
            Self::NotAMember => "not_a_member",
            Self::OrgOff => "org_off",
            Self::OrgGrantMissing => "org_grant_missing",
            Self::ModeFloor => "mode_floor",
        }
    }
}

#[derive(Debug)]
struct Facts {
    /// By the permission's number.
    rules: Vec<Rule>,
    subjects: FxHashMap<Box<str>, Subject>,
    orgs: FxHashMap<Box<str>, Org>,
    /// By the subject's number and the org's.
    memberships: FxHashMap<(u32, u32), Membership>,
}

/// All that the site says of one permission. Roles are turned around here:
/// not what a role grants, but which roles grant this, so that a check is one `&`.
#[derive(Debug, Clone, Copy)]
struct Rule {
    site_roles: u32,
    org_roles: u32,
    switch: SiteSwitch,
    everyone: bool,
    /// The level that each mode takes.
    floors: [u8; 2],
}

#[derive(Debug, Clone, Copy)]
struct Subject {
    number: u32,
    site_roles: u32,
    suspended: bool,
}

#[derive(Debug, Clone, Copy)]
struct Org {
    number: u32,
    /// A bit for each resource: the org said on.
    on: u8,
    /// A bit for each resource: the org said off.
    off: u8,
    public: bool,
}

#[derive(Debug, Clone, Copy)]
struct Membership {
    /// Seconds since 1970. No zero, so that "never" takes no room of its own.
    expires: Option<NonZeroU64>,
    roles: u32,
    level: u8,
}

impl Subject {
    /// Whoever the site does not know: active, without a role, member nowhere.
    const UNKNOWN: Self = Self {
        number: u32::MAX,
        site_roles: 0,
        suspended: false,
    };
}

impl Yardstick {
    /// May `subject` use `perm` in `org`?
    pub fn decide(&self, subject: &str, org: &str, perm: Permission, mode: Option<Mode>) -> Answer {
        match self.facts.load().check(subject, org, perm, mode) {
            Ok(()) => Answer::Allow,
            Err(code) => Answer::Deny(code),
        }
    }

    /// Takes over other facts while others go on deciding.
    pub fn replace(&self, population: &Population) {
        self.facts.store(Facts::load(population).into());
    }
}

impl Facts {
    fn check(
        &self,
        subject: &str,
        org: &str,
        perm: Permission,
        mode: Option<Mode>,
    ) -> Result<(), Code> {
        let subject = self.subjects.get(subject).unwrap_or(&Subject::UNKNOWN);
        if subject.suspended {
            return Err(Code::SubjectSuspended);
        }
        let rule = self.rules.get(perm.number()).ok_or(Code::SiteOff)?;
        if rule.switch == SiteSwitch::Off {
            return Err(Code::SiteOff);
        }
        if !rule.everyone && rule.site_roles & subject.site_roles == 0 {
            return Err(Code::SiteGrantMissing);
        }

        let org = self.orgs.get(org).ok_or(Code::NotAMember)?;
        let membership = self
            .memberships
            .get(&(subject.number, org.number))
            .filter(|one| one.is_current());
        if membership.is_none() && !org.public {
            return Err(Code::NotAMember);
        }
        let resource = 1 << perm.resource();
        let on = match rule.switch {
            SiteSwitch::Off => false,
            SiteSwitch::OptIn => org.on & resource != 0,
            SiteSwitch::OptOut => org.off & resource == 0,
            SiteSwitch::On => true,
        };
        if !on {
            return Err(Code::OrgOff);
        }
        let membership = membership.ok_or(Code::OrgGrantMissing)?;
        if rule.org_roles & membership.roles == 0 {
            return Err(Code::OrgGrantMissing);
        }

        let [foreground, background] = rule.floors;
        let floor = match mode {
            None => return Ok(()),
            Some(Mode::Foreground) => foreground,
            Some(Mode::Background) => background,
        };
        if membership.level < floor {
            return Err(Code::ModeFloor);
        }
        Ok(())
    }
}

impl Membership {
    /// Asks the clock only where there is an end to compare with.
    fn is_current(&self) -> bool {
        self.expires.is_none_or(|end| {
            // A clock before 1970 is a broken one: nothing that ends is current then.
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .is_ok_and(|now| now.as_secs() < end.get())
        })
    }
}
