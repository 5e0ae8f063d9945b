//! Gatepost decides, before a handler runs, whether a subject may do an action
//! on a resource in an org, and whether the work may run in the foreground or
//! in the background.
//!
//! A gate hangs on two posts: the site's and the org's. Both must hold.

#[cfg(feature = "revocation")]
mod again;
mod body;
mod changes;
mod code;
mod decision;
mod decision_id;
mod denial;
mod evaluation;
mod explain;
mod gate;
mod grant;
mod head;
mod holding;
mod id;
mod impact;
mod inventory;
#[cfg(feature = "revocation")]
mod keeper;
mod kills;
mod lease;
mod lint;
mod matrix;
mod membership;
mod passage;
mod permit;
mod policy;
mod problem;
mod report_only;
mod request;
mod requirement;
#[cfg(feature = "revocation")]
mod revoked;
mod snapshot;
mod standing;
mod subject;
mod target;
mod texts;
#[cfg(feature = "tickets")]
mod ticket;
mod time;
mod vocabulary;
#[cfg(feature = "revocation")]
mod waiting;
mod world;

pub use body::json_member;
pub use changes::{Changed, Changes};
pub use code::{Code, CodeClass, Tier};
pub use decision::{Allow, Check, Decision, Deny, Need, Reach, Step, Whose, decide};
pub use decision_id::DecisionId;
pub use denial::Denial;
pub use evaluation::{Evaluation, NamedOrg, Next};
pub use explain::{
    ChangePlace, ExplainedDecision, ExplainedLine, ExplainedPart, Explanation, NeededInput,
    Outcome, explain,
};
pub use gate::{Feed, Gate, Health};
pub use grant::{BUILT_IN_PREFIX, Grant, GrantError};
pub use head::{Given, RequestHead};
pub use holding::{Excess, Gain, Holding};
pub use id::{IdError, MAX_ID_BYTES, MAX_NAME_BYTES, OrgId, SubjectId, check_id, check_name};
pub use impact::{
    Impact, ImpactError, ImpactExample, ImpactFlip, ImpactLeftOut, ImpactMember, ImpactRoute,
    ImpactSide,
};
pub use inventory::{
    Inventory, InventoryChange, InventoryChanges, InventoryError, InventoryRoute, RequiredMode,
    RequiredResource, RequirementRecord, RouteAccess,
};
pub use kills::{Kills, KillsError};
pub use lease::Clock;
pub use lint::{
    Finding, FindingKind, Severity, lint, lint_document, lint_routes, lint_with_routes,
};
pub use matrix::{
    Matrix, MatrixCell, MatrixChange, MatrixChanges, MatrixError, MatrixTextError, OrgMatrix,
    OrgMatrixRole, OrgMatrixRow,
};
pub use membership::{LoadedMemberships, LoadingMemberships, MembershipSource};
pub use passage::{Passage, Unenforced};
pub use permit::Permit;
pub use policy::{
    FORMAT_VERSION, KeyPath, MemberDocument, OrgDocument, OrgGateDocument, OrgModeDocument,
    OrgRoleDocument, PolicyDocument, PolicyError, PolicyFormat, PolicyText, Problem, SiteDocument,
    SiteGateDocument, SiteModeDocument, SiteRoleDocument, SubjectDocument,
};
pub use problem::{PROBLEM_JSON, PreparedProblems, ProblemDocument, Remedy, Who};
pub use report_only::ReportOnly;
pub use request::{Input, OrgInput, Request, RequestDocument, RequestError, RequestFields};
pub use requirement::{
    DEFAULT_BODY_LIMIT, ModeRule, Org, OrgSource, Owner, Requirement, RequirementError, Resource,
};
#[cfg(feature = "revocation")]
pub use revoked::Revoked;
pub use snapshot::{FactChange, FactChangeError, Loader, Snapshot};
pub use standing::{
    Because, FloorBecause, FloorStanding, GateStanding, ModeStanding, OrgStanding, SwitchStanding,
};
pub use subject::{Scopes, Subject};
pub use target::{Target, TargetCache};
pub use texts::{Catalogue, Language, Said, Words};
#[cfg(feature = "tickets")]
pub use ticket::{KeyRing, KeyRingError, Ticket, TicketError};
pub use time::{Timestamp, TimestampError};
pub use vocabulary::{Access, Kind, Mode, OrgRule, OrgSwitch, SiteSwitch, Status, Visibility};
