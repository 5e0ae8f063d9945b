//! Whose answers a change would flip: the blast radius.

use maud::{Markup, html};

use super::link::id;
use super::words::{counted, grouped};
use crate::views::{ImpactRouteView, ImpactView, LeftOutView, SideView};

#[cfg(test)]
mod tests;

/// Both sides, the losing one first, and who is on neither.
pub(crate) fn impact(impact: &ImpactView) -> Markup {
    let losing = impact.losing.as_ref().filter(|side| !is_nobody(side));
    let gaining = impact.gaining.as_ref().filter(|side| !is_nobody(side));
    let left_out = impact.left_out.as_ref().and_then(left_out);
    let by = By::of(impact);
    html! {
        section.stack aria-labelledby="impact" {
            h2 id="impact" { "Whose answers flip" }
            @if let Some(why) = &impact.not_counted {
                div.note.wait { p { strong { "Not counted." } " " bdi { (why) } } }
            } @else if losing.is_none() && gaining.is_none() {
                @if left_out.is_some() {
                    p { "No member's, and no subject's by itself, on any route." }
                } @else {
                    p { "Nobody's, on any route." }
                }
            }
            @if let Some(side) = losing { (shown(side, by, LOSE)) }
            @if let Some(side) = gaining { (shown(side, by, GAIN)) }
            @if let Some(left_out) = left_out {
                div.note.wait { p { strong { "Not counted" } " are " (left_out) "." } }
            }
            @if impact.is_counted { (counted_by(impact)) }
        }
    }
}

/// What was counted by.
#[derive(Clone, Copy)]
enum By {
    Routes,
    Actions,
}

impl By {
    /// Where no service has reported a route, the actions that are declared stand for them.
    const fn of(impact: &ImpactView) -> Self {
        if impact.counted_by.is_empty() {
            Self::Actions
        } else {
            Self::Routes
        }
    }

    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Routes => ("route", "routes", "Route"),
            Self::Actions => ("action", "actions", "Action"),
        }
    }

    fn name(self, route: &ImpactRouteView) -> Markup {
        match self {
            Self::Routes => html! { code { (route.method) " " (route.path) } },
            Self::Actions => html! { code { (route.path) } },
        }
    }
}

/// How a side is spoken of.
#[derive(Clone, Copy)]
struct Words {
    /// Of several.
    verb: &'static str,
    /// Of one.
    verbs: &'static str,
    tone: &'static str,
}

const LOSE: Words = Words {
    verb: "lose",
    verbs: "loses",
    tone: "no",
};
const GAIN: Words = Words {
    verb: "gain",
    verbs: "gains",
    tone: "yes",
};

const fn is_nobody(side: &SideView) -> bool {
    side.members == 0 && side.alone == 0 && side.subjects == 0 && side.routes.is_empty()
}

fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Those who are not counted, where there are any.
fn left_out(left_out: &LeftOutView) -> Option<String> {
    let subjects = |count, what| {
        let subjects = counted(number(count), "subject", "subjects");
        format!("{subjects} {what}")
    };
    let all_orgs = (left_out.all_orgs_subjects > 0).then(|| {
        let what = "with a site role for all orgs, outside of memberships";
        subjects(left_out.all_orgs_subjects, what)
    });
    let public = (left_out.public_orgs > 0).then(|| {
        let orgs = counted(number(left_out.public_orgs), "public org", "public orgs");
        format!("whoever is no member of {orgs}")
    });
    let agents = (left_out.agents > 0).then(|| {
        let agents = counted(number(left_out.agents), "agent", "agents");
        format!("{agents} in acting for somebody")
    });
    let told: Vec<String> = [all_orgs, public, agents].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn counted_by(impact: &ImpactView) -> Markup {
    html! {
        p.quiet.small {
            @if impact.counted_by.is_empty() {
                "Counted by actions, since no service has reported its routes."
            } @else {
                "Counted by the routes of "
                @for (place, service) in impact.counted_by.iter().enumerate() {
                    @if place > 0 { ", " }
                    (id(service))
                }
                "."
            }
            " A member is a subject in an org; by itself is a subject where no org is named."
        }
    }
}

fn shown(side: &SideView, by: By, words: Words) -> Markup {
    let (one, many, _) = by.words();
    let routes = number(side.distinct_routes);
    html! {
        dl.numbers {
            @if side.members > 0 || side.alone == 0 {
                (who(side.members, ("member", "members"), words))
            }
            @if side.alone > 0 {
                (who(side.alone, ("subject by itself", "subjects by themselves"), words))
            }
            (figure(side.subjects, "subject in all", "subjects in all"))
            (figure(side.orgs, "org", "orgs"))
            (figure(side.distinct_routes, one, many))
        }
        @if !side.examples.is_empty() {
            p {
                "Among those who " (words.verb) ": "
                @for (place, example) in side.examples.iter().enumerate() {
                    @if place > 0 { ", " }
                    strong { (id(&example.subject)) }
                    @if let Some(org) = &example.org { " in " (id(org)) } @else { " without an org" }
                }
                "."
            }
        }
        @if !side.routes.is_empty() {
            div.card {
                details open[side.routes.len() <= 6] {
                    summary { (counted(routes, one, many)) " that they " (words.verb) }
                    (table(side, by, words))
                }
            }
        }
    }
}

/// How many lose or gain something.
fn who(count: u64, (one, many): (&str, &str), words: Words) -> Markup {
    let (noun, verb) = if count == 1 {
        (one, words.verbs)
    } else {
        (many, words.verb)
    };
    html! {
        div class=(words.tone) { dt { (noun) " " (verb) } dd { (grouped(number(count))) } }
    }
}

fn figure(count: u64, one: &str, many: &str) -> Markup {
    let noun = if count == 1 { one } else { many };
    html! { div { dt { (noun) } dd { (grouped(number(count))) } } }
}

/// What each route asks, once a mode.
fn table(side: &SideView, by: By, words: Words) -> Markup {
    let (_, many, head) = by.words();
    let is_alone = side.alone > 0;
    html! {
        div.wide role="region" aria-label=(format!("{head}s")) tabindex="0" {
            table.folds {
                caption.unseen { "The " (many) " that they " (words.verb) ", and how many of them" }
                thead { tr {
                    th scope="col" { (head) }
                    th scope="col" { "Asks" }
                    th.end scope="col" { "Members" }
                    @if is_alone { th.end scope="col" { "By themselves" } }
                } }
                tbody {
                    @for route in &side.routes {
                        tr {
                            th scope="row" { (by.name(route)) }
                            td data-name="Asks" { code { (route.asks) } }
                            td.end.number data-name="Members" { (grouped(number(route.members))) }
                            @if is_alone {
                                td.end.number data-name="By themselves" { (grouped(number(route.alone))) }
                            }
                        }
                    }
                }
            }
        }
    }
}
