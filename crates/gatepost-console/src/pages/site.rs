//! The site: each resource's gate, and below them what names mean everywhere.

use gatepost::{Access, Mode, SiteSwitch};
use maud::{Markup, html};

use super::form::{Ask, Choice, Field, select};
use super::frame::{Frame, Looker, Part};
use super::roles;
use super::told::last_change;
use super::visit::Visit;
use super::words::{Governed, mode_means, site_switch, site_switch_means};
use crate::fault::Fault;
use crate::views::{SiteModeView, SiteResourceView, SiteView};

const SWITCHES: [Choice<'static>; 4] = [
    ("off", "off"),
    ("opt-in", "opt-in"),
    ("opt-out", "opt-out"),
    ("on", "on"),
];

/// The page.
pub(crate) async fn show(visit: Visit) -> Result<Markup, Fault> {
    let site = visit.kept.site().await?;
    Ok(page(visit.looker(), &site))
}

fn page(looker: Looker<'_>, site: &SiteView) -> Markup {
    let ask = looker.me.may_update_site.then_some(Ask {
        looker,
        org: None,
        version: site.version,
    });
    let floors = floors(site);
    let content = html! {
        div.head {
            h1 { "Site" }
            p.lead { "What holds in every org. What a gate governs is closed for everyone while it is off here, site admins included." }
        }
        @if site.resources.is_empty() { p { "No resource is declared." } }
        @for resource in &site.resources { (gate(looker, ask, resource, &floors)) }
        (roles::of_site(looker, ask, &site.site_roles))
        (roles::of_orgs(looker, ask, &site.org_roles, "Roles in every org"))
        @if let Some(ask) = ask { (declare(ask)) }
    };
    Frame::of(looker)
        .part(Part::Site)
        .version(site.version)
        .around("Site", &content)
}

/// `everyone`, and each role that a floor may name; the first is for nothing said.
fn floors(site: &SiteView) -> Vec<String> {
    let roles = site.org_roles.iter().map(|role| role.name.clone());
    std::iter::once("everyone".to_owned())
        .chain(roles)
        .collect()
}

fn gate(
    looker: Looker<'_>,
    ask: Option<Ask<'_>>,
    gate: &SiteResourceView,
    floors: &[String],
) -> Markup {
    let name = gate.resource.as_str();
    let heading = format!("gate-{name}");
    html! {
        section.card aria-labelledby=(heading) {
            header {
                h2 id=(heading) { code { (name) } }
                (site_switch(gate.switch))
                span.quiet.small { (site_switch_means(gate.switch)) }
                @if let Some(governed) = Governed::by(gate) { span.quiet.small { (governed.told()) } }
                @if let (Some(ask), true) = (ask, gate.switch != SiteSwitch::Off) {
                    div.end { (kill(ask, name)) }
                }
            }
            ul.settings {
                (setting("Switch", &site_switch(gate.switch), ask.map(|ask| switch(ask, name, None, gate.switch))))
                (mode(ask, name, Mode::Foreground, &gate.foreground))
                (mode(ask, name, Mode::Background, &gate.background))
                @if gate.last_change.is_some() {
                    (setting("Last change", &last_change(gate.last_change.as_ref(), looker, None), None))
                }
            }
            (rest(ask, gate, floors))
        }
    }
}

/// The kill switch. It leads to a page that says whom it hits.
fn kill(ask: Ask<'_>, resource: &str) -> Markup {
    ask.form(
        "site_switch",
        &[("resource", resource), ("to", "off")],
        None,
        &html! {
            button.kill { "Switch off everywhere…" span.unseen { " " (resource) } }
        },
    )
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

fn mode(ask: Option<Ask<'_>>, resource: &str, mode: Mode, said: &SiteModeView) -> Markup {
    let name = if mode == Mode::Foreground {
        "Foreground"
    } else {
        "Background"
    };
    setting(
        name,
        &html! {
            div.row {
                (site_switch(said.switch))
                span { "floor " strong { (said.floor) } }
                @if said.default != said.floor { span { "default " strong { (said.default) } } }
            }
            span.quiet.small { (mode_means(mode)) }
        },
        ask.map(|ask| switch(ask, resource, Some(mode), said.switch)),
    )
}

fn switch(ask: Ask<'_>, resource: &str, mode: Option<Mode>, now: SiteSwitch) -> Markup {
    let mode = mode.map(Mode::as_str);
    let label = mode.map_or_else(
        || format!("switch of {resource}"),
        |mode| format!("switch of {resource} in {mode}"),
    );
    let mut fixed = vec![("resource", resource)];
    fixed.extend(mode.map(|mode| ("mode", mode)));
    ask.form(
        "site_switch",
        &fixed,
        None,
        &html! {
            (select(&label, "to", &SWITCHES, now.as_str()))
            button { "Change…" span.unseen { " the " (label) } }
        },
    )
}

/// What is changed rarely: access, floors, what the gate governs, the actions.
fn rest(ask: Option<Ask<'_>>, gate: &SiteResourceView, floors: &[String]) -> Markup {
    let access = match gate.access {
        Access::Everyone => "everyone passes",
        Access::Granted => "a site role must grant it",
    };
    let governs = gate.governs.as_ref().map(|actions| actions.join(", "));
    let all = gate.actions.join(", ");
    html! {
        details {
            summary { "Access, floors and actions" }
            div.inner {
                dl.facts {
                    dt { "Access" } dd { (access) }
                    dt { "Governs" } dd {
                        @match &governs { Some(some) => (some), None => "every action" }
                    }
                    dt { "Actions" } dd { (all) }
                }
                @if let Some(ask) = ask { (forms(ask, gate, floors)) }
            }
        }
    }
}

fn forms(ask: Ask<'_>, gate: &SiteResourceView, floors: &[String]) -> Markup {
    let name = gate.resource.as_str();
    let on = [("resource", name)];
    let words = |words: &[String]| words.join(" ");
    let all = words(&gate.actions);
    let governed = gate.governs.as_deref().map(words).unwrap_or_default();
    let choices = [
        ("granted", "granted: a site role must grant it"),
        ("everyone", "everyone"),
    ];
    html! {
        div.fields {
            (ask.form("site_access", &on, Some("stack"), &html! {
                (Field::new("Access", "access").of(name).value(gate.access.as_str()).choice(&choices))
                button { "Change access…" }
            }))
            (ask.form("site_actions", &on, Some("stack"), &html! {
                (Field::new("Governed actions", "actions").of(name).value(&governed)
                    .hint("Nothing: every action. Others pass its switches and access.").line())
                button { "Change what it governs…" }
            }))
            (ask.form("resource_define", &on, Some("stack"), &html! {
                (Field::new("Actions", "actions").of(&format!("{name} all")).value(&all)
                    .hint("Every action that there is.").required().line())
                button { "Change the actions…" }
            }))
        }
        div.fields {
            @for (mode, said) in [(Mode::Foreground, &gate.foreground), (Mode::Background, &gate.background)] {
                (floor(ask, name, mode, ("site_floor", "floor"), &said.floor, floors))
                (floor(ask, name, mode, ("site_default", "default"), &said.default, floors))
            }
        }
    }
}

fn floor(
    ask: Ask<'_>,
    resource: &str,
    mode: Mode,
    (command, word): (&str, &str),
    now: &str,
    floors: &[String],
) -> Markup {
    let name = if mode == Mode::Foreground {
        "Foreground"
    } else {
        "Background"
    };
    let label = format!("{name} {word}");
    let unset = format!("(no {word})");
    let mut choices: Vec<Choice<'_>> = vec![("", &unset)];
    choices.extend(floors.iter().map(|role| (role.as_str(), role.as_str())));
    ask.form(command, &[("resource", resource), ("mode", mode.as_str())], Some("stack"), &html! {
        (Field::new(&label, "role").of(&format!("{resource} {label}")).value(now).choice(&choices))
        button { "Change the " (word) "…" }
    })
}

fn declare(ask: Ask<'_>) -> Markup {
    html! {
        section.card aria-labelledby="declare" {
            details {
                summary id="declare" { "Declare a resource" }
                div.inner {
                    (ask.form("resource_define", &[], Some("stack"), &html! {
                        (Field::new("Resource", "resource").hint("Lower case, such as chat or agent-planner.").required().line())
                        (Field::new("Actions", "actions").hint("Words, with spaces between them. Its gate is off until it is switched.").required().line())
                        button { "Declare…" }
                    }))
                }
            }
        }
    }
}
