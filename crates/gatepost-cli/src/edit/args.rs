//! The commands that change a policy in a store, and their arguments.

use clap::{Args, Subcommand};
use gatepost::{Access, Kind, Mode, OrgSwitch, SiteSwitch, Timestamp, Visibility};

use crate::request::word;
use crate::source::StoreArg;

/// Who writes, why, and where.
#[derive(Debug, Args)]
#[command(next_help_heading = "Every change")]
pub(crate) struct WriteArgs {
    #[command(flatten)]
    pub(crate) store: StoreArg,
    /// Why, for the audit log
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who you are, for the audit log: a claim, which is kept as one [default: your account's name]
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) author: Option<String>,
    /// Refuse where what the change is about was changed since this version
    #[arg(long, value_name = "VERSION")]
    pub(crate) based_on: Option<u64>,
    /// Return only when no replica decides by an older version any more, and say of each how that is known
    #[arg(long)]
    pub(crate) wait: bool,
    /// Print a JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Change what the site decides
#[derive(Debug, Subcommand)]
pub(crate) enum SiteCommand {
    /// Turn the switch of a resource, or of one of its modes
    ///
    /// `off` is the kill switch: off for everyone, site admins included; actions that the gate does not
    /// govern (`gatepost site actions`) go on. `opt-in`: off unless the org says
    /// on. `opt-out`: on unless the org says off. `on`: on in every org, orgs have no say.
    Switch {
        /// The resource
        resource: String,
        /// What it is turned to
        #[arg(value_parser = word(SiteSwitch::ALL, SiteSwitch::as_str))]
        to: SiteSwitch,
        #[command(flatten)]
        mode: ModeArg,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Set the lowest role that may run a mode anywhere
    Floor {
        #[command(flatten)]
        floor: FloorArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Set the floor of a mode in orgs that set none
    Default {
        #[command(flatten)]
        floor: FloorArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Say who passes the site's gate: whoever a site role grants it, or everyone
    Access {
        /// The resource
        resource: String,
        /// Who passes
        #[arg(value_parser = word(Access::ALL, Access::as_str))]
        access: Access,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Say which actions the site's gate governs
    Actions {
        /// The resource
        resource: String,
        /// The actions; without any, all of the resource
        actions: Vec<String>,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Give, take and define site roles
    #[command(subcommand)]
    Role(SiteRoleCommand),
}

/// Give, take and define site roles
#[derive(Debug, Subcommand)]
pub(crate) enum SiteRoleCommand {
    /// Give a subject a site role
    Add {
        /// The subject
        subject: String,
        /// The role
        role: String,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Take a site role from a subject
    Remove {
        /// The subject
        subject: String,
        /// The role
        role: String,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Define a site role, in place of one of that name
    Define {
        /// The role
        role: String,
        /// What it grants, or denies with a `!` in front; may be given more than once
        #[arg(long = "grant", value_name = "GRANT")]
        grants: Vec<String>,
        /// Its grants reach into every org
        #[arg(long)]
        all_orgs: bool,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// Change an org
#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Turn the org's switch of a resource, or of one of its modes
    Switch {
        /// The org
        org: String,
        /// The resource
        resource: String,
        /// What it is turned to; `unset`: the org says nothing
        #[arg(value_parser = word(SaidOrNot::ALL, SaidOrNot::as_str))]
        to: SaidOrNot,
        #[command(flatten)]
        mode: ModeArg,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Set the lowest role that may run a mode in the org
    Floor {
        /// The org
        org: String,
        #[command(flatten)]
        floor: FloorArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Create an org
    Create {
        /// The org
        org: String,
        /// The org that it lies under
        #[arg(long, value_name = "ORG")]
        parent: Option<String>,
        /// Who may know of it [default: private]
        #[arg(long, value_name = "VISIBILITY", value_parser = word(Visibility::ALL, Visibility::as_str))]
        visibility: Option<Visibility>,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Refuse everyone in the org and below it
    Suspend {
        /// The org
        org: String,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Let a suspended org take part again
    Resume {
        /// The org
        org: String,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Say who may know of the org
    Visibility {
        /// The org
        org: String,
        /// Who may know of it
        #[arg(value_parser = word(Visibility::ALL, Visibility::as_str))]
        visibility: Visibility,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Put the org under another one
    Parent {
        /// The org
        org: String,
        /// The org that it lies under
        #[arg(required_unless_present = "unset")]
        parent: Option<String>,
        /// It lies under none
        #[arg(long, conflicts_with = "parent")]
        unset: bool,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// Change who is a member of an org
#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// Give a subject a role in an org
    Add {
        /// The org
        org: String,
        /// The subject
        subject: String,
        /// The role
        role: String,
        /// When the membership is over, with all its roles; refused where it differs from the one in force
        #[arg(long, value_name = "TIME")]
        expires: Option<Timestamp>,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Take a role in an org from a subject; with its last role the membership ends
    Remove {
        /// The org
        org: String,
        /// The subject
        subject: String,
        /// The role
        role: String,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// Change a subject
#[derive(Debug, Subcommand)]
pub(crate) enum SubjectCommand {
    /// Refuse the subject everywhere
    Suspend {
        /// The subject
        subject: String,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Let a suspended subject take part again
    Resume {
        /// The subject
        subject: String,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Say what the subject is
    Kind {
        /// The subject
        subject: String,
        /// What it is
        #[arg(value_parser = word(Kind::ALL, Kind::as_str))]
        kind: Kind,
        #[command(flatten)]
        write: WriteArgs,
    },
    /// Say where the subject works when a request names no org
    DefaultOrg {
        /// The subject
        subject: String,
        /// The org
        #[arg(required_unless_present = "unset")]
        org: Option<String>,
        /// It has none
        #[arg(long, conflicts_with = "org")]
        unset: bool,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// Define the roles that members hold
#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// Define a role, in place of one of that name
    Define {
        /// The role
        role: String,
        /// The org whose own role it is; without it, members of every org can hold it
        #[arg(long, value_name = "ORG")]
        org: Option<String>,
        /// Its place on the ladder that floors compare with; only `anyone` has none
        #[arg(long, value_name = "LEVEL")]
        level: Option<i64>,
        /// What it grants, or denies with a `!` in front; may be given more than once
        #[arg(long = "grant", value_name = "GRANT")]
        grants: Vec<String>,
        /// A role whose grants it has as well; may be given more than once
        #[arg(long, value_name = "ROLE")]
        include: Vec<String>,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// Declare resources
#[derive(Debug, Subcommand)]
pub(crate) enum ResourceCommand {
    /// Declare a resource and its actions, in place of what is declared
    Define {
        /// The resource
        resource: String,
        /// Every action that it has
        #[arg(required = true)]
        actions: Vec<String>,
        #[command(flatten)]
        write: WriteArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ModeArg {
    /// Of this mode alone; without it the resource's own switch is meant
    #[arg(long, value_name = "MODE", value_parser = word(Mode::ALL, Mode::as_str))]
    pub(crate) mode: Option<Mode>,
}

#[derive(Debug, Args)]
pub(crate) struct FloorArgs {
    /// The resource
    pub(crate) resource: String,
    /// The mode
    #[arg(value_parser = word(Mode::ALL, Mode::as_str))]
    pub(crate) mode: Mode,
    /// A role that members of every org can hold, or `everyone`
    #[arg(required_unless_present = "unset")]
    pub(crate) role: Option<String>,
    /// Set none
    #[arg(long, conflicts_with = "role")]
    pub(crate) unset: bool,
}

/// What an org says of a switch, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SaidOrNot {
    On,
    Off,
    Unset,
}

impl SaidOrNot {
    const ALL: &[Self] = &[Self::On, Self::Off, Self::Unset];

    fn as_str(self) -> &'static str {
        match self {
            Self::On => OrgSwitch::On.as_str(),
            Self::Off => OrgSwitch::Off.as_str(),
            Self::Unset => "unset",
        }
    }

    pub(crate) fn said(self) -> Option<OrgSwitch> {
        match self {
            Self::On => Some(OrgSwitch::On),
            Self::Off => Some(OrgSwitch::Off),
            Self::Unset => None,
        }
    }
}
