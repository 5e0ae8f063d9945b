//! The routes of services, each with what it requires.

use maud::{Markup, html};

use super::frame::{Frame, Looker, Part};
use super::link::id;
use super::visit::Visit;
use super::words::{Tone, counted, state};
use crate::fault::Fault;
use crate::views::{RouteView, RoutesView, ServiceView};

/// The page.
pub(crate) async fn show(visit: Visit) -> Result<Markup, Fault> {
    let routes = visit.kept.routes().await?;
    Ok(page(visit.looker(), &routes))
}

fn page(looker: Looker<'_>, routes: &RoutesView) -> Markup {
    let content = html! {
        div.head {
            h1 { "Routes" }
            p.lead { "What each route of each service requires, as the service itself reports it." }
        }
        @if routes.services.is_empty() { div.note { p { "No service has reported its routes." } } }
        @for (place, service) in routes.services.iter().enumerate() { (shown(place, service)) }
    };
    Frame::of(looker)
        .part(Part::Routes)
        .around("Routes", &content)
}

fn shown(place: usize, service: &ServiceView) -> Markup {
    let heading = format!("service-{place}");
    html! {
        section.card aria-labelledby=(heading) {
            header {
                h2 id=(heading) { (id(&service.name)) }
                span.quiet.small {
                    (counted(service.routes.len(), "route", "routes"))
                    @if service.replicas > 0 { ", reported by " (counted(service.replicas, "replica", "replicas")) }
                }
            }
            div.wide role="region" aria-labelledby=(heading) tabindex="0" {
                table.folds {
                    caption.unseen { "Routes, and what each requires" }
                    thead { tr { th scope="col" { "Route" } th scope="col" { "Requires" } } }
                    tbody { @for route in &service.routes { (row(route)) } }
                }
            }
        }
    }
}

fn row(route: &RouteView) -> Markup {
    html! {
        tr {
            th scope="row" { span.tag { (route.method) } " " code { (route.path) } }
            td data-name="Requires" {
                @if let Some(requires) = &route.requires { code { (requires) } }
                @if let Some(why) = &route.public {
                    (state(Tone::Plain, "public")) " " span.quiet { bdi { (why) } }
                }
            }
        }
    }
}
