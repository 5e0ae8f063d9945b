//! The members of an org: who, with which roles, until when.

use gatepost::Kind;
use maud::{Markup, html};

use super::form::{Ask, Choice, Field};
use super::frame::{Frame, Looker, Part};
use super::link::{linked, query};
use super::org::{Place, Tab};
use super::told::{moment, page_of};
use super::visit::Visit;
use super::words::{Tone, state, status};
use crate::ask::{Asked, InPath};
use crate::fault::Fault;
use crate::ops::AfterQuery;
use crate::views::{MemberView, MembersView};

/// The page.
pub(crate) async fn show(
    visit: Visit,
    InPath(org): InPath<String>,
    Asked(query): Asked<AfterQuery>,
) -> Result<Markup, Fault> {
    let rights = visit.rights(&org).await?;
    let members = visit.kept.members(&org, &query).await?;
    let roles = if rights.update {
        visit.kept.org(&org).await?.roles
    } else {
        Vec::new()
    };
    // What everybody has, no membership holds.
    let roles: Vec<_> = roles
        .into_iter()
        .filter(|role| role.level.is_some())
        .map(|role| role.name)
        .collect();
    Ok(page(
        visit.looker(),
        Place { org: &org, rights },
        &roles,
        &members,
    ))
}

/// The page; `roles` are those that a membership here can hold.
fn page(looker: Looker<'_>, place: Place<'_>, roles: &[String], members: &MembersView) -> Markup {
    let links = looker.links;
    let ask = place.rights.update.then_some(Ask {
        looker,
        org: Some(place.org),
        version: members.version,
    });
    let content = html! {
        (place.head(looker, Tab::Members, &html! {}))
        @if let Some(ask) = ask { (add(ask, roles)) }
        section.card aria-labelledby="members" {
            header {
                h2 id="members" { "Members" }
                span.quiet.small { "members of orgs above are members here too, and stand there" }
            }
            @if members.members.is_empty() {
                div.inner { p { "Nobody stands in this org itself." } }
            } @else {
                (table(looker, ask, place, members))
            }
        }
        @if let Some(after) = &members.after {
            p { a.button href={ (links.org(place.org, "members")) (query(&[("after", Some(after))])) } { "More" } }
        }
    };
    Frame::of(looker)
        .part(Part::Orgs)
        .version(members.version)
        .around(&place.title(Tab::Members), &content)
}

fn add(ask: Ask<'_>, roles: &[String]) -> Markup {
    let choices: Vec<Choice<'_>> = roles
        .iter()
        .map(|role| (role.as_str(), role.as_str()))
        .collect();
    html! {
        section.card aria-labelledby="add" {
            header { h2 id="add" { "Give a role" } }
            div.inner {
                (ask.form("member_add", &[], None, &html! {
                    div.fields {
                        (Field::new("Subject", "subject").hint("Its id, as identity tells it.").required().line())
                        (Field::new("Role", "role").choice(&choices))
                        (Field::new("Until", "expires").kind("datetime-local").hint("In UTC. Nothing: without end, or as it is.").line())
                    }
                    p.submit { button.main { "Give…" } }
                }))
            }
        }
    }
}

fn table(
    looker: Looker<'_>,
    ask: Option<Ask<'_>>,
    place: Place<'_>,
    members: &MembersView,
) -> Markup {
    html! {
        div.wide role="region" aria-labelledby="members" tabindex="0" {
            table.folds {
                caption.unseen { "Members of this org, with their roles" }
                thead { tr {
                    th scope="col" { "Subject" } th scope="col" { "Roles" } th scope="col" { "Until" } th scope="col" { "Last changed" }
                } }
                tbody { @for member in &members.members { (row(looker, ask, place, member)) } }
            }
        }
    }
}

fn row(looker: Looker<'_>, ask: Option<Ask<'_>>, place: Place<'_>, member: &MemberView) -> Markup {
    let links = looker.links;
    let page = looker
        .me
        .may_read_site
        .then(|| links.subject(&member.subject));
    html! {
        tr {
            th scope="row" {
                (linked(&member.subject, page.as_deref()))
                @if let Some(kind) = member.kind.filter(|kind| *kind != Kind::User) { " " span.tag { (kind.as_str()) } }
                @if member.status == gatepost::Status::Suspended { " " (status(member.status)) }
            }
            td {
                ul.chips { @for role in &member.roles {
                    li {
                        span.tag { (role) }
                        @if let Some(ask) = ask {
                            (ask.form("member_remove", &[("subject", &member.subject), ("role", role)], None, &html! {
                                button.plain { "Remove…" span.unseen { " " (role) " from " (member.subject) } }
                            }))
                        }
                    }
                } }
            }
            td data-name="Until" {
                @match &member.expires {
                    Some(expires) => { (moment(expires)) @if member.is_over { " " (state(Tone::No, "over")) } }
                    None => span.quiet { "no end" }
                }
            }
            td data-name="Last changed" {
                @if let Some(last) = &member.last_change {
                    @match page_of(last, looker, Some(place.org)) {
                        Some(page) => a href=(page) { (moment(&last.at)) },
                        None => (moment(&last.at)),
                    }
                }
            }
        }
    }
}
