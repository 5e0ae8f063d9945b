//! What pages and API show: plain data, the same for both.

mod change;
mod command;
mod denial;
mod impact;
mod login;
mod matrix;
mod me;
mod member;
mod org;
mod problem;
mod replica;
mod role;
mod route;
mod site;
mod subject;
mod why;
mod word;

pub(crate) use change::{
    ChangeView, ChangedView, DryRunView, EffectView, FactView, HistoryView, LastChangeView,
};
pub(crate) use command::CommandSchema;
pub(crate) use denial::{DenialView, DenialsView};
pub(crate) use impact::{ExampleView, ImpactRouteView, ImpactView, LeftOutView, SideView};
pub(crate) use login::LoginView;
pub(crate) use matrix::{MatrixCellView, MatrixRoleView, MatrixRowView, MatrixView};
pub(crate) use me::{MeOrgView, MeView};
pub(crate) use member::{MemberView, MembersView};
pub(crate) use org::{
    BecauseView, FloorsView, GateView, ModeGateView, OrgRowView, OrgSaysView, OrgView, OrgsView,
    SaidModeView, SaidView,
};
pub(crate) use problem::{ProblemView, RemedyView};
pub(crate) use replica::{ReplicaView, ReplicasView};
pub(crate) use role::{OrgRoleView, SiteRoleView};
pub(crate) use route::{RouteView, RoutesView, ServiceView};
pub(crate) use site::{SiteModeView, SiteResourceView, SiteView};
pub(crate) use subject::{SubjectOrgView, SubjectView};
pub(crate) use why::{PlaceView, WhyChangeView, WhyLineView, WhyPartView, WhyView};
