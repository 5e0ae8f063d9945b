//! One change: what it did, who has it by now, and how it is undone.

use axum::response::Response;
use gatepost_store::Preview;
use maud::{Markup, html};
use serde::Deserialize;

use super::confirm::{done, told_or, version};
use super::effect;
use super::form::{Field, hidden};
use super::frame::{Frame, Looker, Part};
use super::link::{Links, id};
use super::org::{Place, Tab};
use super::told::{by, moment};
use super::visit::Visit;
use super::words::{Tone, state};
use crate::ask::InPath;
use crate::body::Submitted;
use crate::fault::Fault;
use crate::ops::{BasedOn, Scope, UndoWrite};
use crate::views::{ChangeView, ReplicaView, ReplicasView};

/// How an undoing is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct UndoForm {
    reason: String,
    version: String,
}

/// The page of a change, for those who read the site's audit log.
pub(crate) async fn show_site(visit: Visit, InPath(version): InPath<u64>) -> Result<Markup, Fault> {
    let may_undo = visit.asker.may_update_site().await?;
    show(&visit, Scope::Site, version, may_undo, None).await
}

/// The page of a change in an org.
pub(crate) async fn show_org(
    visit: Visit,
    InPath((org, version)): InPath<(String, u64)>,
) -> Result<Markup, Fault> {
    let rights = visit.rights(&org).await?;
    let place = Place { org: &org, rights };
    show(
        &visit,
        Scope::Org(&org),
        version,
        rights.update,
        Some(place),
    )
    .await
}

/// Undoes a change.
pub(crate) async fn undo_site(
    visit: Visit,
    InPath(version): InPath<u64>,
    Submitted(form): Submitted<UndoForm>,
) -> Result<Response, Fault> {
    undo(&visit, None, version, &form).await
}

/// Undoes a change in an org.
pub(crate) async fn undo_org(
    visit: Visit,
    InPath((org, version)): InPath<(String, u64)>,
    Submitted(form): Submitted<UndoForm>,
) -> Result<Response, Fault> {
    undo(&visit, Some(&org), version, &form).await
}

async fn undo(
    visit: &Visit,
    org: Option<&str>,
    undone: u64,
    form: &UndoForm,
) -> Result<Response, Fault> {
    let write = UndoWrite {
        version: undone,
        reason: form.reason.trim().to_owned(),
        based_on: BasedOn::Version(version(&form.version)?),
    };
    if write.reason.is_empty() {
        return Err(Fault::invalid("Without a reason, nothing is written."));
    }
    let scope = org.map_or(Scope::Site, Scope::Org);
    match visit.kept.undo(&visit.asker, scope, write).await {
        Ok(changed) => Ok(done(visit.looker(), org, &changed)),
        Err(fault) => told_or(visit.looker(), org, form.reason.trim(), fault),
    }
}

async fn show(
    visit: &Visit,
    scope: Scope<'_>,
    version: u64,
    may_undo: bool,
    place: Option<Place<'_>>,
) -> Result<Markup, Fault> {
    let looker = visit.looker();
    let change = visit.kept.change(&visit.asker, scope, version).await?;
    let replicas = visit.kept.acknowledged(&visit.asker, version).await?;
    let undo = if may_undo && change.can_be_undone {
        let asked = UndoWrite {
            version,
            reason: String::new(),
            based_on: BasedOn::Anything,
        };
        Some(visit.kept.look_at_undo(&visit.asker, scope, asked).await)
    } else {
        None
    };
    let org = place.map(|place| place.org);
    let content = html! {
        @match place {
            Some(place) => (place.head(looker, Tab::Audit, &html! {})),
            None => nav.trail aria-label="Where this is" { ol { li { a href=(looker.links.to("audit")) { "Audit" } } } }
        }
        (facts(&change, place.is_none()))
        (acknowledgements(&replicas, looker.me.may_read_site, &looker.links.change(org, version)))
        (effect::table(&change.effects))
        @if let Some(preview) = &undo { (undo_form(looker, org, version, preview)) }
    };
    let frame = Frame::of(looker).part(if org.is_some() {
        Part::Orgs
    } else {
        Part::Audit
    });
    Ok(frame.around(&format!("Change {version}"), &content))
}

fn facts(change: &ChangeView, is_first: bool) -> Markup {
    let sentence = html! { bdi { (change.sentence) } };
    html! {
        div.head {
            @if is_first { h1 { (sentence) } } @else { h2 { (sentence) } }
            p.lead {
                "Change " (change.version) ", " (moment(&change.at)) (by(&change.author, &change.authority))
                @if let Some(delegator) = &change.acting_for { " for " (id(delegator)) }
            }
            @if !change.reason.is_empty() { blockquote.reason { bdi { (change.reason) } } }
        }
    }
}

/// How often the region looks again by itself, in milliseconds.
const AGAIN: u16 = 600;

/// Which replicas have the change: one line each, and a word on all of them that is said as it changes. Who does not
/// read the site is told the word alone.
fn acknowledgements(look: &ReplicasView, is_each_told: bool, here: &str) -> Markup {
    let all = look.replicas.len();
    let have = look
        .replicas
        .iter()
        .filter(|replica| replica.outcome != "waiting")
        .count();
    let again = (!look.is_in_force).then_some(AGAIN);
    html! {
        section.card #replicas aria-labelledby="replicas-title" data-again=[again] {
            header {
                h2 id="replicas-title" { "Replicas" }
                p role="status" data-part="count" {
                    @if look.is_in_force {
                        (state(Tone::Yes, "in force"))
                        " "
                        @if !is_each_told { "Nothing decides by an older policy." }
                        @else if all == 0 { "No replica runs: nothing decides by an older policy." }
                        @else if all == 1 { "The one replica decides by it, or by nothing." }
                        @else { "All " (all) " decide by it, or by nothing." }
                    } @else {
                        (state(Tone::Wait, "on its way"))
                        @if is_each_told { " " (have) " of " (all) " have it." }
                    }
                }
                div.end data-part="again" {
                    @if !look.is_in_force { a.button.again href=(here) { "Look again" } }
                }
            }
            ul.acks data-part="list" { @for one in &look.replicas { (replica(one)) } }
        }
    }
}

fn replica(replica: &ReplicaView) -> Markup {
    let (tone, word) = match replica.outcome.as_str() {
        "acknowledged" => (Tone::Yes, "has it"),
        "lease_ran_out" => (Tone::Plain, "decides nothing"),
        _ => (Tone::Wait, "waited for"),
    };
    html! {
        li {
            (state(tone, word))
            div {
              strong { (id(&replica.name)) } " "
              span.quiet.small {
                @match replica.outcome.as_str() {
                    "acknowledged" => { "decides by version " (replica.version) }
                    "lease_ran_out" => "was not heard of for longer than its lease: it refuses everything",
                    _ => { "decided by version " (replica.version) " when it was last heard of" }
                }
                @if replica.state != "live" && !replica.state.is_empty() { " · " (replica.state) }
              }
            }
        }
    }
}

/// What undoing would do, and the form that does it; or why it cannot be done.
fn undo_form(
    looker: Looker<'_>,
    org: Option<&str>,
    undone: u64,
    preview: &Result<Preview, Fault>,
) -> Markup {
    let links: Links<'_> = looker.links;
    html! {
        section.card aria-labelledby="undo" {
            header { h2 id="undo" { "Undo" } }
            div.inner {
                @match preview {
                    Ok(preview) if preview.changed => {
                        p { "Puts back what this change did, as a new change:" }
                        ul { @for line in &preview.summary { li { strong { bdi { (line) } } } } }
                        form.stack method="post" action=(links.of(org, &format!("changes/{undone}/undo"))) {
                            (looker.guard())
                            (hidden("version", &preview.version.to_string()))
                            (Field::new("Why?", "reason").required()
                                .hint("For whoever reads the audit log, tonight or in a year.").lines())
                            button.main { "Undo this change" }
                        }
                    }
                    Ok(_) => p { "There is nothing left of it that could be put back." },
                    Err(fault) => {
                        p { strong { "It cannot be undone as it is." } }
                        @if let Some(detail) = &fault.problem().detail { p { bdi { (detail) } } }
                        @for since in &fault.problem().changes {
                            p { a href=(links.change(org, since.version)) { "Change " (since.version) } ": " bdi { (since.sentence) } }
                        }
                    }
                }
            }
        }
    }
}
