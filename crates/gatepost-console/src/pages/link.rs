//! Where the console's pages are: paths with ids in them.

use std::fmt::Write;

use maud::{Markup, html};

use crate::base::{Base, query_value};

/// Whether an id can be a segment of a path at all: browsers take these two for steps, however they are encoded.
fn is_a_segment(id: &str) -> bool {
    !matches!(id, "." | "..")
}

/// The paths of the console's pages, behind its base.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links<'a> {
    base: &'a Base,
}

impl<'a> Links<'a> {
    /// The paths behind a base.
    pub(crate) const fn new(base: &'a Base) -> Self {
        Self { base }
    }

    /// A page of the site: `site`, `changes/7`; the home page is nothing.
    pub(crate) fn to(self, page: &str) -> String {
        self.base.to(segments(page))
    }

    /// A page of an org, such as `members`; the first one is nothing.
    ///
    /// An org whose id no path can have gets the search for it.
    pub(crate) fn org(self, org: &str, page: &str) -> String {
        if !is_a_segment(org) {
            return self.orgs_like(org);
        }
        self.base
            .to(["orgs", org].into_iter().chain(segments(page)))
    }

    /// The search for orgs.
    pub(crate) fn orgs_like(self, text: &str) -> String {
        format!("{}?q={}", self.to("orgs"), query_value(text))
    }

    /// What is said of a subject.
    pub(crate) fn subject(self, subject: &str) -> String {
        if !is_a_segment(subject) {
            return format!("{}?q={}", self.to("subjects"), query_value(subject));
        }
        self.base.to(["subjects", subject])
    }

    /// A page of the site, or of an org where there is one.
    pub(crate) fn of(self, org: Option<&str>, page: &str) -> String {
        org.map_or_else(|| self.to(page), |org| self.org(org, page))
    }

    /// A change, of the site or as an org sees it.
    pub(crate) fn change(self, org: Option<&str>, version: u64) -> String {
        self.of(org, &format!("changes/{version}"))
    }
}

/// The segments of a page of the console's own.
fn segments(page: &str) -> impl Iterator<Item = &str> {
    page.split('/').filter(|segment| !segment.is_empty())
}

/// The pairs that have a value, as a query with its question mark, or nothing.
pub(crate) fn query(pairs: &[(&str, Option<&str>)]) -> String {
    let mut query = String::new();
    for (key, value) in pairs {
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            continue;
        };
        let mark = if query.is_empty() { '?' } else { '&' };
        // Writing into a text does not fail.
        let _ = write!(query, "{mark}{key}={}", query_value(value));
    }
    query
}

/// An id, which keeps its own direction and turns nothing beside it.
pub(crate) fn id(text: &str) -> Markup {
    html! { bdi { (text) } }
}

/// An id as a link, where there is a page.
pub(crate) fn linked(text: &str, to: Option<&str>) -> Markup {
    match to {
        Some(to) => html! { a href=(to) { (id(text)) } },
        None => id(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_segment_whatever_it_has_in_it() {
        let base = Base::new("/console").unwrap();
        let links = Links::new(&base);
        for (org, path) in [
            ("acme", "/console/orgs/acme"),
            ("a/b", "/console/orgs/a%2Fb"),
            ("a?b#c", "/console/orgs/a%3Fb%23c"),
            ("100%", "/console/orgs/100%25"),
            ("\"><script>", "/console/orgs/%22%3E%3Cscript%3E"),
            ("größe", "/console/orgs/gr%C3%B6%C3%9Fe"),
            ("a b+c", "/console/orgs/a%20b%2Bc"),
            ("..", "/console/orgs?q=.."),
            (".", "/console/orgs?q=."),
            ("...", "/console/orgs/..."),
        ] {
            assert_eq!(links.org(org, ""), path);
        }
        assert_eq!(links.org("a/b", "members"), "/console/orgs/a%2Fb/members");
        assert_eq!(links.to(""), "/console");
        let root = Base::new("").unwrap();
        assert_eq!(Links::new(&root).org("acme", ""), "/orgs/acme");
        assert_eq!(Links::new(&root).to(""), "/");
    }

    #[test]
    fn a_query_has_what_has_a_value_and_its_values_stay_values() {
        assert_eq!(query(&[("q", None), ("org", Some(""))]), "");
        assert_eq!(
            query(&[("q", Some("a&b=c")), ("org", None), ("after", Some("7"))]),
            "?q=a%26b%3Dc&after=7"
        );
    }

    #[test]
    fn an_id_is_text_on_a_page() {
        let shown = linked("<b>", Some("/orgs/%3Cb%3E")).into_string();
        assert_eq!(shown, "<a href=\"/orgs/%3Cb%3E\"><bdi>&lt;b&gt;</bdi></a>");
    }
}
