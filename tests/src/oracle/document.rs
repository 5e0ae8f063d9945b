//! The policy document, as plain owned data with the page's defaults filled in.

use super::grant::Grant;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Document {
    pub(super) resources: BTreeMap<String, BTreeSet<String>>,
    pub(super) site: Site,
    pub(super) org_roles: BTreeMap<String, OrgRole>,
    pub(super) orgs: BTreeMap<String, Org>,
    pub(super) subjects: BTreeMap<String, Subject>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Site {
    pub(super) gates: BTreeMap<String, SiteGate>,
    pub(super) roles: BTreeMap<String, SiteRole>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct SiteGate {
    pub(super) switch: Switch,
    pub(super) access: Access,
    pub(super) actions: Option<BTreeSet<String>>,
    pub(super) foreground: SiteMode,
    pub(super) background: SiteMode,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct SiteMode {
    pub(super) switch: Switch,
    pub(super) floor: String,
    pub(super) default: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Switch {
    Off,
    OptIn,
    OptOut,
    On,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Access {
    Granted,
    Everyone,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SiteRole {
    pub(super) grants: Vec<Grant>,
    pub(super) all_orgs: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OrgRole {
    pub(super) level: i64,
    pub(super) grants: Vec<Grant>,
    pub(super) include: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Org {
    pub(super) parent: Option<String>,
    pub(super) status: Status,
    pub(super) visibility: Visibility,
    pub(super) members: BTreeMap<String, Membership>,
    pub(super) gates: BTreeMap<String, OrgGate>,
    pub(super) roles: BTreeMap<String, OrgRole>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Membership {
    pub(super) roles: Vec<String>,
    #[serde(deserialize_with = "super::request::moment")]
    pub(super) expires: Option<jiff::Timestamp>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OrgGate {
    pub(super) switch: Option<OrgSwitch>,
    pub(super) foreground: OrgMode,
    pub(super) background: OrgMode,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OrgMode {
    pub(super) switch: Option<OrgSwitch>,
    pub(super) min_role: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum OrgSwitch {
    On,
    Off,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Subject {
    pub(super) kind: Kind,
    pub(super) status: Status,
    pub(super) site_roles: Vec<String>,
    pub(super) default_org: Option<String>,
}

// "`visibility` absent is `private`, `status` `active`, `kind` `user`."

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    #[default]
    User,
    Service,
    Agent,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    #[default]
    Active,
    Suspended,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Visibility {
    #[default]
    Private,
    Public,
}

/// "`access` absent is `granted`." A gate without a switch is off, by the stricter reading.
impl Default for SiteGate {
    fn default() -> Self {
        Self {
            switch: Switch::Off,
            access: Access::Granted,
            actions: None,
            foreground: SiteMode::default(),
            background: SiteMode::default(),
        }
    }
}

/// "A mode's switch absent is `opt-out` (an org may close that mode for itself), its floor absent
/// is `everyone`, its default absent is its floor."
impl Default for SiteMode {
    fn default() -> Self {
        Self {
            switch: Switch::OptOut,
            floor: "everyone".to_owned(),
            default: None,
        }
    }
}

impl Document {
    pub(super) fn read(policy: &Value) -> Result<Self, String> {
        let mut document = Self::deserialize(policy).map_err(|error| error.to_string())?;
        document.add_the_consoles_own_resources();
        Ok(document)
    }

    /// "Resources `gatepost-*` are the console's own: built in, always switched on with `access =
    /// "granted"`, no modes". A site's `on` leaves orgs no say. Having no modes is written as both modes being off, so that a mode
    /// asked of them fails the check of the mode's site switch.
    fn add_the_consoles_own_resources(&mut self) {
        self.resources
            .retain(|name, _| !name.starts_with("gatepost-"));
        for (name, actions) in [
            ("gatepost-site", ["read", "update"].as_slice()),
            ("gatepost-org", &["read", "update"]),
            ("gatepost-audit", &["read"]),
        ] {
            let actions = actions.iter().map(|&action| action.to_owned()).collect();
            self.resources.insert(name.to_owned(), actions);
            self.site.gates.insert(name.to_owned(), built_in_gate());
        }
    }
}

fn built_in_gate() -> SiteGate {
    let no_mode = || SiteMode {
        switch: Switch::Off,
        ..SiteMode::default()
    };
    SiteGate {
        switch: Switch::On,
        foreground: no_mode(),
        background: no_mode(),
        ..SiteGate::default()
    }
}

impl SiteGate {
    /// The gate's side of a mode. There are two modes; a word that is neither counts as the one
    /// that asks for more.
    pub(super) fn mode(&self, mode: &str) -> &SiteMode {
        match mode {
            "foreground" => &self.foreground,
            _ => &self.background,
        }
    }
}

impl OrgGate {
    /// As on the site.
    pub(super) fn mode(&self, mode: &str) -> &OrgMode {
        match mode {
            "foreground" => &self.foreground,
            _ => &self.background,
        }
    }
}

impl SiteMode {
    /// "Its default absent is its floor."
    pub(super) fn default_role(&self) -> &str {
        self.default.as_deref().unwrap_or(&self.floor)
    }
}
