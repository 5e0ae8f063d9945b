//! Subjects: what the site says of each.

use gatepost::{Kind, Status};
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{Ask, Choice, select};
use super::frame::{Frame, Looker, Part};
use super::link::{id, linked, query};
use super::told::{last_change, moment};
use super::visit::Visit;
use super::words::{Tone, state, status};
use crate::ask::{Asked, Checked, InPath, check_text};
use crate::fault::Fault;
use crate::views::SubjectView;

/// Whom to look for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
}

impl Checked for Search {
    fn check(&self) -> Result<(), Fault> {
        check_text("q", Some(&self.q))
    }
}

/// The search, and whom it finds.
pub(crate) async fn search(visit: Visit, Asked(search): Asked<Search>) -> Result<Markup, Fault> {
    if search.q.is_empty() {
        let looker = visit.looker();
        return Ok(Frame::of(looker)
            .part(Part::Subjects)
            .around("Subjects", &head(looker, "")));
    }
    of(&visit, &search.q).await
}

/// A subject.
pub(crate) async fn show(visit: Visit, InPath(subject): InPath<String>) -> Result<Markup, Fault> {
    of(&visit, &subject).await
}

async fn of(visit: &Visit, subject: &str) -> Result<Markup, Fault> {
    let roles = visit.kept.site().await?.site_roles;
    let roles: Vec<_> = roles.into_iter().map(|role| role.name).collect();
    let subject = visit.kept.subject(subject).await?;
    Ok(page(visit.looker(), &roles, &subject))
}

fn head(looker: Looker<'_>, q: &str) -> Markup {
    html! {
        div.head {
            h1 { "Subjects" }
            p.lead { "People, services and agents, by the id that identity tells. One that the policy does not name is active and has no roles." }
        }
        search {
            form.row method="get" action=(looker.links.to("subjects")) {
                label for="q" { "Id" }
                input.grow type="search" id="q" name="q" value=(q) required autocomplete="off" spellcheck="false";
                button { "Show" }
            }
        }
    }
}

fn page(looker: Looker<'_>, roles: &[String], subject: &SubjectView) -> Markup {
    let links = looker.links;
    let ask = looker.me.may_update_site.then_some(Ask {
        looker,
        org: None,
        version: subject.version,
    });
    let about = query(&[("subject", Some(&subject.subject))]);
    let content = html! {
        (head(looker, &subject.subject))
        section.card aria-labelledby="subject" {
            header {
                h2 id="subject" { (id(&subject.subject)) }
                (status(subject.status))
                @if !subject.is_named { span.quiet.small { "the policy does not name it" } }
                div.end { a href={ (links.to("why")) (about) } { "Why …?" } }
            }
            ul.settings {
                (setting("Status", &status(subject.status), ask.map(|ask| status_form(ask, subject))))
                (setting("Kind", &html! { (subject.kind.map_or("not said", Kind::as_str)) }, ask.map(|ask| kind_form(ask, subject))))
                (setting("Default org", &html! {
                    @match &subject.default_org {
                        Some(org) => (linked(org, Some(&links.org(org, "")))),
                        None => span.quiet { "none" }
                    }
                }, ask.map(|ask| default_form(ask, subject))))
                (setting("Site roles", &site_roles(ask, subject), ask.map(|ask| role_form(ask, subject, roles))))
                @if subject.last_change.is_some() {
                    (setting("", &last_change(subject.last_change.as_ref(), looker, None), None))
                }
            }
        }
        (memberships(looker, subject))
    };
    Frame::of(looker)
        .part(Part::Subjects)
        .version(subject.version)
        .around(&format!("{}: Subject", subject.subject), &content)
}

fn setting(name: &str, now: &Markup, form: Option<Markup>) -> Markup {
    html! {
        li {
            span.name { (name) }
            div.now { (now) }
            @if let Some(form) = form { (form) }
        }
    }
}

fn status_form(ask: Ask<'_>, subject: &SubjectView) -> Markup {
    let to = |status| [("subject", subject.subject.as_str()), ("status", status)];
    if subject.status == Status::Suspended {
        let button = html! { button { "Let it take part again…" } };
        return ask.form("subject_status", &to("active"), None, &button);
    }
    let on = to("suspended");
    ask.form(
        "subject_status",
        &on,
        None,
        &html! { button.kill { "Suspend…" } },
    )
}

fn kind_form(ask: Ask<'_>, subject: &SubjectView) -> Markup {
    let kinds: Vec<Choice<'_>> = Kind::ALL
        .iter()
        .map(|kind| (kind.as_str(), kind.as_str()))
        .collect();
    let now = subject.kind.unwrap_or(Kind::User).as_str();
    ask.form(
        "subject_kind",
        &[("subject", &subject.subject)],
        None,
        &html! {
            (select("Kind", "kind", &kinds, now))
            button { "Change…" span.unseen { " the kind" } }
        },
    )
}

fn default_form(ask: Ask<'_>, subject: &SubjectView) -> Markup {
    ask.form("subject_default_org", &[("subject", &subject.subject)], None, &html! {
        input type="text" name="org" aria-label="Default org" value=(subject.default_org.as_deref().unwrap_or_default())
            autocomplete="off" spellcheck="false";
        button { "Change…" span.unseen { " the default org" } }
    })
}

fn role_form(ask: Ask<'_>, subject: &SubjectView, roles: &[String]) -> Markup {
    let choices: Vec<Choice<'_>> = roles
        .iter()
        .filter(|role| !subject.site_roles.contains(role))
        .map(|role| (role.as_str(), role.as_str()))
        .collect();
    if choices.is_empty() {
        return html! {};
    }
    ask.form(
        "site_role_add",
        &[("subject", &subject.subject)],
        None,
        &html! {
            (select("Site role", "role", &choices, ""))
            button { "Give…" span.unseen { " the site role" } }
        },
    )
}

fn site_roles(ask: Option<Ask<'_>>, subject: &SubjectView) -> Markup {
    html! {
        @if subject.site_roles.is_empty() { span.quiet { "none" } }
        ul.chips {
            @for role in &subject.site_roles {
                li {
                    span.tag { (role) }
                    @if let Some(ask) = ask {
                        (ask.form("site_role_remove", &[("subject", &subject.subject), ("role", role)], None, &html! {
                            button.plain { "Remove…" span.unseen { " " (role) } }
                        }))
                    }
                }
            }
        }
    }
}

fn memberships(looker: Looker<'_>, subject: &SubjectView) -> Markup {
    html! {
        section.card aria-labelledby="memberships" {
            header {
                h2 id="memberships" { "Memberships" }
                @if subject.membership_count > subject.memberships.len() {
                    span.quiet { "the first " (subject.memberships.len()) " of " (subject.membership_count) }
                }
            }
            ul.lines {
                @if subject.memberships.is_empty() { li.quiet { "It is a member of no org." } }
                @for one in &subject.memberships {
                    li.row {
                        strong { (linked(&one.org, Some(&looker.links.org(&one.org, "members")))) }
                        span.tags { @for role in &one.roles { span.tag { (role) } } }
                        @if let Some(expires) = &one.expires { span.quiet.small { "until " (moment(expires)) } }
                        @if one.is_over { (state(Tone::No, "over")) }
                    }
                }
            }
        }
    }
}
