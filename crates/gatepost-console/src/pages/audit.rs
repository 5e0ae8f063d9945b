//! The audit log: what was changed, and a sample of who was denied what.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::Field;
use super::frame::{Frame, Looker, Part};
use super::link::{id, query};
use super::org::{Place, Tab};
use super::told::{self, moment};
use super::visit::Visit;
use crate::ask::{Asked, Checked, InPath, check_text};
use crate::asker::Asker;
use crate::fault::Fault;
use crate::kept::Kept;
use crate::ops::{DenialsQuery, ExportFormat, HistoryQuery, Scope};
use crate::views::{DenialView, DenialsView, HistoryView};

/// What is looked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Filter {
    /// `denials`, or nothing for changes.
    show: String,
    /// Of the site's log: an org's alone.
    org: String,
    author: String,
    subject: String,
    code: String,
    before: String,
}

impl Checked for Filter {
    fn check(&self) -> Result<(), Fault> {
        let texts = [
            ("org", &self.org),
            ("author", &self.author),
            ("subject", &self.subject),
            ("code", &self.code),
        ];
        texts
            .into_iter()
            .try_for_each(|(key, text)| check_text(key, Some(text)))
    }
}

/// The log of the site and of every org.
pub(crate) async fn show_site(visit: Visit, Asked(filter): Asked<Filter>) -> Result<Markup, Fault> {
    visit.asker.must_audit_site().await?;
    show(&visit, filter.scope(), None, &filter).await
}

/// The same as a file.
pub(crate) async fn export_site<const CSV: bool>(
    State(kept): State<Kept>,
    asker: Asker,
    Asked(filter): Asked<Filter>,
) -> Result<Response, Fault> {
    asker.must_audit_site().await?;
    export(&kept, &asker, filter.scope(), &filter, format(CSV)).await
}

/// The log of an org as a file.
pub(crate) async fn export_org<const CSV: bool>(
    State(kept): State<Kept>,
    asker: Asker,
    InPath(org): InPath<String>,
    Asked(filter): Asked<Filter>,
) -> Result<Response, Fault> {
    export(&kept, &asker, Scope::Org(&org), &filter, format(CSV)).await
}

const fn format(is_csv: bool) -> ExportFormat {
    if is_csv {
        ExportFormat::Csv
    } else {
        ExportFormat::JsonLines
    }
}

async fn export(
    kept: &Kept,
    asker: &Asker,
    scope: Scope<'_>,
    filter: &Filter,
    format: ExportFormat,
) -> Result<Response, Fault> {
    if filter.is_of_denials() {
        return kept
            .export_denials(asker, scope, &filter.of_denials()?, format)
            .await;
    }
    kept.export_changes(asker, scope, &filter.of_changes()?, format)
        .await
}

/// The log of an org.
pub(crate) async fn show_org(
    visit: Visit,
    InPath(org): InPath<String>,
    Asked(filter): Asked<Filter>,
) -> Result<Markup, Fault> {
    let rights = visit.rights(&org).await?;
    let place = Place { org: &org, rights };
    show(&visit, Scope::Org(&org), Some(place), &filter).await
}

/// What the page shows.
enum Shown {
    Changes(HistoryView),
    Denials(DenialsView),
}

async fn show(
    visit: &Visit,
    scope: Scope<'_>,
    place: Option<Place<'_>>,
    filter: &Filter,
) -> Result<Markup, Fault> {
    let Visit { kept, asker, .. } = visit;
    let shown = if filter.is_of_denials() {
        Shown::Denials(kept.denials(asker, scope, &filter.of_denials()?).await?)
    } else {
        Shown::Changes(kept.history(asker, scope, &filter.of_changes()?).await?)
    };
    Ok(page(visit.looker(), place, filter, &shown))
}

fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl Filter {
    /// The org that the site's log is limited to, or all of it.
    fn scope(&self) -> Scope<'_> {
        if self.org.is_empty() {
            return Scope::Site;
        }
        Scope::Org(&self.org)
    }

    fn is_of_denials(&self) -> bool {
        self.show == "denials"
    }

    fn of_denials(&self) -> Result<DenialsQuery, Fault> {
        Ok(DenialsQuery {
            before: self.before()?,
            subject: said(&self.subject),
            code: said(&self.code),
            ..DenialsQuery::default()
        })
    }

    fn of_changes(&self) -> Result<HistoryQuery, Fault> {
        Ok(HistoryQuery {
            before: self.before()?,
            author: said(&self.author),
            ..HistoryQuery::default()
        })
    }

    fn before(&self) -> Result<Option<u64>, Fault> {
        let before = said(&self.before).map(|text| text.parse());
        before
            .transpose()
            .map_err(|_| Fault::bad_request("`before` is a number"))
    }

    /// The same filter from another place in the log on.
    fn from(&self, before: Option<u64>) -> String {
        let before = before.map(|before| before.to_string());
        query(&[
            ("show", Some(&self.show)),
            ("org", Some(&self.org)),
            ("author", Some(&self.author)),
            ("subject", Some(&self.subject)),
            ("code", Some(&self.code)),
            ("before", before.as_deref()),
        ])
    }
}

fn page(looker: Looker<'_>, place: Option<Place<'_>>, filter: &Filter, shown: &Shown) -> Markup {
    let org = place.map(|place| place.org);
    let here = looker.links.of(org, "audit");
    let older = match shown {
        Shown::Changes(history) => history.before,
        Shown::Denials(denials) => denials.before,
    };
    let content = html! {
        @match place {
            Some(place) => (place.head(looker, Tab::Audit, &html! {})),
            None => div.head { h1 { "Audit" } p.lead { "What was changed, when, by whom and why; and a sample of who was denied what." } }
        }
        (which(&here, org.is_none().then_some(filter.org.as_str()), filter))
        (form(&here, place.is_none(), filter))
        section.card aria-labelledby="log" {
            header {
                h2 id="log" { @if filter.is_of_denials() { "Denials, sampled" } @else { "Changes" } }
                (exports(looker, place, filter))
            }
            @match shown {
                Shown::Changes(history) if history.changes.is_empty() => { div.inner { p { "There is none." } } }
                Shown::Denials(denials) if denials.denials.is_empty() => { div.inner { p { "There is none." } } }
                Shown::Changes(history) => {
                    (told::log(&history.changes, looker.links, org))
                }
                Shown::Denials(denials) => (denied(looker, denials))
            }
        }
        @if older.is_some() { p { a.button href={ (here) (filter.from(older)) } { "Older" } } }
    };
    let frame = Frame::of(looker).part(if place.is_some() {
        Part::Orgs
    } else {
        Part::Audit
    });
    let title = place.map_or_else(|| "Audit".to_owned(), |place| place.title(Tab::Audit));
    frame.around(&title, &content)
}

/// Changes or denials.
fn which(here: &str, org: Option<&str>, filter: &Filter) -> Markup {
    let denials = filter.is_of_denials();
    let current = |is: bool| is.then_some("page");
    html! {
        nav.tabs aria-label="Log" { ul {
            li { a href={ (here) (query(&[("org", org)])) } aria-current=[current(!denials)] { "Changes" } }
            li { a href={ (here) (query(&[("show", Some("denials")), ("org", org)])) } aria-current=[current(denials)] { "Denials" } }
        } }
    }
}

fn form(here: &str, is_of_site: bool, filter: &Filter) -> Markup {
    html! {
        search {
            form.stack method="get" action=(here) {
                @if filter.is_of_denials() { (super::form::hidden("show", "denials")) }
                div.fields {
                    @if is_of_site { (Field::new("Org", "org").value(&filter.org).line()) }
                    @if filter.is_of_denials() {
                        (Field::new("Subject", "subject").value(&filter.subject).line())
                        (Field::new("Code", "code").value(&filter.code).line())
                    } @else {
                        (Field::new("Author", "author").value(&filter.author).line())
                        (Field::new("Before version", "before").value(&filter.before).kind("number").line())
                    }
                }
                button { "Filter" }
            }
        }
    }
}

/// What is looked for, as files.
fn exports(looker: Looker<'_>, place: Option<Place<'_>>, filter: &Filter) -> Markup {
    let org = place.map(|place| place.org);
    let file = |name| looker.links.of(org, name) + &filter.from(None);
    html! {
        span.end.row.small {
            span.quiet { "All of it as" }
            a href=(file("audit.csv")) { "CSV" }
            a href=(file("audit.jsonl")) { "JSON lines" }
        }
    }
}

fn denied(looker: Looker<'_>, denials: &DenialsView) -> Markup {
    html! {
        div.wide role="region" aria-labelledby="log" tabindex="0" {
            table.folds {
                caption.unseen { "Denials, the newest first" }
                thead { tr {
                    th scope="col" { "When" } th scope="col" { "Code" } th scope="col" { "Subject" }
                    th scope="col" { "Org" } th scope="col" { "Asked for" } th scope="col" { "Decision" }
                } }
                tbody { @for denial in &denials.denials { (row(looker, denial)) } }
            }
        }
    }
}

fn row(looker: Looker<'_>, denial: &DenialView) -> Markup {
    let asked = denial.resource.as_ref().zip(denial.action.as_ref());
    let asked = asked.map(|(resource, action)| format!("{resource}:{action}"));
    let why = query(&[
        ("subject", denial.subject.as_deref()),
        ("org", denial.org.as_deref()),
        ("what", asked.as_deref()),
        ("mode", denial.mode.as_deref()),
    ]);
    html! {
        tr {
            td { (moment(&denial.at)) }
            td data-name="Code" { code { (denial.code) } }
            td data-name="Subject" { @if let Some(subject) = &denial.subject { (id(subject)) } }
            td data-name="Org" { @if let Some(org) = &denial.org { (id(org)) } }
            td data-name="Asked for" {
                @if let Some(asked) = &asked {
                    code { (asked) @if let Some(mode) = &denial.mode { "#" (mode) } }
                    @if looker.me.may_audit_site { " " a href={ (looker.links.to("why")) (why) } { "Why?" } }
                }
            }
            td data-name="Decision" { @if let Some(decision) = &denial.decision { code { (decision) } } }
        }
    }
}
