//! The first page: where the console has something for the one who looks.

use maud::{Markup, html};

use super::frame::{Frame, Looker, Part};
use super::link::{id, linked};
use super::visit::Visit;

/// The page.
pub(crate) async fn show(visit: Visit) -> Markup {
    page(visit.looker())
}

fn page(looker: Looker<'_>) -> Markup {
    let Looker { links, me, .. } = looker;
    let content = html! {
        div.head {
            h1 { "Hello, " (id(&me.subject)) }
            p.lead { "What may be done, by whom, and why." }
        }
        @if !me.orgs.is_empty() {
            section.card aria-labelledby="orgs" {
                header {
                    h2 id="orgs" { "Your orgs" }
                    @if me.org_count > me.orgs.len() {
                        span.quiet { "the first " (me.orgs.len()) " of " (me.org_count) }
                    }
                }
                ul.lines {
                    @for org in &me.orgs {
                        @let page = org.may_read.then(|| links.org(&org.org, ""));
                        li.row {
                            strong { (linked(&org.org, page.as_deref())) }
                            span.tags { @for role in &org.roles { span.tag { (role) } } }
                            @if !org.may_read { span.quiet.small { "no page for your roles there" } }
                        }
                    }
                }
            }
        }
        ul.cards {
            @if me.may_read_site {
                (card(&links.to("site"), "Site", "Switches, access and floors that hold in every org. The kill switch."))
                (card(&links.to("orgs"), "Orgs", "Find an org, and see what is effective in it, and because of whom."))
                (card(&links.to("subjects"), "Subjects", "Status, site roles and default org of people, services and agents."))
                (card(&links.to("routes"), "Routes", "What each route of each service requires."))
            }
            (card(&links.to("why"), "Why", "Put a request to the policy: the fifteen checks, and which of them decided."))
            @if me.may_audit_site {
                (card(&links.to("audit"), "Audit", "Who changed what, and who was denied what. As CSV and JSON lines too."))
            }
        }
    };
    Frame::of(looker).part(Part::Home).around("Home", &content)
}

fn card(to: &str, name: &str, what: &str) -> Markup {
    html! { li.card { h2 { a href=(to) { (name) } } p { (what) } } }
}
