//! An org: what it says of each gate, and what is effective in it, and because of whom.

use std::collections::BTreeMap;

use gatepost::{Mode, OrgSwitch, SiteSwitch};
use maud::{Markup, html};

use super::form::{Ask, Choice, Field, select};
use super::frame::{Frame, Looker, Part};
use super::link::{id, linked};
use super::orgs::takes_part;
use super::roles;
use super::told::last_change;
use super::visit::Visit;
use super::words::{Governed, Tone, mode_means, site_switch_means, state};
use crate::ask::InPath;
use crate::fault::Fault;
use crate::views::{FloorsView, GateView, ModeGateView, OrgView, SaidModeView, SaidView};

/// What somebody may do in an org.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rights {
    /// Whether the org may be changed.
    pub(crate) update: bool,
    /// Whether its audit log may be read.
    pub(crate) audit: bool,
}

/// The pages of an org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Gates,
    Members,
    Roles,
    Matrix,
    Why,
    Audit,
}

impl Tab {
    const ALL: [Self; 6] = [
        Self::Gates,
        Self::Members,
        Self::Roles,
        Self::Matrix,
        Self::Why,
        Self::Audit,
    ];

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Gates => ("Gates", ""),
            Self::Members => ("Members", "members"),
            Self::Roles => ("Roles", "roles"),
            Self::Matrix => ("Matrix", "matrix"),
            Self::Why => ("Why", "why"),
            Self::Audit => ("Audit", "audit"),
        }
    }

    const fn is_for(self, rights: Rights) -> bool {
        match self {
            Self::Gates | Self::Members | Self::Roles | Self::Matrix => true,
            Self::Why | Self::Audit => rights.audit,
        }
    }
}

/// The org that a page is about, as its head shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The org.
    pub(crate) org: &'a str,
    /// What the one who looks may do there.
    pub(crate) rights: Rights,
}

impl Place<'_> {
    /// What stands above the content of each page of an org.
    pub(crate) fn head(self, looker: Looker<'_>, tab: Tab, beside: &Markup) -> Markup {
        let links = looker.links;
        html! {
            div.head {
                @if looker.me.may_read_site {
                    nav.trail aria-label="Where this is" { ol { li { a href=(links.to("orgs")) { "Orgs" } } } }
                }
                div { h1 { (id(self.org)) } (beside) }
            }
            nav.tabs aria-label="Org" {
                ul {
                    @for one in Tab::ALL.into_iter().filter(|one| one.is_for(self.rights)) {
                        @let (word, page) = one.words();
                        li { a href=(links.org(self.org, page)) aria-current=[(one == tab).then_some("page")] { (word) } }
                    }
                }
            }
        }
    }

    /// The title of a page of an org.
    pub(crate) fn title(self, tab: Tab) -> String {
        format!("{}: {}", self.org, tab.words().0)
    }
}

/// The page of the gates.
pub(crate) async fn show(visit: Visit, InPath(org): InPath<String>) -> Result<Markup, Fault> {
    let rights = visit.rights(&org).await?;
    let org = visit.kept.org(&org).await?;
    let site = visit.kept.site().await?;
    let governed = site
        .resources
        .iter()
        .filter_map(|resource| Some((resource.resource.clone(), Governed::by(resource)?)));
    Ok(page(visit.looker(), rights, &org, &governed.collect()))
}

/// The page of the roles.
pub(crate) async fn show_roles(visit: Visit, InPath(org): InPath<String>) -> Result<Markup, Fault> {
    let rights = visit.rights(&org).await?;
    let org = visit.kept.org(&org).await?;
    Ok(roles_page(visit.looker(), rights, &org))
}

fn page(
    looker: Looker<'_>,
    rights: Rights,
    org: &OrgView,
    governed: &BTreeMap<String, Governed>,
) -> Markup {
    let place = Place {
        org: &org.org,
        rights,
    };
    let ask = rights.update.then_some(Ask {
        looker,
        org: Some(&org.org),
        version: org.version,
    });
    let content = html! {
        (place.head(looker, Tab::Gates, &takes_part(&org.effective)))
        (kin(looker, org))
        @for gate in &org.effective.gates { (shown(looker, ask, org, gate, governed.get(&gate.resource))) }
        @if org.effective.gates.is_empty() { p { "No resource is declared." } }
        @if looker.me.may_update_site { (of_the_site(looker, org)) }
    };
    Frame::of(looker)
        .part(Part::Orgs)
        .version(org.version)
        .around(&place.title(Tab::Gates), &content)
}

fn roles_page(looker: Looker<'_>, rights: Rights, org: &OrgView) -> Markup {
    let place = Place {
        org: &org.org,
        rights,
    };
    let ask = rights.update.then_some(Ask {
        looker,
        org: Some(&org.org),
        version: org.version,
    });
    let content = html! {
        (place.head(looker, Tab::Roles, &takes_part(&org.effective)))
        (roles::in_org(looker, ask, &org.org, &org.roles))
    };
    Frame::of(looker)
        .part(Part::Orgs)
        .version(org.version)
        .around(&place.title(Tab::Roles), &content)
}

/// The orgs above and below.
fn kin(looker: Looker<'_>, org: &OrgView) -> Markup {
    let to = |org: &str| Some(looker.links.org(org, ""));
    html! {
        @if !org.effective.above.is_empty() || !org.below.is_empty() {
            dl.facts {
                @if !org.effective.above.is_empty() {
                    dt { "Lies under" }
                    dd { @for (place, above) in org.effective.above.iter().enumerate() {
                        @if place > 0 { ", then " }
                        (linked(above, to(above).as_deref()))
                    } }
                }
                @if !org.below.is_empty() {
                    dt { "Orgs below" }
                    dd { @for (place, below) in org.below.iter().enumerate() {
                        @if place > 0 { ", " }
                        (linked(below, to(below).as_deref()))
                    } }
                }
            }
        }
        @if let Some(last) = &org.last_change {
            p { (last_change(Some(last), looker, Some(&org.org))) }
        }
    }
}

fn shown(
    looker: Looker<'_>,
    ask: Option<Ask<'_>>,
    org: &OrgView,
    gate: &GateView,
    governed: Option<&Governed>,
) -> Markup {
    let name = gate.resource.as_str();
    let heading = format!("gate-{name}");
    let said = org
        .says
        .iter()
        .find(|says| says.org == org.org)
        .and_then(|says| says.gates.iter().find(|said| said.resource == name));
    let floors = org.floors.iter().find(|floors| floors.resource == name);
    html! {
        section.card aria-labelledby=(heading) {
            header {
                h2 id=(heading) { code { (name) } }
                (standing(gate.is_on, &gate.because.text))
                @if let Some(governed) = governed { span.quiet.small { (governed.told()) } }
                div.end.quiet.small { "the site says " (gate.site.as_str()) ": " (site_switch_means(gate.site)) }
            }
            ul.settings {
                li {
                    span.name { "This org says" }
                    div.now {
                        strong { (word(said.and_then(|said| said.switch))) }
                    }
                    @if let Some(ask) = ask { (switch(ask, name, None, said.and_then(|said| said.switch), gate.site)) }
                }
                (mode(ask, gate, Mode::Foreground, said, floors))
                (mode(ask, gate, Mode::Background, said, floors))
                @if let Some(last) = said.and_then(|said| said.last_change.as_ref()) {
                    li { span.name { "Last change" } div.now { (last_change(Some(last), looker, Some(&org.org))) } }
                }
            }
        }
    }
}

fn standing(is_on: bool, because: &str) -> Markup {
    state(if is_on { Tone::Yes } else { Tone::No }, because)
}

/// A mode is on only where its resource is.
fn mode_standing(gate: &GateView, mode: &ModeGateView) -> Markup {
    if gate.is_on {
        return standing(mode.is_on, &mode.because.text);
    }
    standing(false, &format!("off: {} is off", gate.resource))
}

/// An org's switch, as a word.
const fn word(switch: Option<OrgSwitch>) -> &'static str {
    match switch {
        Some(switch) => switch.as_str(),
        None => "nothing",
    }
}

fn switch(
    ask: Ask<'_>,
    resource: &str,
    mode: Option<Mode>,
    now: Option<OrgSwitch>,
    site: SiteSwitch,
) -> Markup {
    let mode = mode.map(Mode::as_str);
    let label = mode.map_or_else(
        || format!("switch of {resource}"),
        |mode| format!("switch of {resource} in {mode}"),
    );
    let silence = match site {
        SiteSwitch::OptIn => "say nothing (off)",
        SiteSwitch::OptOut => "say nothing (on)",
        SiteSwitch::On | SiteSwitch::Off => "say nothing",
    };
    let choices: [Choice<'_>; 3] = [("on", "on"), ("off", "off"), ("", silence)];
    let mut fixed = vec![("resource", resource)];
    fixed.extend(mode.map(|mode| ("mode", mode)));
    ask.form(
        "org_switch",
        &fixed,
        None,
        &html! {
            (select(&label, "to", &choices, now.map_or("", OrgSwitch::as_str)))
            button { "Change…" span.unseen { " the " (label) } }
        },
    )
}

fn mode(
    ask: Option<Ask<'_>>,
    gate: &GateView,
    mode: Mode,
    said: Option<&SaidView>,
    floors: Option<&FloorsView>,
) -> Markup {
    let (name, effective): (_, &ModeGateView) = match mode {
        Mode::Foreground => ("Foreground", &gate.foreground),
        Mode::Background => ("Background", &gate.background),
    };
    let said: Option<&SaidModeView> = said.map(|said| match mode {
        Mode::Foreground => &said.foreground,
        Mode::Background => &said.background,
    });
    let floors = floors.map(|floors| match mode {
        Mode::Foreground => floors.foreground.as_slice(),
        Mode::Background => floors.background.as_slice(),
    });
    let now = said.and_then(|said| said.switch);
    let min_role = said.and_then(|said| said.min_role.as_deref());
    html! {
        li {
            span.name { (name) div.quiet.small { (mode_means(mode)) } }
            div.now {
                div.row { (mode_standing(gate, effective)) span.quiet.small { "says " (word(now)) } }
                span {
                    "floor " strong { (effective.floor) } " "
                    span.quiet.small { bdi { (effective.floor_because.text) } }
                }
            }
            @if let Some(ask) = ask {
                div.stack {
                    // What the site says of the mode alone is not told here; silence means what it means.
                    (switch(ask, &gate.resource, Some(mode), now, SiteSwitch::On))
                    @if let Some(floors) = floors { (floor(ask, &gate.resource, mode, min_role, floors)) }
                }
            }
        }
    }
}

/// The floor: of the roles that the site's floor allows.
fn floor(ask: Ask<'_>, resource: &str, mode: Mode, now: Option<&str>, floors: &[String]) -> Markup {
    let label = format!("floor of {resource} in {mode}");
    // What was set while the site's floor was lower is shown as it is.
    let below = now.filter(|now| !floors.iter().any(|role| role == now));
    let roles = below.into_iter().chain(floors.iter().map(String::as_str));
    let roles: Vec<_> = roles.map(|role| (role, format!("floor: {role}"))).collect();
    let mut choices: Vec<Choice<'_>> = vec![("", "floor: say nothing")];
    choices.extend(roles.iter().map(|(role, words)| (*role, words.as_str())));
    ask.form(
        "org_floor",
        &[("resource", resource), ("mode", mode.as_str())],
        None,
        &html! {
            (select(&label, "role", &choices, now.unwrap_or_default()))
            button { "Change…" span.unseen { " the " (label) } }
        },
    )
}

/// What only the site may change of an org.
fn of_the_site(looker: Looker<'_>, org: &OrgView) -> Markup {
    let ask = Ask {
        looker,
        org: None,
        version: org.version,
    };
    let on = [("org", org.org.as_str())];
    let parent = org.effective.above.first().map_or("", String::as_str);
    let now = |is: bool, yes: &'static str, no: &'static str| if is { yes } else { no };
    let statuses: [Choice<'_>; 2] = [("active", "active"), ("suspended", "suspended")];
    let visibilities: [Choice<'_>; 2] = [("private", "private"), ("public", "public")];
    html! {
        section.card aria-labelledby="of-the-site" {
            details {
                summary id="of-the-site" { "What the site says of this org" }
                div.inner {
                    div.fields {
                        (ask.form("org_status", &on, Some("stack"), &html! {
                            (Field::new("Status", "status").value(now(org.is_suspended, "suspended", "active")).choice(&statuses))
                            button { "Change the status…" }
                        }))
                        (ask.form("org_visibility", &on, Some("stack"), &html! {
                            (Field::new("Visibility", "visibility").value(now(org.is_public, "public", "private")).choice(&visibilities))
                            button { "Change the visibility…" }
                        }))
                        (ask.form("org_parent", &on, Some("stack"), &html! {
                            (Field::new("Parent", "parent").value(parent).hint("Nothing: it lies under none.").line())
                            button { "Move…" }
                        }))
                    }
                }
            }
        }
    }
}
