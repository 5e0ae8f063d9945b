//! Roles: those of the site, those of every org, and an org's own.

use maud::{Markup, html};

use super::form::{Ask, Field, hidden};
use super::frame::Looker;
use super::link::linked;
use super::told::last_change;
use crate::views::{OrgRoleView, SiteRoleView};

/// The roles of the site.
pub(crate) fn of_site(looker: Looker<'_>, ask: Option<Ask<'_>>, roles: &[SiteRoleView]) -> Markup {
    html! {
        section.card aria-labelledby="site-roles" {
            header {
                h2 id="site-roles" { "Site roles" }
                span.quiet.small { "what lets a subject past the site’s gates" }
            }
            ul.lines {
                @for role in roles {
                    li.stack {
                        div.row {
                            h3 { (role.name) }
                            @if role.all_orgs { span.tag { "reaches into every org" } }
                        }
                        (words(&role.grants, "grants nothing"))
                        (last_change(role.last_change.as_ref(), looker, None))
                        @if let Some(ask) = ask {
                            details { summary { "Change " (role.name) } (site_form(ask, Some(role))) }
                        }
                    }
                }
                @if let Some(ask) = ask {
                    li { details { summary { "Define a site role" } (site_form(ask, None)) } }
                }
            }
        }
    }
}

/// The roles that mean the same in every org.
pub(crate) fn of_orgs(
    looker: Looker<'_>,
    ask: Option<Ask<'_>>,
    roles: &[OrgRoleView],
    title: &str,
) -> Markup {
    html! {
        section.card aria-labelledby="org-roles" {
            header {
                h2 id="org-roles" { (title) }
                span.quiet.small { "the lowest first; the modes’ floors compare with the level" }
            }
            ul.lines {
                @for role in roles { (shown(looker, ask, role, None)) }
                @if let Some(ask) = ask {
                    li { details { summary { "Define a role" } (org_form(ask, None)) } }
                }
            }
        }
    }
}

/// The roles that mean something in an org: its own can be changed there.
pub(crate) fn in_org(
    looker: Looker<'_>,
    ask: Option<Ask<'_>>,
    org: &str,
    roles: &[OrgRoleView],
) -> Markup {
    let (own, others): (Vec<_>, Vec<_>) = roles
        .iter()
        .partition(|role| role.org.as_deref() == Some(org));
    html! {
        section.card aria-labelledby="own-roles" {
            header { h2 id="own-roles" { "Own roles" } span.quiet.small { "they mean something here and in orgs below" } }
            ul.lines {
                @if own.is_empty() { li.quiet { "None." } }
                @for role in own { (shown(looker, ask, role, Some(org))) }
                @if let Some(ask) = ask {
                    li { details { summary { "Define a role" } (org_form(ask, None)) } }
                }
            }
        }
        section.card aria-labelledby="other-roles" {
            header { h2 id="other-roles" { "Roles from elsewhere" } span.quiet.small { "of every org, and of orgs above" } }
            ul.lines { @for role in others { (shown(looker, None, role, Some(org))) } }
        }
    }
}

fn shown(
    looker: Looker<'_>,
    ask: Option<Ask<'_>>,
    role: &OrgRoleView,
    seen_from: Option<&str>,
) -> Markup {
    let elsewhere = role.org.as_deref().filter(|org| Some(*org) != seen_from);
    html! {
        li.stack {
            div.row {
                h3 { (role.name) }
                @if let Some(level) = role.level { span.tag { "level " (level) } }
                @if let Some(org) = elsewhere {
                    span.quiet.small { "defined in " (linked(org, Some(&looker.links.org(org, "roles")))) }
                }
            }
            (words(&role.grants, "grants nothing itself"))
            @if !role.include.is_empty() {
                div.tags { span.quiet.small { "includes" } @for name in &role.include { span.tag { (name) } } }
            }
            // A role from elsewhere is no change of this org's.
            @let own = role.org.as_deref().filter(|org| Some(*org) == seen_from);
            (last_change(role.last_change.as_ref(), looker, own))
            @if let Some(ask) = ask {
                details { summary { "Change " (role.name) } (org_form(ask, Some(role))) }
            }
        }
    }
}

/// Grants, each as the policy has it.
fn words(grants: &[String], none: &str) -> Markup {
    html! {
        @if grants.is_empty() { span.quiet { (none) } }
        @else { div.tags { @for grant in grants { code.tag { (grant) } } } }
    }
}

const GRANTS: &str =
    "One a line: chat:read, agent:execute#background, chat:*@own; ! in front denies.";

/// The name of a role in its form: fixed where there is one already.
fn name(of: &str, role: Option<&str>) -> Markup {
    match role {
        Some(name) => hidden("name", name),
        None => Field::new("Name", "name").of(of).required().line(),
    }
}

fn site_form(ask: Ask<'_>, role: Option<&SiteRoleView>) -> Markup {
    let of = format!("site role {}", role.map_or("", |role| &role.name));
    let grants = role.map(|role| role.grants.join("\n")).unwrap_or_default();
    let all_orgs = role.is_some_and(|role| role.all_orgs);
    ask.form(
        "site_role_define",
        &[],
        Some("stack"),
        &html! {
            (name(&of, role.map(|role| role.name.as_str())))
            (Field::new("Grants", "grants").of(&of).value(&grants).hint(GRANTS).lines())
            label.check {
                input type="checkbox" name="all_orgs" value="true" checked[all_orgs];
                span { "Its grants reach into every org" }
            }
            button { @if role.is_some() { "Change…" } @else { "Define…" } }
        },
    )
}

fn org_form(ask: Ask<'_>, role: Option<&OrgRoleView>) -> Markup {
    let of = format!("org role {}", role.map_or("", |role| &role.name));
    let grants = role.map(|role| role.grants.join("\n")).unwrap_or_default();
    let include = role.map(|role| role.include.join(" ")).unwrap_or_default();
    let level = role
        .and_then(|role| role.level)
        .map(|level| level.to_string());
    // `anyone` has no level.
    let has_level = role.is_none_or(|role| role.level.is_some());
    ask.form("role_define", &[], Some("stack"), &html! {
        (name(&of, role.map(|role| role.name.as_str())))
        @if has_level {
            (Field::new("Level", "level").of(&of).kind("number").value(level.as_deref().unwrap_or_default())
                .hint("An integer: the higher, the more floors it reaches.").required().line())
        }
        (Field::new("Grants", "grants").of(&of).value(&grants).hint(GRANTS).lines())
        (Field::new("Includes", "include").of(&of).value(&include)
            .hint("Other roles whose grants it has too. They lend no level.").line())
        button { @if role.is_some() { "Change…" } @else { "Define…" } }
    })
}
