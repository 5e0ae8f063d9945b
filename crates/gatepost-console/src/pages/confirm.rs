//! The one step between asking for a change and making it: what it would do, and why it is made.

use axum::response::{IntoResponse, Response};
use gatepost::{Mode, OrgSwitch, SiteSwitch};
use gatepost_store::Command;
use http::StatusCode;
use http::header::LOCATION;
use maud::{Markup, html};
use serde::Deserialize;

use super::form::{self, Ask, Field, Fields, hidden};
use super::frame::{Frame, Looker, Part};
use super::impact::impact;
use super::link::{Links, id};
use super::told;
use super::visit::Visit;
use super::words::Governed;
use crate::ask::InPath;
use crate::body::Submitted;
use crate::fault::Fault;
use crate::ops::{BasedOn, Scope, Write};
use crate::views::{ChangedView, DryRunView};

/// A change that was confirmed.
#[derive(Debug, Deserialize)]
pub(crate) struct Confirmed {
    /// The command, as JSON.
    change: String,
    version: String,
    #[serde(default)]
    reason: String,
}

/// The page for a change of the site.
pub(crate) async fn ask_site(
    visit: Visit,
    Submitted(fields): Submitted<Fields>,
) -> Result<Response, Fault> {
    ask(&visit, None, &fields).await
}

/// The page for a change of an org.
pub(crate) async fn ask_org(
    visit: Visit,
    InPath(org): InPath<String>,
    Submitted(fields): Submitted<Fields>,
) -> Result<Response, Fault> {
    ask(&visit, Some(&org), &fields).await
}

/// Makes a change of the site.
pub(crate) async fn make_site(
    visit: Visit,
    Submitted(form): Submitted<Confirmed>,
) -> Result<Response, Fault> {
    make(&visit, None, form).await
}

/// Makes a change of an org.
pub(crate) async fn make_org(
    visit: Visit,
    InPath(org): InPath<String>,
    Submitted(form): Submitted<Confirmed>,
) -> Result<Response, Fault> {
    make(&visit, Some(&org), form).await
}

fn scope(org: Option<&str>) -> Scope<'_> {
    org.map_or(Scope::Site, Scope::Org)
}

/// The version that the page was made from, on which the form was.
pub(crate) fn version(text: &str) -> Result<u64, Fault> {
    text.parse()
        .map_err(|_| Fault::bad_request("the form does not say which version was looked at"))
}

async fn ask(visit: &Visit, org: Option<&str>, fields: &Fields) -> Result<Response, Fault> {
    let looked_at = version(fields.get("version").map_or("", String::as_str))?;
    let asked = Asked {
        org,
        looked_at,
        reason: "",
        is_reason_missing: false,
    };
    let page = match form::command(fields) {
        Ok(command) => asked.page(visit, command).await,
        Err(why) => Err(Fault::bad_request(why)),
    };
    // Who is nobody, and what cannot be told now, has a page of its own.
    page.or_else(|fault| match fault.status() {
        400 | 403 | 422 => Ok(typed_again(visit.looker(), org, looked_at, fields, &fault)),
        _ => Err(fault),
    })
}

/// What was typed, with what is wrong with it, to be mended.
fn typed_again(
    looker: Looker<'_>,
    org: Option<&str>,
    version: u64,
    fields: &Fields,
    fault: &Fault,
) -> Response {
    let problem = fault.problem();
    let content = html! {
        div.head { h1 { (problem.title) } }
        div.note.no role="alert" {
            p { strong { "Nothing was written." } }
            @if let Some(detail) = &problem.detail { p { bdi { (detail) } } }
            @if let Some(code) = &problem.code { p { code { (code) } } }
        }
        section.card { div.inner {
            (Ask { looker, org, version }.again(fields))
            p { a.button href=(back(looker.links, org)) { "Leave it" } }
        } }
    };
    let page = frame(looker, org).around(&problem.title, &content);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    (status, page).into_response()
}

async fn make(visit: &Visit, org: Option<&str>, form: Confirmed) -> Result<Response, Fault> {
    let command: Command = serde_json::from_str(&form.change)
        .map_err(|why| Fault::bad_request(format!("the change: {why}")))?;
    let looked_at = version(&form.version)?;
    if form.reason.trim().is_empty() {
        let asked = Asked {
            org,
            looked_at,
            reason: &form.reason,
            is_reason_missing: true,
        };
        return asked.page(visit, command).await;
    }
    let reason = form.reason.trim();
    let write = Write {
        command,
        reason: reason.to_owned(),
        based_on: BasedOn::Version(looked_at),
    };
    match visit.kept.write(&visit.asker, scope(org), write).await {
        Ok(changed) => Ok(done(visit.looker(), org, &changed)),
        Err(fault) => told_or(visit.looker(), org, reason, fault),
    }
}

/// What follows on a change: its own page; of one that was so already, the word of it.
pub(crate) fn done(looker: Looker<'_>, org: Option<&str>, changed: &ChangedView) -> Response {
    if changed.changed {
        let to = looker.links.change(org, changed.version);
        return (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    }
    let content = html! {
        div.middle { section.card { div.inner {
            h1 { "Nothing changed" }
            p { "All of it was so already. Nothing was written." }
            p { a.button href=(back(looker.links, org)) { "Back" } }
        } } }
    };
    frame(looker, org)
        .around("Nothing changed", &content)
        .into_response()
}

/// A conflict has a page of its own, with the way back to what is to be looked at again; the rest goes on as it is.
pub(crate) fn told_or(
    looker: Looker<'_>,
    org: Option<&str>,
    reason: &str,
    fault: Fault,
) -> Result<Response, Fault> {
    if fault.status() != StatusCode::PRECONDITION_FAILED.as_u16() {
        return Err(fault);
    }
    let problem = fault.problem();
    let content = html! {
        div.head { h1 { (problem.title) } }
        div.note.wait {
            p {
                strong { "Nothing was written." } " "
                @if !problem.changes.is_empty() { "Somebody else changed this after you looked at it." }
                @else if let Some(detail) = &problem.detail { bdi { (detail) } }
            }
            @if !reason.is_empty() {
                p { "The reason that was given, to be used again:" }
                blockquote.reason { bdi { (reason) } }
            }
            p { a.button href=(back(looker.links, org)) { "Look again" } }
        }
        @if !problem.changes.is_empty() {
            section.card aria-labelledby="between" {
                header { h2 id="between" { "What was changed in between" } }
                (told::log(&problem.changes, looker.links, org))
            }
        }
    };
    let page = frame(looker, org).around(&problem.title, &content);
    Ok((StatusCode::PRECONDITION_FAILED, page).into_response())
}

fn frame<'a>(looker: Looker<'a>, org: Option<&str>) -> Frame<'a> {
    Frame::of(looker).part(if org.is_some() {
        Part::Orgs
    } else {
        Part::Site
    })
}

/// Where a change is made.
fn target(links: Links<'_>, org: Option<&str>) -> String {
    links.of(
        org,
        if org.is_some() {
            "changes"
        } else {
            "site/changes"
        },
    )
}

fn back(links: Links<'_>, org: Option<&str>) -> String {
    org.map_or_else(|| links.to("site"), |org| links.org(org, ""))
}

/// A change that was asked for, before it is made.
struct Asked<'a> {
    org: Option<&'a str>,
    looked_at: u64,
    reason: &'a str,
    is_reason_missing: bool,
}

impl Asked<'_> {
    async fn page(self, visit: &Visit, command: Command) -> Result<Response, Fault> {
        let looker = visit.looker();
        let write = Write {
            command: command.clone(),
            reason: String::new(),
            based_on: BasedOn::Version(self.looked_at),
        };
        let preview = visit
            .kept
            .preview(&visit.asker, scope(self.org), write)
            .await;
        let dry_run = match preview {
            Ok(dry_run) => dry_run,
            Err(fault) => return told_or(looker, self.org, self.reason, fault),
        };
        let status = if self.is_reason_missing {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        let closed = closed(visit, &command).await?;
        let page = self.shown(looker, &command, &dry_run, closed.as_deref())?;
        Ok((status, page).into_response())
    }

    fn shown(
        &self,
        looker: Looker<'_>,
        command: &Command,
        dry_run: &DryRunView,
        closed: Option<&str>,
    ) -> Result<Markup, Fault> {
        let change = serde_json::to_string(command).map_err(|_| Fault::unsound())?;
        let is_kill = is_kill(command);
        let back = back(looker.links, self.org);
        let title = question(command);
        let content = html! {
            div.head {
                h1 { (title) }
                @if let Some(org) = self.org { p.lead { "In " (id(org)) } }
            }
            div class={ "note " @if is_kill { "no" } } {
                @if dry_run.summary.is_empty() { p { bdi { (command) } } }
                @for line in &dry_run.summary { p { strong { bdi { (line) } } } }
                @if let Some(closed) = closed { p { (closed) } }
                @if !dry_run.changed { p { "All of it is so already: nothing would be written." } }
            }
            (impact(&dry_run.impact))
            section.card { div.inner {
                form.stack method="post" action=(target(looker.links, self.org)) {
                    (looker.guard())
                    (hidden("change", &change))
                    (hidden("version", &self.looked_at.to_string()))
                    @if self.is_reason_missing {
                        p.note.no role="alert" { "Without a reason, nothing is written." }
                    }
                    (Field::new("Why?", "reason").value(self.reason).required()
                        .hint("For whoever reads the audit log, tonight or in a year.").lines())
                    div.row {
                        @if is_kill { button.kill.main { "Switch off" } } @else { button.main { "Make the change" } }
                        a.button href=(back) { "Leave it" }
                    }
                }
            } }
        };
        Ok(frame(looker, self.org)
            .version(dry_run.version)
            .around(&title, &content))
    }
}

/// What is asked on the page.
fn question(command: &Command) -> String {
    let in_mode = |mode: &Option<Mode>| mode.map_or_else(String::new, |mode| format!(" in {mode}"));
    match command {
        Command::SiteSwitch {
            resource,
            mode,
            to: SiteSwitch::Off,
        } => format!("Switch {resource} off{} everywhere?", in_mode(mode)),
        Command::OrgSwitch {
            resource,
            mode,
            to: Some(OrgSwitch::Off),
            ..
        } => format!("Switch {resource} off{} here?", in_mode(mode)),
        _ => "Make this change?".to_owned(),
    }
}

/// What a kill of the site closes, and what goes on, in a sentence.
async fn closed(visit: &Visit, command: &Command) -> Result<Option<String>, Fault> {
    let Command::SiteSwitch {
        resource,
        mode,
        to: SiteSwitch::Off,
    } = command
    else {
        return Ok(None);
    };
    let site = visit.kept.site().await?;
    let gate = site
        .resources
        .iter()
        .find(|gate| gate.resource == *resource);
    let governed = gate.and_then(Governed::by);
    let subject = governed
        .as_ref()
        .map_or_else(|| "it is".to_owned(), Governed::closed);
    let subject = match mode {
        Some(mode) => format!("In {mode} {subject}"),
        None if governed.is_none() => "It is".to_owned(),
        None => subject,
    };
    let goes_on = governed.as_ref().and_then(Governed::goes_on);
    let goes_on = goes_on.map_or_else(String::new, |goes_on| format!("; {goes_on}"));
    Ok(Some(format!(
        "{subject} closed for everyone then, site admins included, as soon as each replica has it{goes_on}."
    )))
}

fn is_site_kill(command: &Command) -> bool {
    matches!(
        command,
        Command::SiteSwitch {
            to: SiteSwitch::Off,
            ..
        }
    )
}

/// Whether it closes something for many at once.
fn is_kill(command: &Command) -> bool {
    is_site_kill(command)
        || matches!(
            command,
            Command::OrgSwitch {
                to: Some(OrgSwitch::Off),
                ..
            }
        )
}
