//! The console's pages: rendered on the server, of use without a script.
//!
//! Each is made of the same views that the API answers with. A change is asked for by a form, shown with what it
//! would do, and made by a second form that carries the command, the version that was looked at, and the reason.

mod answer;
mod assets;
mod audit;
mod change;
mod confirm;
mod effect;
mod form;
mod frame;
mod home;
mod impact;
mod inventory;
mod link;
mod login;
mod matrix;
mod members;
mod org;
mod orgs;
mod refused;
mod roles;
mod route;
mod site;
mod subjects;
mod told;
mod visit;
mod why;
mod words;

use axum::routing::{any, get, post};
use gatepost::ProblemDocument;
use gatepost_axum::{Gated, OwnBody};
use maud::Markup;

use crate::base::Base;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::require::{READ_AUDIT, READ_ORG, READ_SITE, UPDATE_ORG, UPDATE_SITE};
use crate::views::ProblemView;

/// Why a page needs no requirement.
const ABOUT_ITSELF: &str = "answers each subject about itself alone, unless it may audit";
const ASSET: &str = "the same for everybody: style, script and icon";
const LOGIN: &str = "whoever has a login link is nobody yet";

/// Adds the routes.
pub(crate) fn routes(gated: Gated<Kept>, base: &Base) -> Gated<Kept> {
    let base = base.clone();
    let gated = gated.own_body(move |problem| refusal(&base, problem));
    of_orgs(of_site(of_anybody(gated)))
}

/// What is below the base and no route: the base with a slash behind it, and what there is not.
pub(crate) fn elsewhere(gated: Gated<Kept>, base: &Base) -> Gated<Kept> {
    let below = base.path();
    let home = format!("{below}/");
    let gated = gated.own_body({
        let base = base.clone();
        move |problem| refusal(&base, problem)
    });
    let gated = if below.is_empty() {
        gated
    } else {
        gated.public(&home, get(home::show), ABOUT_ITSELF)
    };
    gated.public(
        &format!("{home}{{*rest}}"),
        any(async || Fault::not_found()),
        "there is nothing",
    )
}

/// A refusal as a page.
pub(crate) fn fault_page(base: &Base, problem: &ProblemView) -> Markup {
    refused::page(base, problem)
}

/// A refusal of the gate itself, as a page.
#[allow(
    clippy::unnecessary_wraps,
    reason = "what a gate calls may leave the document as it is"
)]
fn refusal(base: &Base, problem: &ProblemDocument<'_>) -> Option<OwnBody> {
    Some(OwnBody {
        status: None,
        content_type: "text/html; charset=utf-8".to_owned(),
        bytes: fault_page(base, &ProblemView::of(problem))
            .into_string()
            .into_bytes(),
    })
}

fn of_anybody(gated: Gated<Kept>) -> Gated<Kept> {
    gated
        .public("/", get(home::show), ABOUT_ITSELF)
        .public("/why", get(why::show_site), ABOUT_ITSELF)
        .public("/login", get(login::show).post(login::log_in), LOGIN)
        .public(
            "/logout",
            post(login::log_out),
            "whoever has a session may end it",
        )
        .public("/assets/console.css", get(assets::style), ASSET)
        .public("/assets/console.js", get(assets::script), ASSET)
        .public("/assets/console.svg", get(assets::icon), ASSET)
}

fn of_site(gated: Gated<Kept>) -> Gated<Kept> {
    gated
        .get("/site", READ_SITE, site::show)
        .post("/site/confirm", UPDATE_SITE, confirm::ask_site)
        .post("/site/changes", UPDATE_SITE, confirm::make_site)
        .get("/changes/{version}", READ_SITE, change::show_site)
        .post("/changes/{version}/undo", UPDATE_SITE, change::undo_site)
        .get("/orgs", READ_SITE, orgs::show)
        .get("/subjects", READ_SITE, subjects::search)
        .get("/subjects/{subject}", READ_SITE, subjects::show)
        .get("/routes", READ_SITE, inventory::show)
        .get("/audit", READ_SITE, audit::show_site)
        .get("/audit.csv", READ_SITE, audit::export_site::<true>)
        .get("/audit.jsonl", READ_SITE, audit::export_site::<false>)
}

fn of_orgs(gated: Gated<Kept>) -> Gated<Kept> {
    gated
        .get("/orgs/{org}", READ_ORG, org::show)
        .get("/orgs/{org}/members", READ_ORG, members::show)
        .get("/orgs/{org}/roles", READ_ORG, org::show_roles)
        .get("/orgs/{org}/matrix", READ_ORG, matrix::show)
        .post("/orgs/{org}/confirm", UPDATE_ORG, confirm::ask_org)
        .post("/orgs/{org}/changes", UPDATE_ORG, confirm::make_org)
        .get("/orgs/{org}/changes/{version}", READ_ORG, change::show_org)
        .post(
            "/orgs/{org}/changes/{version}/undo",
            UPDATE_ORG,
            change::undo_org,
        )
        .get("/orgs/{org}/why", READ_AUDIT, why::show_org)
        .get("/orgs/{org}/audit", READ_AUDIT, audit::show_org)
        .get(
            "/orgs/{org}/audit.csv",
            READ_AUDIT,
            audit::export_org::<true>,
        )
        .get(
            "/orgs/{org}/audit.jsonl",
            READ_AUDIT,
            audit::export_org::<false>,
        )
}
