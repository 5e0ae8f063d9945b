//! Refusals and errors as pages, in the words of the problem document.

use maud::{Markup, html};

use super::frame::Frame;
use super::link::Links;
use super::told;
use crate::base::Base;
use crate::views::{ProblemView, RemedyView};

/// The page of a problem.
pub(crate) fn page(base: &Base, problem: &ProblemView) -> Markup {
    let links = Links::new(base);
    let content = html! {
        div.middle.stack {
            section.card {
                div.inner {
                    p.quiet.small { (problem.status) }
                    h1 { (problem.title) }
                    @if let Some(detail) = &problem.detail { p { bdi { (detail) } } }
                    @if let Some(remedy) = &problem.remedy {
                        p { (can(remedy)) }
                    }
                    @if problem.status == 401 {
                        p { a.button.main href=(links.to("login")) { "Log in" } }
                    } @else {
                        p { a.button href=(links.to("")) { "To the console" } }
                    }
                    (facts(problem))
                }
            }
            (in_between(links, problem))
        }
    };
    Frame::plain(links).around(&problem.title, &content)
}

/// Who can change the answer, and how.
fn can(remedy: &RemedyView) -> Markup {
    let who = match remedy.who.as_str() {
        "site_admin" => "An admin of the site",
        "org_admin" => "An admin of the org",
        _ => "You",
    };
    html! { (who) " can: " bdi { (remedy.action) } "." }
}

fn facts(problem: &ProblemView) -> Markup {
    html! {
        dl.facts.small {
            @if let Some(code) = &problem.code { dt { "Code" } dd { code { (code) } } }
            @if let (Some(resource), Some(action)) = (&problem.resource, &problem.action) {
                dt { "Asked for" } dd { code { (resource) ":" (action) } }
            }
            @if let Some(role) = &problem.required_role { dt { "Takes" } dd { (role) } }
            @if let Some(decision) = &problem.decision { dt { "Decision" } dd { code { (decision) } } }
        }
    }
}

/// What others changed, where that is the problem: it is for the author to look again.
fn in_between(links: Links<'_>, problem: &ProblemView) -> Markup {
    html! {
        @if !problem.changes.is_empty() {
            section.card aria-labelledby="between" {
                header { h2 id="between" { "What was changed in between" } }
                (told::log(&problem.changes, links, problem.org.as_deref()))
            }
        }
    }
}
