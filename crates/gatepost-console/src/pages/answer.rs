//! Why a request was answered as it was: the checks in words, and where the answer can be changed.

use gatepost::Said;
use maud::{Markup, html};

use super::frame::Looker;
use super::link::id;
use super::visit::Readable;
use super::words::{Tone, state};
use crate::views::{PlaceView, WhyChangeView, WhyLineView, WhyPartView, WhyView};

/// The answer: what decided, the fifteen checks, and what would change it.
pub(crate) fn shown(
    looker: Looker<'_>,
    readable: &Readable,
    why: &WhyView,
    told: Option<&Said>,
) -> Markup {
    let (class, word) = match why.decision.as_str() {
        "allow" => ("note yes", "Allowed"),
        "deny" => ("note no", "Denied"),
        "open" => ("note wait", "It depends"),
        _ => ("note wait", "Not decided"),
    };
    html! {
        div class=(class) role="status" {
            h2 { (word) @if let Some(code) = &why.code { ": " code { (code) } } }
            @match told {
                Some(said) => p { strong { (said.title) } ". " (said.detail) },
                None => p { bdi { (why.text) } }
            }
            @if let Some(role) = &why.required_role { p { "It takes " strong { (role) } "." } }
        }
        @for part in &why.parts { (checks(part, why.parts.len() > 1)) }
        @if !why.changes.is_empty() {
            section.card aria-labelledby="changes" {
                header { h2 id="changes" { "What would change it" } span.quiet.small { "each by itself; the most local first" } }
                ul.lines { @for change in &why.changes { li { (what_would(looker, readable, change)) } } }
            }
        }
    }
}

fn checks(part: &WhyPartView, is_one_of_two: bool) -> Markup {
    let mut tier = None;
    let lines = part.lines.iter().map(|line| {
        let begins = tier.replace(line.tier.as_str()) != Some(line.tier.as_str());
        (begins, line)
    });
    let lines: Vec<_> = lines.collect();
    html! {
        section.card aria-label="The fifteen checks" {
            @if is_one_of_two {
                header {
                    h2 { @if let Some(subject) = &part.subject { (id(subject)) } @else { "Nobody" } }
                    span.quiet { @if part.whose == "acting_for" { "the one who is acted for" } @else { "who asks" } }
                }
            }
            ol.checks {
                @for (begins, line) in lines {
                    @if begins { li.tier { (line.tier) } }
                    (check(line))
                }
            }
        }
    }
}

fn check(line: &WhyLineView) -> Markup {
    let (class, mark, word) = match line.outcome.as_str() {
        "passed" => ("passed", "✓", "passed"),
        "failed" => ("failed", "✕", "failed"),
        _ => ("open", "·", "not reached"),
    };
    html! {
        li class=(class) {
            span.nr { (line.number) }
            span.mark { span aria-hidden="true" { (mark) } span.unseen { (word) } }
            span.text {
                bdi { (line.text) }
                @if class == "failed" { " " (state(Tone::No, "decided")) }
                @if let Some(code) = &line.code { " " code { (code) } }
            }
        }
    }
}

fn what_would(looker: Looker<'_>, readable: &Readable, change: &WhyChangeView) -> Markup {
    let places: Vec<_> = change
        .places
        .iter()
        .filter_map(|place| link(looker, readable, place))
        .collect();
    html! {
        bdi { (change.text) }
        @for (to, words) in &places { " · " a href=(to) { (words) } }
    }
}

/// Where something can be changed, for those who have that page.
fn link(looker: Looker<'_>, readable: &Readable, place: &PlaceView) -> Option<(String, Markup)> {
    let links = looker.links;
    let of_site = looker.me.may_read_site;
    let gate = |page: String, resource: &str| format!("{page}#gate-{resource}");
    let in_org = |org: &str, page: &str, words: &str| {
        let words = html! { (words) " of " (id(org)) };
        readable.has(org).then(|| (links.org(org, page), words))
    };
    match place {
        PlaceView::Site { resource } => {
            let words = html! { "the site’s gate of " (resource) };
            of_site.then(|| (gate(links.to("site"), resource), words))
        }
        PlaceView::SiteRoles => {
            let page = links.to("site") + "#site-roles";
            of_site.then(|| (page, html! { "roles, at the site" }))
        }
        PlaceView::Orgs { org } => in_org(org, "", "status and visibility"),
        PlaceView::Org { org, resource } => {
            let (page, words) = in_org(org, "", "gates")?;
            Some((gate(page, resource), words))
        }
        PlaceView::Members { org } => in_org(org, "members", "members"),
        PlaceView::OrgRoles { org } => in_org(org, "roles", "roles"),
        PlaceView::Subject { subject } => of_site.then(|| (links.subject(subject), id(subject))),
        PlaceView::Request => None,
    }
}

/// The orgs that the places of an answer are in.
pub(crate) fn orgs_of(why: &WhyView) -> impl Iterator<Item = &str> {
    let places = why.changes.iter().flat_map(|change| &change.places);
    places.filter_map(|place| match place {
        PlaceView::Orgs { org }
        | PlaceView::Org { org, .. }
        | PlaceView::Members { org }
        | PlaceView::OrgRoles { org } => Some(org.as_str()),
        PlaceView::Site { .. }
        | PlaceView::SiteRoles
        | PlaceView::Subject { .. }
        | PlaceView::Request => None,
    })
}
