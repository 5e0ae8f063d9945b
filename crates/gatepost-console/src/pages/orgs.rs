//! Orgs: search, and what is effective in each, and because of whom.

use maud::{Markup, html};

use super::form::{Ask, Choice, Field};
use super::frame::{Frame, Looker, Part};
use super::link::{id, linked, query};
use super::visit::{Readable, Visit};
use super::words::{Tone, state};
use crate::ask::Asked;
use crate::fault::Fault;
use crate::ops::OrgsQuery;
use crate::views::{OrgRowView, OrgsView};

/// The page.
pub(crate) async fn show(visit: Visit, Asked(query): Asked<OrgsQuery>) -> Result<Markup, Fault> {
    let found = visit.kept.orgs(&query).await?;
    let q = query.q.as_deref().unwrap_or_default();
    let readable = visit
        .readable(found.orgs.iter().map(|org| org.org.as_str()))
        .await?;
    Ok(page(visit.looker(), q, &readable, &found))
}

fn page(looker: Looker<'_>, q: &str, readable: &Readable, found: &OrgsView) -> Markup {
    let links = looker.links;
    let content = html! {
        div.head {
            h1 { "Orgs" }
            p.lead { "What is effective in each org, and because of whom." }
        }
        search role="search" {
            form.row method="get" action=(links.to("orgs")) {
                label for="q" { "Search" }
                input.grow type="search" id="q" name="q" value=(q) autocomplete="off" spellcheck="false";
                button { "Find" }
            }
        }
        section.card {
            @if found.orgs.is_empty() {
                div.inner { p { "No org" @if !q.is_empty() { " whose id has " strong { (id(q)) } " in it" } "." } }
            } @else { (table(looker, readable, found)) }
        }
        @if let Some(after) = &found.after {
            p { a.button href={ (links.to("orgs")) (query(&[("q", Some(q)), ("after", Some(after))])) } { "More" } }
        }
        @if looker.me.may_update_site { (create(looker, found.version)) }
    };
    Frame::of(looker)
        .part(Part::Orgs)
        .version(found.version)
        .around("Orgs", &content)
}

fn table(looker: Looker<'_>, readable: &Readable, found: &OrgsView) -> Markup {
    html! {
        div.wide role="region" aria-label="Orgs" tabindex="0" {
            table.folds {
                caption.unseen { "Orgs, with what is effective in them" }
                thead { tr { th scope="col" { "Org" } th scope="col" { "Takes part" } th scope="col" { "Gates" } } }
                tbody {
                    @for org in &found.orgs {
                        @let page = readable.has(&org.org).then(|| looker.links.org(&org.org, ""));
                        tr {
                            th scope="row" {
                                (linked(&org.org, page.as_deref()))
                                @if let Some(parent) = org.above.first() {
                                    div.quiet.small { "under " (id(parent)) }
                                }
                            }
                            td { (takes_part(org)) (status(looker, found.version, org)) }
                            td { (gates(org)) }
                        }
                    }
                }
            }
        }
    }
}

/// Whether an org takes part, and who says that it does not.
pub(crate) fn takes_part(org: &OrgRowView) -> Markup {
    html! {
        @if org.is_active {
            (state(Tone::Yes, "active"))
        } @else {
            (state(Tone::No, "suspended"))
            @if let Some(by) = org.suspended_by.as_ref().filter(|by| **by != org.org) {
                div.quiet.small { "with " (id(by)) }
            }
        }
        @if org.is_public { " " span.tag { "public" } }
    }
}

/// The form that suspends or resumes an org: an org that is suspended has no other page for anybody.
fn status(looker: Looker<'_>, version: u64, org: &OrgRowView) -> Markup {
    let (status, word) = if org.is_active {
        ("suspended", "Suspend…")
    } else {
        ("active", "Resume…")
    };
    let ask = Ask {
        looker,
        org: None,
        version,
    };
    let above = org.suspended_by.as_ref().filter(|by| **by != org.org);
    html! {
        // One that is suspended with another is resumed with it.
        @if let Some(above) = above {
            div.small { a href=(looker.links.orgs_like(above)) { "Show " (id(above)) } }
        } @else if looker.me.may_update_site {
            (ask.form("org_status", &[("org", &org.org), ("status", status)], None, &html! {
                button { (word) span.unseen { " " (org.org) } }
            }))
        }
    }
}

/// Each resource, whether it is on, and because of what.
fn gates(org: &OrgRowView) -> Markup {
    html! {
        ul.gates {
            @for gate in &org.gates {
                li {
                    code { (gate.resource) }
                    div {
                        (state(if gate.is_on { Tone::Yes } else { Tone::No }, &gate.because.text))
                        @for (mode, standing) in [("foreground", &gate.foreground), ("background", &gate.background)] {
                            @if gate.is_on && !standing.is_on {
                                " " span.quiet.small { (mode) " " bdi { (standing.because.text) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn create(looker: Looker<'_>, version: u64) -> Markup {
    let ask = Ask {
        looker,
        org: None,
        version,
    };
    let choices: [Choice<'_>; 2] = [
        ("private", "private: its members know of it"),
        ("public", "public: anybody may know of it"),
    ];
    html! {
        section.card {
            details {
                summary { "Create an org" }
                div.inner {
                    (ask.form("org_create", &[], Some("stack"), &html! {
                        (Field::new("Id", "org").of("new").hint("It is never changed.").required().line())
                        (Field::new("Parent", "parent").hint("The org that it lies under, if any.").line())
                        (Field::new("Visibility", "visibility").choice(&choices))
                        button { "Create…" }
                    }))
                }
            }
        }
    }
}
