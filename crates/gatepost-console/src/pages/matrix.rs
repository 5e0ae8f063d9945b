//! Who may do what in an org: roles, actions and modes, to be read at a glance.

use maud::{Markup, html};

use super::frame::{Frame, Looker, Part};
use super::link::id;
use super::org::{Place, Tab};
use super::visit::Visit;
use crate::ask::InPath;
use crate::fault::Fault;
use crate::views::{MatrixCellView, MatrixView};

/// How a cell is shown: its class, its sign and its words.
fn looks(answer: &str) -> (&'static str, &'static str, &str) {
    match answer {
        "allow" => ("yes", "✓", "any"),
        "own" => ("part", "◐", "own"),
        "others" => ("part", "◑", "others’"),
        code => ("no", "–", code),
    }
}

/// The page.
pub(crate) async fn show(visit: Visit, InPath(org): InPath<String>) -> Result<Markup, Fault> {
    let rights = visit.rights(&org).await?;
    let matrix = visit.kept.matrix(&org).await?;
    Ok(page(visit.looker(), Place { org: &org, rights }, &matrix))
}

fn page(looker: Looker<'_>, place: Place<'_>, matrix: &MatrixView) -> Markup {
    let content = html! {
        (place.head(looker, Tab::Matrix, &html! {}))
        section.card aria-labelledby="matrix" {
            header {
                h2 id="matrix" { "Who may do what, as it stands now" }
                span.quiet.small { "for somebody whom the site lets pass" }
            }
            div.inner {
                div.legend {
                    span { b.yes aria-hidden="true" { "✓" } "any object" }
                    span { b.part aria-hidden="true" { "◐" } "own objects alone" }
                    span { b.part aria-hidden="true" { "◑" } "others’ objects alone" }
                    span { b aria-hidden="true" { "–" } "denied, with the code" }
                }
            }
            @if matrix.rows.is_empty() || matrix.roles.is_empty() {
                div.inner { p { "There is no action or no role yet." } }
            } @else { (table(matrix)) }
        }
    };
    Frame::of(looker)
        .part(Part::Orgs)
        .version(matrix.version)
        .around(&place.title(Tab::Matrix), &content)
}

const MODES: [(&str, &str); 3] = [
    ("no mode", "a request that only reads or edits records"),
    ("fore", "foreground: the caller waits"),
    ("back", "background: queued or detached"),
];

fn table(matrix: &MatrixView) -> Markup {
    let groups = matrix
        .rows
        .chunk_by(|one, next| one.resource == next.resource);
    html! {
        div.wide.matrix role="region" aria-labelledby="matrix" tabindex="0" {
            table {
                caption.unseen { "For each action, what each role may in each mode" }
                thead {
                    tr {
                        th.corner scope="col" rowspan="2" { "Action" }
                        @for role in &matrix.roles {
                            th colspan="3" scope="colgroup" {
                                (role.name) " " small { "level " (role.level) }
                                @if let Some(org) = &role.org { " " small { "of " (id(org)) } }
                            }
                        }
                    }
                    tr {
                        @for _ in &matrix.roles {
                            @for (short, long) in MODES { th scope="col" { abbr title=(long) { (short) } } }
                        }
                    }
                }
                @for group in groups {
                    tbody {
                        @if let Some(first) = group.first() {
                            tr.group {
                                th scope="rowgroup" { code { (first.resource) } }
                                td colspan=(matrix.roles.len() * 3) {}
                            }
                        }
                        @for row in group {
                            tr {
                                th scope="row" { span.unseen { (row.resource) ":" } code { (row.action) } }
                                @for cells in &row.cells { (modes(cells)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn modes(cells: &MatrixCellView) -> Markup {
    html! {
        @for answer in [&cells.none, &cells.foreground, &cells.background] {
            @let (class, sign, words) = looks(answer);
            td class=(class) { b aria-hidden="true" { (sign) } small { (broken(words)) } }
        }
    }
}

/// A code that may be broken behind each of its words, to be no wider than it must.
fn broken(code: &str) -> Markup {
    html! {
        @for (place, word) in code.split('_').enumerate() {
            @if place > 0 { "_" wbr; }
            (word)
        }
    }
}
