//! What was changed, when, by whom and why, as pages tell it.

use maud::{Markup, html};

use super::frame::Looker;
use super::link::{Links, id};
use crate::views::{ChangeView, LastChangeView};

/// A moment, to the second; the whole of it is in the element's `datetime`.
pub(crate) fn moment(at: &str) -> Markup {
    html! { time datetime=(at) { (to_the_second(at)) } }
}

/// `2026-11-22T18:04:05.123Z` as `2026-11-22 18:04:05 UTC`; anything else as it is.
fn to_the_second(at: &str) -> String {
    let Some((day, time)) = at.strip_suffix('Z').and_then(|at| at.split_once('T')) else {
        return at.to_owned();
    };
    let time = time.split_once('.').map_or(time, |(time, _)| time);
    format!("{day} {time} UTC")
}

/// By whom it was, unless that is not told here; an operator's name is what he said it was.
pub(crate) fn by(author: &str, authority: &str) -> Markup {
    html! {
        @if !author.is_empty() { " by " (id(author)) }
        @if !author.is_empty() && authority == "operator" { " (operator)" }
    }
}

/// Who last changed something, and why, in one line; a link where the change has a page for the one who looks.
pub(crate) fn last_change(
    last: Option<&LastChangeView>,
    looker: Looker<'_>,
    org: Option<&str>,
) -> Markup {
    html! {
        @if let Some(last) = last {
            span.quiet.small {
                @match page_of(last, looker, org) {
                    Some(page) => a href=(page) { bdi { (last.sentence) } },
                    None => bdi { (last.sentence) },
                }
                ", "
                (moment(&last.at)) (by(&last.author, &last.authority))
                @if !last.reason.is_empty() { ": " q { bdi { (last.reason) } } }
            }
        }
    }
}

/// The page of a change of an org or of the site. That of the policy as a whole is of the site's log alone.
pub(crate) fn page_of(
    last: &LastChangeView,
    looker: Looker<'_>,
    org: Option<&str>,
) -> Option<String> {
    let org = org.filter(|_| !last.is_of_the_whole);
    let has_page = org.is_some() || looker.me.may_audit_site;
    has_page.then(|| looker.links.change(org, last.version))
}

/// Changes, one below the other.
pub(crate) fn log(changes: &[ChangeView], links: Links<'_>, org: Option<&str>) -> Markup {
    html! {
        ol.log {
            @for change in changes {
                li {
                    a.what href=(links.change(org, change.version)) { bdi { (change.sentence) } }
                    @if !change.reason.is_empty() { blockquote { bdi { (change.reason) } } }
                    span.quiet.small {
                        (moment(&change.at)) (by(&change.author, &change.authority))
                        @if let Some(delegator) = &change.acting_for { " for " (id(delegator)) }
                        " · version " span.number { (change.version) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_to_the_second_and_kept_whole() {
        for (at, shown) in [
            ("2026-11-22T18:04:05.123Z", "2026-11-22 18:04:05 UTC"),
            ("2026-11-22T18:04:05Z", "2026-11-22 18:04:05 UTC"),
            ("2026-11-22T18:04:05+01:00", "2026-11-22T18:04:05+01:00"),
            ("yesterday", "yesterday"),
        ] {
            assert_eq!(to_the_second(at), shown);
        }
        assert!(
            moment("2026-11-22T18:04:05.123Z")
                .into_string()
                .contains("05.123Z")
        );
    }
}
