//! Whose answers a change would flip: the blast radius.

use maud::{Markup, html};

use super::link::id;
use super::words::{counted, grouped};
use crate::views::{ImpactView, SideView};

/// Both sides, the losing one first.
pub(crate) fn impact(impact: &ImpactView) -> Markup {
    let losing = impact.losing.as_ref().filter(|side| !is_nobody(side));
    let gaining = impact.gaining.as_ref().filter(|side| !is_nobody(side));
    html! {
        section.stack aria-labelledby="impact" {
            h2 id="impact" { "Whose answers flip" }
            @if let Some(why) = &impact.not_counted {
                div.note.wait { p { strong { "Not counted." } " " bdi { (why) } } }
            } @else if losing.is_none() && gaining.is_none() {
                p { "Nobody's, on any route." }
            }
            @if let Some(side) = losing { (shown(side, "lose", "loses", "no")) }
            @if let Some(side) = gaining { (shown(side, "gain", "gains", "yes")) }
            @if !impact.counted_by.is_empty() {
                p.quiet.small {
                    "Counted by the routes of "
                    @for (place, service) in impact.counted_by.iter().enumerate() {
                        @if place > 0 { ", " }
                        (id(service))
                    }
                    ". A member here is a subject in an org."
                }
            }
        }
    }
}

const fn is_nobody(side: &SideView) -> bool {
    side.members == 0 && side.subjects == 0 && side.routes.is_empty()
}

fn shown(side: &SideView, verb: &str, verbs: &str, tone: &str) -> Markup {
    let members = usize::try_from(side.members).unwrap_or(usize::MAX);
    let subjects = usize::try_from(side.subjects).unwrap_or(usize::MAX);
    let orgs = usize::try_from(side.orgs).unwrap_or(usize::MAX);
    let word = if members == 1 { verbs } else { verb };
    html! {
        dl.numbers {
            div class=(tone) { dt { @if members == 1 { "member " } @else { "members " } (word) } dd { (grouped(members)) } }
            div { dt { @if subjects == 1 { "subject" } @else { "subjects" } } dd { (grouped(subjects)) } }
            div { dt { @if orgs == 1 { "org" } @else { "orgs" } } dd { (grouped(orgs)) } }
            div { dt { @if side.routes.len() == 1 { "route" } @else { "routes" } } dd { (grouped(side.routes.len())) } }
        }
        @if !side.examples.is_empty() {
            p {
                "Among those who " (verb) ": "
                @for (place, example) in side.examples.iter().enumerate() {
                    @if place > 0 { ", " }
                    strong { (id(&example.subject)) }
                    @if let Some(org) = &example.org { " in " (id(org)) } @else { " without an org" }
                }
                "."
            }
        }
        @if !side.routes.is_empty() {
            div.card {
                details open[side.routes.len() <= 6] {
                    summary { (counted(side.routes.len(), "route", "routes")) " that they " (verb) }
                    div.wide role="region" aria-label="Routes" tabindex="0" {
                        table.folds {
                            caption.unseen { "Routes that members " (verb) ", and how many members" }
                            thead { tr { th scope="col" { "Route" } th scope="col" { "Asks" } th.end scope="col" { "Members" } } }
                            tbody {
                                @for route in &side.routes {
                                    tr {
                                        th scope="row" { code { (route.method) " " (route.path) } }
                                        td data-name="Asks" { code { (route.asks) } }
                                        td.end.number data-name="Members" { (route.members) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
