//! The console's routes: pages.

use gatepost_axum::Gated;
use maud::{Markup, html};

use crate::base::Base;
use crate::kept::Kept;
use crate::views::ProblemView;

/// Adds the routes.
pub(crate) fn routes(gated: Gated<Kept>, _: &Base) -> Gated<Kept> {
    gated
}

/// A refusal as a page.
pub(crate) fn fault_page(_: &Base, problem: &ProblemView) -> Markup {
    html! { (problem.title) }
}
